"""The exercises of chapter 9, *Writing*."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from llm_lib.checks import writing_answers as answers
from llm_lib.checks.answers import Answer, call
from llm_lib.checks.exercise import Exercise, Mistake, wrong_answers
from llm_lib.checks.tensor_answers import close, require_tensor


def _tensor(got: Any, given: str, shape: tuple[int, ...]) -> Tensor:
    return require_tensor(got, given, shape).double()


def _close(got: Tensor, right: Tensor) -> bool:
    return close(got, right, atol=1e-6)


def _said(numbers: Tensor) -> str:
    return f"[{', '.join(f'{number:.3g}' for number in numbers.tolist())}]"


# --- writing.draw ----------------------------------------------------------------------------


def _grade_draw(answer: Answer) -> None:
    probabilities = [0.25, 0.125, 0.5, 0.125]
    given = f"probabilities {probabilities}"
    numbers = [step / 16 + 1 / 32 for step in range(16)]
    got = [call(answer, f"{given} and number {n}", list(probabilities), n) for n in numbers]
    for name, words in (
        ("likeliest", "you take the likeliest token, whatever the number"),
        ("evenly", "each token gets the same share of the numbers"),
        ("not_summed", "the number is held against one probability at a time, not against the sum"),
        ("likeliest_first", "the shares are right, but not in the order of the ids"),
    ):
        wrong = getattr(answers, f"draw_{name}")
        if got == [wrong(probabilities, number) for number in numbers]:
            raise Mistake(f"for {given} {words}")
    for number, id_ in zip(numbers, got, strict=True):
        right = answers.draw(probabilities, number)
        if id_ != right:
            raise Mistake(f"for {given} and number {number} you draw {id_!r}, and not {right}")
    _grade_edges(answer)


def _grade_edges(answer: Answer) -> None:
    for probabilities, number in (([0.0, 0.5, 0.0, 0.5], 0.0), ([0.0, 0.5, 0.0, 0.5], 0.5)):
        id_ = answer(list(probabilities), number)
        if id_ not in (1, 3):
            raise Mistake(
                f"for {probabilities} and number {number} you draw a token that cannot be"
            )
        if id_ != answers.draw(probabilities, number):
            raise Mistake(
                f"for {probabilities} and number {number} you draw {id_}: a share begins with its "
                "first number and ends before its last"
            )
    thirds = [0.333, 0.333, 0.333]
    if answer(list(thirds), 0.9995) != 2:
        raise Mistake(
            f"for {thirds} and number 0.9995 no token is drawn, or a wrong one: rounding has left "
            "a gap at the end, and every number below 1 must find a token"
        )


# --- writing.temperature ---------------------------------------------------------------------


def _grade_temperature(answer: Answer) -> None:
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0])
    for degree in (0.5, 2.0):
        given = f"logits {logits.tolist()} and temperature {degree}"
        got = _tensor(call(answer, given, logits.clone(), degree), given, (4,))
        for name, words in (
            ("multiplied", "the wrong way round: a low temperature must make the model bolder"),
            (
                "too_late",
                "temperature has no effect: dividing all probabilities alike, and then "
                "by their sum, changes nothing",
            ),
            ("not_shared", "your probabilities do not sum to 1"),
        ):
            if _close(got, getattr(answers, f"temperature_{name}")(logits, degree)):
                raise Mistake(f"for {given}: {words}")
        if not _close(got, answers.temperature(logits, degree)):
            raise Mistake(f"for {given} you say {_said(got)}, and they sum to {got.sum():.3g}")
    _grade_cold(answer)


def _grade_cold(answer: Answer) -> None:
    logits = torch.tensor([1.0, 3.0, 3.0, 0.0])
    given = f"logits {logits.tolist()} and temperature 0"
    got = _tensor(call(answer, given, logits.clone(), 0.0), given, (4,))
    if got.isnan().any():
        raise Mistake(
            f"for {given} you divide by 0 and get NaN: say what 0 means before you divide"
        )
    if _close(got, torch.tensor([0.0, 0.5, 0.5, 0.0])):
        raise Mistake(f"for {given} two equal tokens share: the first of them should get all")
    if not _close(got, torch.tensor([0.0, 1.0, 0.0, 0.0])):
        raise Mistake(f"for {given} you say {_said(got)}")
    logits = torch.tensor([50.0, 49.0])
    given = f"logits {logits.tolist()} and temperature 0.01"
    got = _tensor(call(answer, given, logits, 0.01), given, (2,))
    if not _close(got, torch.tensor([1.0, 0.0])):
        raise Mistake(f"for {given} you say {_said(got)}: the powers are too large for a float")


# --- writing.top_k ---------------------------------------------------------------------------


def _grade_top_k(answer: Answer) -> None:
    logits = torch.tensor([-1.0, 3.0, 0.5, 5.0, -4.0])
    given = f"logits {logits.tolist()} and k = 2"
    kept = logits.clone()
    got = _tensor(call(answer, given, kept, 2), given, (5,))
    if not torch.equal(kept, logits):
        raise Mistake(f"for {given} you changed the logits you were given: make new ones")
    for name, words in (
        ("zero", "what you leave out has the logit 0, and that is a probability like any other"),
        ("smallest", "you keep the least likely"),
        ("one_short", "you keep 1 token: the k-th itself is missing"),
    ):
        if torch.equal(got, getattr(answers, f"top_k_{name}")(logits, 2).double()):
            raise Mistake(f"for {given} {words}")
    if not torch.equal(got, answers.top_k(logits, 2).double()):
        raise Mistake(f"for {given} you return {_said(got)}")
    _grade_top_k_edges(answer)


def _grade_top_k_edges(answer: Answer) -> None:
    logits = torch.tensor([1.0, 2.0, 2.0, 2.0, 0.0])
    try:
        got = answer(logits.clone(), 9)
    except (RuntimeError, IndexError):
        raise Mistake("for 5 logits and k = 9 your function stops: all 5 may stay") from None
    if not torch.equal(torch.as_tensor(got), logits):
        raise Mistake("for 5 logits and k = 9 all 5 should stay as they are")
    given = f"logits {logits.tolist()} and k = 2"
    got = _tensor(call(answer, given, logits.clone(), 2), given, (5,))
    n_kept = int((got > -math.inf).sum())
    if n_kept != 2:
        raise Mistake(
            f"for {given} you keep {n_kept}: among equals, those with lower ids come first"
        )
    if not torch.equal(got, answers.top_k(logits, 2).double()):
        raise Mistake(f"for {given} you return {_said(got)}: lower ids come first among equals")


# --- writing.nucleus -------------------------------------------------------------------------


def _grade_nucleus(answer: Answer) -> None:
    probabilities = torch.tensor([0.05, 0.2, 0.1, 0.5, 0.15])
    logits = probabilities.log()
    for p in (0.6, 0.75, 0.99):
        given = f"probabilities {[round(n, 2) for n in probabilities.tolist()]} and p = {p}"
        got = _tensor(call(answer, given, logits.clone(), p), given, (5,))
        kept, right = got > -math.inf, answers.nucleus(logits, p) > -math.inf
        if torch.equal(kept, right):
            if not _close(got[kept], logits[kept]):
                raise Mistake(f"for {given} the logits of the kept tokens have changed")
            continue
        held = probabilities[kept].sum().item()
        for name, words in (
            ("cuts_the_last", f"you keep a share of {held:.2f}: the token that reaches p is cut"),
            (
                "not_put_back",
                "you keep the right number of tokens, and the wrong ones: your mask is "
                "in the order of the sorted tokens",
            ),
            ("unsorted", "you add up in the order of the ids: the likeliest come first"),
            ("each", "you hold each probability itself against p, and not their sum"),
        ):
            if torch.equal(kept, getattr(answers, f"nucleus_{name}")(logits, p) > -math.inf):
                raise Mistake(f"for {given} {words}")
        ids = kept.nonzero().flatten().tolist()
        raise Mistake(f"for {given} you keep ids {ids}; do your places still belong to your ids?")
    got = _tensor(answer(logits.clone(), 0.0), "p = 0", (5,))
    if int((got > -math.inf).sum()) != 1 or int(got.argmax()) != 3:
        raise Mistake("for p = 0 nothing is left, or too much: the likeliest token always stays")


# --- writing.cache ---------------------------------------------------------------------------


def _grade_cache(answer: Answer) -> None:
    ids = [2, 5, 2, 2, 0, 4]  # one token at several positions
    given = f"the ids {ids}, one after the other,"
    rows, n_keys, n_values = answers.read_all(lambda *given_: call(answer, given, *given_), ids)
    got = torch.stack([_tensor(row, given, (4,)) for row in rows])
    if (n_keys, n_values) == (0, 0):
        raise Mistake(f"for {given} the cache stays empty: what a token leaves, the next ones need")
    if n_keys != n_values:
        raise Mistake(f"for {given} {n_keys} keys are kept and {n_values} values")
    for name, words in (
        ("at_zero", "each token stands at position 0: after three tokens, where does the next go?"),
        ("one_late", "positions begin at 1, and the model was trained with 0"),
        ("nowhere", "the tokens have no position"),
        ("forgets", "a token sees the one before it and no further: the cache is overwritten"),
        ("not_itself", "a token does not see itself: its own key comes too late"),
    ):
        if _close(got, _mixtures(getattr(answers, f"read_token_{name}"), ids)):
            raise Mistake(f"for {given} {words}")
    if n_keys != len(ids):
        raise Mistake(f"for {given} {n_keys} keys are kept: each token leaves one")
    if not _close(got, _mixtures(answers.read_token, ids)):
        raise Mistake(f"for {given} your mixtures are not those of causal attention on all of them")


def _mixtures(answer: Answer, ids: list[int]) -> Tensor:
    return torch.stack(answers.read_all(answer, ids)[0])


EXERCISES = {
    "draw": Exercise(
        task="Draw a token from a distribution with one number between 0 and 1.",
        grade=_grade_draw,
        reference=answers.draw,
        wrong=wrong_answers(
            (answers.draw_likeliest, "you take the likeliest token"),
            (answers.draw_evenly, "the same share"),
            (answers.draw_not_summed, "one probability at a time"),
            (answers.draw_likeliest_first, "not in the order of the ids"),
            (answers.draw_at_most, "a token that cannot be"),
            (answers.draw_falls_off, "a gap at the end"),
        ),
        well_done="every number finds its token, and no token that cannot be.",
    ),
    "temperature": Exercise(
        task="Make probabilities of logits at any temperature, 0 included.",
        grade=_grade_temperature,
        reference=answers.temperature,
        wrong=wrong_answers(
            (answers.temperature_multiplied, "the wrong way round"),
            (answers.temperature_too_late, "temperature has no effect"),
            (answers.temperature_not_shared, "do not sum to 1"),
            (answers.temperature_zero_divides, "you divide by 0"),
            (answers.temperature_zero_shares, "two equal tokens share"),
            (answers.temperature_overflows, "too large for a float"),
        ),
        well_done="from the likeliest alone at 0 to nearly even, without a NaN on the way.",
    ),
    "top_k": Exercise(
        task="Keep exactly the k largest logits.",
        grade=_grade_top_k,
        reference=answers.top_k,
        wrong=wrong_answers(
            (answers.top_k_zero, "a probability like any other"),
            (answers.top_k_smallest, "the least likely"),
            (answers.top_k_one_short, "the k-th itself is missing"),
            (answers.top_k_ties, "you keep 3"),
            (answers.top_k_too_many, "all 5 may stay"),
            (answers.top_k_in_place, "you changed the logits"),
        ),
        well_done="exactly k, also among equals, and all of them where k is large.",
    ),
    "nucleus": Exercise(
        task="Keep the fewest tokens that hold a share of at least p.",
        grade=_grade_nucleus,
        reference=answers.nucleus,
        wrong=wrong_answers(
            (answers.nucleus_cuts_the_last, "the token that reaches p is cut"),
            (answers.nucleus_not_put_back, "in the order of the sorted tokens"),
            (answers.nucleus_unsorted, "in the order of the ids"),
            (answers.nucleus_each, "and not their sum"),
            (answers.nucleus_empty, "the likeliest token always stays"),
        ),
        well_done="few where the model is sure, many where it is not, and never none.",
    ),
    "cache": Exercise(
        task="Read a text token by token with kept keys and values, as if it were read at once.",
        grade=_grade_cache,
        reference=answers.read_token,
        wrong=wrong_answers(
            (answers.read_token_at_zero, "each token stands at position 0"),
            (answers.read_token_one_late, "positions begin at 1"),
            (answers.read_token_nowhere, "have no position"),
            (answers.read_token_forgets, "overwritten"),
            (answers.read_token_not_itself, "does not see itself"),
            (answers.read_token_keeps_nothing, "the cache stays empty"),
        ),
        well_done="token by token or all at once, the same mixtures.",
    ),
}
