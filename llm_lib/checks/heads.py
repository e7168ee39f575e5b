"""The exercises of chapter 6, *Causal and multi-head attention*."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from llm_lib.checks import heads_answers as answers
from llm_lib.checks.answers import Answer, call, require_type
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer
from llm_lib.checks.tensor_answers import close, require_tensor, seeded


def _stack(answer: Answer, given: str, shape: tuple[int, ...], *arguments: Any) -> Any:
    """What the answer makes of a stack of texts, with words where it only takes one."""
    counts = "one text works; from which end does your code count the dimensions?"
    try:
        got = answer(*arguments)
    except (RuntimeError, IndexError) as error:
        raise Mistake(f"for {given} PyTorch says: {error}. But {counts}") from error
    if isinstance(got, Tensor) and got.ndim < len(shape):
        raise Mistake(
            f"for {given} your shape is {tuple(got.shape)}; {shape} is asked for. But {counts}"
        )
    return got


# --- heads.causal_mask -----------------------------------------------------------------------


def _grade_causal_mask(answer: Answer) -> None:
    for length, past in ((3, 0), (5, 0), (1, 4), (2, 3)):
        given = f"length {length} and past {past}"
        got = require_tensor(call(answer, given, length, past), given, (length, past + length))
        if got.dtype != torch.bool:
            raise Mistake(f"for {given} your mask has dtype {got.dtype}; bool is asked for")
        _grade_mask(got, answers.causal_mask(length, past), given, past)


def _grade_mask(got: Tensor, right: Tensor, given: str, past: int) -> None:
    if torch.equal(got, right):
        return
    if torch.equal(got, ~right):
        raise Mistake(f"for {given} your mask is True where a query may not look")
    if past and torch.equal(got, answers.mask_unmoved(len(got), past)):
        raise Mistake(
            f"for {given}: without a past your mask is right; here query 0 stands at place {past}, "
            f"and your mask treats it as if it stood at place 0"
        )
    itself = torch.arange(len(got))
    if not got[itself, past + itself].any():
        raise Mistake(f"for {given} no query may look at its own place")
    if (got & ~right).any():
        query, key = (got & ~right).nonzero()[0].tolist()
        raise Mistake(
            f"for {given} your query {query}, at place {past + query}, may look at place {key}, "
            "which lies ahead of it"
        )
    query, key = (~got & right).nonzero()[0].tolist()
    raise Mistake(
        f"for {given} your query {query}, at place {past + query}, may not look at place {key}, "
        "which lies behind it"
    )


# --- heads.split -----------------------------------------------------------------------------


def _grade_split(answer: Answer) -> None:
    for leading in ((), (2,), (2, 3)):
        x = seeded(*leading, 5, 12)
        given = f"x of shape {tuple(x.shape)} and 3 heads"
        shape = (*leading, 3, 5, 4)
        got = _stack(answer, given, shape, x, 3) if leading else call(answer, given, x, 3)
        if isinstance(got, Tensor) and close(got, answers.split_untransposed(x, 3)):
            raise Mistake(
                f"for {given} each token holds all heads: your shape is {tuple(got.shape)}, and "
                "head and token have yet to change places"
            )
        got = require_tensor(got, given, shape)
        if close(got, answers.split(x, 3)):
            continue
        if close(got, answers.split_by_view(x, 3)):
            raise Mistake(
                f"for {given} the shape is right and the numbers have moved: your head 0 holds all "
                "columns of the first tokens, where it should hold the first columns of all tokens"
            )
        if close(got, answers.split_interleaved(x, 3)):
            raise Mistake(f"for {given} your head 0 gets columns 0, 3, 6, 9: every third one")
        raise Mistake(f"for {given} the shape is right, but the numbers are in other places")


# --- heads.merge -----------------------------------------------------------------------------


def _grade_merge(answer: Answer) -> None:
    for leading in ((), (2,), (2, 3)):
        heads = seeded(*leading, 3, 5, 4)
        given = f"heads of shape {tuple(heads.shape)}"
        shape = (*leading, 5, 12)
        got = _stack(answer, given, shape, heads) if leading else call(answer, given, heads)
        if isinstance(got, Tensor) and close(got, answers.merge_by_sum(heads)):
            raise Mistake(
                f"for {given} you add the heads up: after that nobody can tell them apart"
            )
        got = require_tensor(got, given, shape)
        if close(got, answers.merge(heads)):
            continue
        if close(got, answers.merge_by_view(heads)):
            raise Mistake(
                f"for {given} the shape is right, but a row of yours holds one head at several "
                "tokens, where it should hold one token in all heads"
            )
        if close(got, answers.merge_interleaved(heads)):
            raise Mistake(f"for {given} your columns take turns between the heads")
        raise Mistake(f"for {given} the shape is right, but the numbers are in other places")


# --- heads.masked ----------------------------------------------------------------------------


def _grade_masked(answer: Answer) -> None:
    queries, keys, values = (seeded(2, 5, 8, seed=seed) for seed in (0, 1, 2))
    all_three = (queries, keys, values)
    given = "queries, keys and values of shape (2, 5, 8)"
    got = require_tensor(call(answer, given, *all_three), given, (2, 5, 8))
    for wrong, mistake in (
        (answers.masked_after, "the shares of what may be seen do not sum to 1, for the softmax "
         "has dealt some of the whole to the future before you took it away"),
        (answers.masked_with_zero, "a score of 0 is not “do not look”: e to the power 0 is 1"),
        (answers.masked_past, "your queries see the future and not the past"),
        (answers.masked_nothing, "your queries see everything"),
    ):  # fmt: skip
        if close(got, wrong(*all_three)):
            raise Mistake(f"for {given}: {mistake}")
    if not close(got, answers.masked(*all_three)):
        raise Mistake(f"for {given} your mixtures are not those of causal attention")
    loud = keys.clone()
    loud[:, -1] = queries[:, 0] * 1000  # place 0 would love to look at the last
    if not torch.isfinite(answer(queries, loud, values)).all():
        raise Mistake(
            "where a hidden key fits a query very well, your mixtures are not numbers: the softmax "
            "gives it everything, nothing is left for the rest, and then you divide by nothing"
        )


# --- heads.leaks -----------------------------------------------------------------------------


def _by_shift(shift: int) -> answers.Look:
    """Each place shows what stands ``shift`` places after it (before it, if negative)."""

    def look(x: Tensor) -> Tensor:
        moved = torch.zeros_like(x)
        if shift >= 0:
            moved[..., : x.shape[-2] - shift, :] = x[..., shift:, :]
        else:
            moved[..., -shift:, :] = x[..., :shift, :]
        return moved

    return look


def _attend(x: Tensor) -> Tensor:
    return answers.masked(x, x, x)


def _attend_after(x: Tensor) -> Tensor:
    return answers.masked_after(x, x, x)


def _noisy(x: Tensor) -> Tensor:
    """A causal sum whose last digits depend on the length, as those of real kernels do."""
    return x.cumsum(dim=-2) * (1 + 1e-7 * x.shape[-2])


_LOOKS: tuple[tuple[str, answers.Look, bool], ...] = (
    ("one in which each place reads the place before it", _by_shift(-1), False),
    ("attention with a causal mask", _attend, False),
    ("attention without a mask", lambda x: answers.masked_nothing(x, x, x), True),
    ("one in which each place reads the place after it", _by_shift(1), True),
    ("attention with weights set to 0 after the softmax", _attend_after, True),
    ("a causal sum whose last digits are not exact", _noisy, False),
)


def _grade_leaks(answer: Answer) -> None:
    for what, look, right in _LOOKS:
        x = seeded(2, 6, 8)
        kept = x.clone()
        got = call(answer, what, look, x)
        require_type(got, bool, "True or False")
        if not torch.equal(x, kept):
            raise Mistake("your function changes the x that it was given: work on a copy")
        if got != right:
            said, is_so = ("leaks", "it does not") if got else ("does not leak", "it does")
            raise Mistake(f"you say that {what} {said}; {is_so}")


EXERCISES = {
    "causal_mask": Exercise(
        task="Which key each query may look at, for a text with a past.",
        grade=_grade_causal_mask,
        reference=answers.causal_mask,
        wrong=(
            WrongAnswer(answers.mask_of_hidden, "True where a query may not look"),
            WrongAnswer(answers.mask_of_future, "which lies ahead of it"),
            WrongAnswer(answers.mask_without_itself, "no query may look at its own place"),
            WrongAnswer(answers.mask_unmoved, "as if it stood at place 0"),
            WrongAnswer(answers.mask_square, "your shape is"),
            WrongAnswer(answers.mask_of_numbers, "bool is asked for"),
        ),
        well_done="a token may look at itself and back, wherever the piece of text begins.",
    ),
    "split": Exercise(
        task="Deal the columns of each token out to the heads.",
        grade=_grade_split,
        reference=answers.split,
        wrong=(
            WrongAnswer(answers.split_by_view, "the first columns of all tokens"),
            WrongAnswer(answers.split_interleaved, "every third one"),
            WrongAnswer(answers.split_untransposed, "have yet to change places"),
            WrongAnswer(answers.split_one_text, "But one text works"),
        ),
        well_done="each head has its own columns of every token, and no number was touched.",
    ),
    "merge": Exercise(
        task="Lay the heads side by side again.",
        grade=_grade_merge,
        reference=answers.merge,
        wrong=(
            WrongAnswer(answers.merge_by_view, "one head at several tokens"),
            WrongAnswer(answers.merge_interleaved, "take turns"),
            WrongAnswer(answers.merge_by_sum, "you add the heads up"),
            WrongAnswer(answers.merge_one_text, "But one text works"),
        ),
        well_done="split and merge are each other's way back.",
    ),
    "masked": Exercise(
        task="Causal attention in which nothing of the future is left.",
        grade=_grade_masked,
        reference=answers.masked,
        wrong=(
            WrongAnswer(answers.masked_after, "dealt some of the whole to the future"),
            WrongAnswer(answers.masked_with_zero, "e to the power 0 is 1"),
            WrongAnswer(answers.masked_and_divided, "you divide by nothing"),
            WrongAnswer(answers.masked_past, "see the future and not the past"),
            WrongAnswer(answers.masked_nothing, "your queries see everything"),
        ),
        well_done="what is hidden before the softmax was never there.",
    ),
    "leaks": Exercise(
        task="Whether anything of the future reaches the past.",
        grade=_grade_leaks,
        reference=answers.leaks,
        wrong=(
            WrongAnswer(answers.leaks_last_on_first, "reads the place after it does not leak"),
            WrongAnswer(answers.leaks_anywhere, "with a causal mask leaks"),
            WrongAnswer(answers.leaks_backwards, "reads the place before it leaks"),
            WrongAnswer(answers.leaks_in_place, "work on a copy"),
            WrongAnswer(answers.leaks_to_the_digit, "last digits are not exact leaks"),
        ),
        well_done="change the future, watch the past: a test for every model that you meet.",
    ),
}
