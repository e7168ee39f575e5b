"""The exercises of chapter 4, *Embeddings*."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from llm_lib.checks.answers import Answer, call
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer
from llm_lib.checks.tensor_answers import close, require_tensor

# --- embeddings.one_hot ----------------------------------------------------------------------


def _one_hot(ids: Tensor, vocab_size: int) -> Tensor:
    rows = torch.zeros(len(ids), vocab_size)  # (T, V)
    rows[torch.arange(len(ids)), ids] = 1.0
    return rows


def _grade_one_hot(answer: Answer) -> None:
    for values, vocab_size in [([2, 0, 3], 5), ([1, 1], 3), ([4], 5)]:
        ids = torch.tensor(values)
        given = f"ids {values} and vocab_size {vocab_size}"
        got = require_tensor(call(answer, given, ids, vocab_size), given)
        if got.shape == (vocab_size, len(ids)):
            raise Mistake(
                f"for {given} your shape is {tuple(got.shape)}: one row for each id, please"
            )
        if got.shape != (len(ids), vocab_size):
            raise Mistake(
                f"for {given} your shape is {tuple(got.shape)}, not {(len(ids), vocab_size)}"
            )
        if not close(got.sum(dim=1), torch.ones(len(ids))):
            raise Mistake(
                f"for {given} your rows sum to {got.sum(dim=1).tolist()}: each holds a single 1"
            )
        if not close(got, _one_hot(ids, vocab_size)):
            raise Mistake(f"for {given} the 1 stands in columns {got.argmax(dim=1).tolist()}")


def _one_hot_transposed(ids: Tensor, vocab_size: int) -> Tensor:
    return _one_hot(ids, vocab_size).T


def _one_hot_with_ids(ids: Tensor, vocab_size: int) -> Tensor:
    return _one_hot(ids, vocab_size) * ids[:, None]


def _one_hot_off_by_one(ids: Tensor, vocab_size: int) -> Tensor:
    return _one_hot((ids + 1) % vocab_size, vocab_size)


# --- embeddings.cosine -----------------------------------------------------------------------


def _cosine(a: Tensor, b: Tensor) -> Tensor:
    return (a @ b) / (a.norm() * b.norm())


def _grade_cosine(answer: Answer) -> None:
    cases = [
        ([3.0, 4.0], [4.0, 3.0]),
        ([1.0, 0.0], [0.0, 2.0]),
        ([1.0, 2.0, 2.0], [-2.0, -4.0, -4.0]),
    ]
    for left, right in cases:
        a, b = torch.tensor(left), torch.tensor(right)
        given = f"{left} and {right}"
        got = torch.as_tensor(call(answer, given, a, b))
        if got.shape != ():
            raise Mistake(
                f"for {given} you return {tuple(got.shape)} numbers; the cosine is a single one"
            )
        got, right_answer = float(got), float(_cosine(a, b))
        if math.isclose(got, right_answer, abs_tol=1e-5):
            continue
        if math.isclose(got, float(a @ b), abs_tol=1e-5):
            raise Mistake(f"for {given} you say {got:.2f}: longer vectors get larger numbers")
        if math.isclose(got, float((a @ b) / ((a @ a) * (b @ b))), abs_tol=1e-5):
            raise Mistake(f"for {given} you say {got:.2f}: the lengths lack their square root")
        if math.isclose(got, abs(right_answer), abs_tol=1e-5):
            raise Mistake(f"for {given} you say {got:.2f}: opposite directions give −1, not 1")
        raise Mistake(f"for {given} you say {got:.2f}, which is not the cosine")


def _cosine_dot(a: Tensor, b: Tensor) -> Tensor:
    return a @ b


def _cosine_no_root(a: Tensor, b: Tensor) -> Tensor:
    return (a @ b) / ((a @ a) * (b @ b))


def _cosine_absolute(a: Tensor, b: Tensor) -> Tensor:
    return _cosine(a, b).abs()


def _cosine_elementwise(a: Tensor, b: Tensor) -> Tensor:
    return (a * b) / (a.norm() * b.norm())


# --- embeddings.cross_entropy ----------------------------------------------------------------


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    shifted = logits - logits.max(dim=-1, keepdim=True).values  # (T, V)
    log_probabilities = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    return -log_probabilities[torch.arange(len(targets)), targets].mean()


def _grade_cross_entropy(answer: Answer) -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 3.0], [0.5, 0.5, 0.0]])
    targets = torch.tensor([0, 1, 2])
    given = "three rows of logits"
    got = torch.as_tensor(call(answer, given, logits, targets))
    if got.shape != ():
        raise Mistake(f"for {given} you return {got.numel()} losses; give their mean")
    got, right = float(got), float(_cross_entropy(logits, targets))
    guesses = {
        -right: "a loss is positive here, and yours is negative: log p is negative",
        right * len(targets): "you return the sum over positions; it must not grow with the text",
        float(_cross_entropy(logits.T, targets)): "your probabilities sum to 1 over positions, "
        "not over the vocabulary",
        right / math.log(2): "that is in bits; nats are asked for",
    }
    if not math.isclose(got, right, abs_tol=1e-4):
        for guess, words in guesses.items():
            if math.isclose(got, guess, abs_tol=1e-4):
                raise Mistake(f"for {given} you say {got:.3f}: {words}")
        raise Mistake(f"for {given} you say {got:.3f}, which is not the mean of −log p")
    large = float(torch.as_tensor(answer(logits * 500, targets)))
    if not math.isfinite(large):
        raise Mistake(
            f"for logits in the hundreds you say {large}: e to the power of 1,000 is beyond any "
            "float; softmax does not change when all logits of a row move by the same amount"
        )


def _cross_entropy_negative(logits: Tensor, targets: Tensor) -> Tensor:
    return -_cross_entropy(logits, targets)


def _cross_entropy_sum(logits: Tensor, targets: Tensor) -> Tensor:
    return _cross_entropy(logits, targets) * len(targets)


def _cross_entropy_wrong_axis(logits: Tensor, targets: Tensor) -> Tensor:
    log_probabilities = logits.log_softmax(dim=0)
    return -log_probabilities.T[torch.arange(len(targets)), targets].mean()


def _cross_entropy_overflow(logits: Tensor, targets: Tensor) -> Tensor:
    probabilities = logits.exp() / logits.exp().sum(dim=-1, keepdim=True)
    return -probabilities[torch.arange(len(targets)), targets].log().mean()


# --- embeddings.positions --------------------------------------------------------------------


def _add_positions(ids: Tensor, token_table: Tensor, position_table: Tensor) -> Tensor:
    return token_table[ids] + position_table[: ids.shape[-1]]


def _grade_positions(answer: Answer) -> None:
    generator = torch.Generator().manual_seed(0)
    token_table = torch.randn(6, 4, generator=generator)
    position_table = torch.randn(8, 4, generator=generator)
    ids = torch.tensor(
        [[2, 0, 5, 0], [1, 4, 3, 3], [0, 0, 0, 0], [5, 4, 3, 2]]
    )  # (B, T), B = T = C
    given = "ids of shape (4, 4), V = 6, C = 4"
    got = require_tensor(call(answer, given, ids, token_table, position_table), given)
    if got.shape != (4, 4, 4):
        raise Mistake(
            f"for {given} your shape is {tuple(got.shape)}; (B, T, C) = (4, 4, 4) is asked for"
        )
    tokens, places = token_table[ids], position_table[:4]
    if close(got, tokens):
        raise Mistake(
            f"for {given} the same token gives the same vector everywhere: no position in it"
        )
    if close(got, tokens + position_table[ids]):
        raise Mistake(
            f"for {given} the position vector is chosen by the token's id, not by its place"
        )
    if close(got, tokens + places[:, None, :]):
        raise Mistake(
            f"for {given} all tokens of a sequence get one position, and each sequence of the "
            "batch another: the vectors vary along B instead of T"
        )
    if not close(got, tokens + places):
        raise Mistake(f"for {given} your sums differ from token vector plus position vector")


def _positions_none(ids: Tensor, token_table: Tensor, position_table: Tensor) -> Tensor:
    return token_table[ids]


def _positions_by_id(ids: Tensor, token_table: Tensor, position_table: Tensor) -> Tensor:
    return token_table[ids] + position_table[ids]


def _positions_along_batch(ids: Tensor, token_table: Tensor, position_table: Tensor) -> Tensor:
    places = torch.arange(ids.shape[0])[:, None]  # (B, 1)
    return token_table[ids] + position_table[places]


EXERCISES = {
    "one_hot": Exercise(
        task="Turn ids into rows of zeros with a single one.",
        grade=_grade_one_hot,
        reference=_one_hot,
        wrong=(
            WrongAnswer(_one_hot_transposed, "one row for each id"),
            WrongAnswer(_one_hot_with_ids, "each holds a single 1"),
            WrongAnswer(_one_hot_off_by_one, "the 1 stands in columns"),
        ),
        well_done="one row per id, and one 1 per row: times a table, it picks a row.",
    ),
    "cosine": Exercise(
        task="Say how far two vectors point the same way.",
        grade=_grade_cosine,
        reference=_cosine,
        wrong=(
            WrongAnswer(_cosine_dot, "longer vectors get larger numbers"),
            WrongAnswer(_cosine_no_root, "lack their square root"),
            WrongAnswer(_cosine_absolute, "opposite directions give −1"),
            WrongAnswer(_cosine_elementwise, "the cosine is a single one"),
        ),
        well_done="the direction counts, the length does not.",
    ),
    "cross_entropy": Exercise(
        task="The mean of −log p over the positions, in nats, for logits of any size.",
        grade=_grade_cross_entropy,
        reference=_cross_entropy,
        wrong=(
            WrongAnswer(_cross_entropy_negative, "a loss is positive here"),
            WrongAnswer(_cross_entropy_sum, "the sum over positions"),
            WrongAnswer(_cross_entropy_wrong_axis, "sum to 1 over positions"),
            WrongAnswer(_cross_entropy_overflow, "beyond any float"),
        ),
        well_done="right, in nats, and safe for large logits.",
    ),
    "positions": Exercise(
        task="Add to each token's vector that of its place.",
        grade=_grade_positions,
        reference=_add_positions,
        wrong=(
            WrongAnswer(_positions_none, "no position in it"),
            WrongAnswer(_positions_by_id, "chosen by the token's id"),
            WrongAnswer(_positions_along_batch, "vary along B instead of T"),
        ),
        well_done="each place adds its own vector, in every sequence of the batch.",
    ),
}
