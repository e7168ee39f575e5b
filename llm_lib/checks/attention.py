"""The exercises of chapter 5, *Attention from scratch*."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from llm_lib.checks import attention_answers as answers
from llm_lib.checks.answers import Answer, call, require_type
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer
from llm_lib.checks.tensor_answers import close, require_tensor, seeded

# --- attention.weights -----------------------------------------------------------------------


def _grade_weights(answer: Answer) -> None:
    queries, keys = seeded(3, 16), seeded(4, 16, seed=1)
    given = "queries of shape (3, 16) and keys of shape (4, 16)"
    got = require_tensor(call(answer, given, queries, keys), given, (3, 4))
    if close(got, answers.dots(queries, keys)) or close(got, answers.dots(queries, keys) / 4):
        raise Mistake(f"for {given} you return scores: some are negative, and no row sums to 1")
    if not close(got.sum(dim=-1), torch.ones(3)):
        words = "your columns do, and your rows do not: " if _sums_to_one(got.T) else ""
        raise Mistake(f"for {given} {words}the weights of each query must sum to 1")
    for width, mistake in (
        (1.0, "your weights are those of the bare dot products: their width, 16, has no say"),
        (16.0, "your weights are too even: that divides by the width and not by its root"),
        (math.sqrt(3), "you divide by the root of the number of queries, not of the width"),
        (math.sqrt(4), "you divide by the root of the number of keys, not of the width"),
    ):
        if close(got, (answers.dots(queries, keys) / width).softmax(dim=-1)):
            raise Mistake(f"for {given} {mistake}")
    if not close(got, answers.weights(queries, keys)):
        raise Mistake(f"for {given} your weights sum to 1, but they are not those of the scores")


def _sums_to_one(rows: Tensor) -> bool:
    return close(rows.sum(dim=-1), torch.ones(rows.shape[:-1]))


# --- attention.mixture -----------------------------------------------------------------------


def _grade_mixture(answer: Answer) -> None:
    queries, keys, values = seeded(3, 8), seeded(3, 8, seed=1), seeded(3, 5, seed=2)
    given = "queries and keys of shape (3, 8) and values of shape (3, 5)"
    got = require_tensor(call(answer, given, queries, keys, values), given, (3, 5))
    weights, given_all = answers.weights(queries, keys), (queries, keys, values)
    for wrong, mistake in (
        (answers.mixture_unscaled(*given_all), "the scores are not scaled"),
        (answers.mixture_by_value_width(*given_all), "you scale by the width of the values"),
        (weights.T @ values, "mixture i takes value j by how much j looks at i"),
        (answers.mixture_unnormalised(*given_all), "the weights of a mixture do not sum to 1"),
        (answers.mixture_average(*given_all), "every query gets one average, whatever it asks"),
    ):
        if close(got, wrong):
            raise Mistake(f"for {given}: {mistake}")
    if not close(got, weights @ values):
        raise Mistake(f"for {given} your mixtures are not the weights times the values")
    _grade_batches(answer)
    large = answer(queries * 1000, keys, values)
    if not torch.isfinite(large).all():
        raise Mistake(
            "for scores in the thousands your mixtures are not finite: e to such a power is beyond "
            "any float; the softmax of PyTorch knows a way round it, and chapter 4 showed which"
        )


def _grade_batches(answer: Answer) -> None:
    queries, keys, values = seeded(2, 4, 3, 8), seeded(2, 4, 6, 8, seed=1), seeded(2, 4, 6, 5)
    given = "a stack of 2 × 4 texts, with 3 queries and 6 keys each"
    try:
        got = answer(queries, keys, values)
    except (RuntimeError, IndexError) as error:
        raise Mistake(
            f"one text works, but for {given} PyTorch says: {error}. Which dimensions does your "
            "code swap, and from which end does it count them?"
        ) from error
    got = require_tensor(got, given, (2, 4, 3, 5))
    if not close(got, answers.mixture(queries, keys, values)):
        raise Mistake(f"one text works, but for {given} your mixtures are others")


# --- attention.axis --------------------------------------------------------------------------


def _grade_axis(answer: Answer) -> None:
    weights = [seeded(6, 4, seed=seed) for seed in (1, 2, 3)]  # (C, d) each
    for shape in ((5, 6), (3, 5, 6)):
        x = seeded(*shape)
        given = f"x of shape {shape}, with C = 6 and d = 4"
        got = require_tensor(call(answer, given, x, *weights), given, (*shape[:-1], 4))
        if close(got, answers.self_attention(x, *weights)):
            continue
        if close(got, answers.attend_over(-2, x, *weights)):
            raise Mistake(
                f"for {given} the weights sum to 1 over the queries: each key deals itself out, "
                "and a query may end up with much or with next to nothing"
            )
        if len(shape) == 3 and close(got, answers.attend_over(0, x, *weights)):
            raise Mistake(f"for {given} the weights sum to 1 over the texts of the batch")
        if close(got, answers.attend_scaled_by(6, x, *weights)):
            raise Mistake(f"for {given} you scale by the width of x; d is that of the queries")
        if close(got, answers.attend_scaled_by(1, x, *weights)):
            raise Mistake(f"for {given} the scaling by √d is gone")
        if close(got, answers.mixture(x @ weights[1], x @ weights[0], x @ weights[2])):
            raise Mistake(f"for {given} queries and keys have changed places")
        raise Mistake(f"for {given} your mixtures are not those of self-attention")


# --- attention.previous ----------------------------------------------------------------------


def _grade_previous(answer: Answer) -> None:
    for length in (2, 5, 12):
        given = f"a text of {length} tokens"
        made = call(answer, given, length)
        require_type(made, tuple, "two tensors, queries and keys")
        if len(made) != 2 or not all(isinstance(part, Tensor) for part in made):
            raise Mistake(f"for {given} return two tensors: queries, keys")
        queries, keys = made
        if queries.shape != keys.shape or queries.shape[:-1] != (length,):
            shapes = f"{tuple(queries.shape)} and {tuple(keys.shape)}"
            raise Mistake(f"for {given} your shapes are {shapes}; both must be ({length}, d)")
        _grade_looks_back(answers.weights(queries.float(), keys.float()), given)


def _grade_looks_back(weights: Tensor, given: str) -> None:
    asking = torch.arange(1, len(weights))  # place 0 has nobody before it
    looks_at = weights[asking].argmax(dim=-1)
    spread = weights[asking].amax(dim=-1) - weights[asking].amin(dim=-1)
    if (spread < 1e-4).all():
        raise Mistake(f"for {given} every place looks everywhere alike")
    if (looks_at == asking).all():
        raise Mistake(f"for {given} every place looks at itself")
    if len(weights) > 2 and (looks_at[:-1] == asking[:-1] + 1).all():
        raise Mistake(f"for {given} every place looks at the one after it")
    wrong = (looks_at != asking - 1).nonzero().flatten().tolist()
    if wrong:
        place, at = wrong[0] + 1, int(looks_at[wrong[0]])
        raise Mistake(f"for {given} place {place} looks mostly at place {at}")
    least = float(weights[asking, asking - 1].min())
    if least < 0.9:
        raise Mistake(
            f"for {given} every place looks at the one before it, but with a weight of "
            f"{least:.2f} only; 0.9 is asked for. What makes a softmax more decided?"
        )


EXERCISES = {
    "weights": Exercise(
        task="From queries and keys to attention weights.",
        grade=_grade_weights,
        reference=answers.weights,
        wrong=(
            WrongAnswer(answers.weights_scores, "you return scores"),
            WrongAnswer(answers.weights_unscaled, "those of the bare dot products"),
            WrongAnswer(answers.weights_by_width, "too even"),
            WrongAnswer(answers.weights_by_columns, "the weights of each query must sum to 1"),
        ),
        well_done="each query deals out one whole, and the width does not decide how sharply.",
    ),
    "mixture": Exercise(
        task="Scaled dot-product attention, for any leading dimensions.",
        grade=_grade_mixture,
        reference=answers.mixture,
        wrong=(
            WrongAnswer(answers.mixture_unscaled, "the scores are not scaled"),
            WrongAnswer(answers.mixture_by_value_width, "by the width of the values"),
            WrongAnswer(answers.mixture_transposed, "by how much j looks at i"),
            WrongAnswer(answers.mixture_average, "whatever it asks"),
            WrongAnswer(answers.mixture_unnormalised, "do not sum to 1"),
            WrongAnswer(answers.mixture_one_text, "PyTorch says"),
            WrongAnswer(answers.mixture_overflow, "beyond any float"),
        ),
        well_done="one text or a stack of them, it is the same line of code.",
    ),
    "axis": Exercise(
        task="Self-attention that is right for one text and for a batch.",
        grade=_grade_axis,
        reference=answers.self_attention,
        wrong=(
            WrongAnswer(answers.axis_one, "sum to 1 over the queries"),
            WrongAnswer(answers.axis_zero, "over the texts of the batch"),
            WrongAnswer(answers.axis_wide, "you scale by the width of x"),
            WrongAnswer(answers.axis_swapped, "have changed places"),
        ),
        well_done="axes counted from the end stay right when a batch is put in front.",
    ),
    "previous": Exercise(
        task="Queries and keys by which each place looks at the one before it.",
        grade=_grade_previous,
        reference=answers.previous,
        wrong=(
            WrongAnswer(answers.previous_itself, "looks at itself"),
            WrongAnswer(answers.previous_next, "looks at the one after it"),
            WrongAnswer(answers.previous_timid, "What makes a softmax more decided?"),
            WrongAnswer(answers.previous_even, "everywhere alike"),
        ),
        well_done="a head that looks one back, from nothing but places. Trained models grow it.",
    ),
}
