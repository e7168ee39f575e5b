"""The exercises of chapter 3, *Feeding the model*. Plain lists: no torch."""

from __future__ import annotations

import random

from llm_lib.checks.answers import Answer, call
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer

# --- batches.pairs ---------------------------------------------------------------------------


def _pairs(tokens: list[int], start: int, context_size: int) -> tuple[list[int], list[int]]:
    stop = start + context_size
    return tokens[start:stop], tokens[start + 1 : stop + 1]


def _grade_pairs(answer: Answer) -> None:
    tokens = [10, 11, 12, 13, 14, 15, 16, 17]
    for start, context_size in [(0, 4), (2, 3), (3, 4), (5, 1)]:
        given = f"tokens {tokens}, start {start} and context_size {context_size}"
        got = call(answer, given, list(tokens), start, context_size)
        inputs, targets = (list(part) for part in got)
        _judge_pair(tokens, start, context_size, inputs, targets, given)


def _judge_pair(
    tokens: list[int],
    start: int,
    context_size: int,
    inputs: list[int],
    targets: list[int],
    given: str,
) -> None:
    right_inputs, right_targets = _pairs(tokens, start, context_size)
    if inputs == right_targets and targets == right_inputs:
        raise Mistake(f"for {given} you return targets first; inputs come first")
    if inputs != right_inputs:
        raise Mistake(
            f"for {given} your inputs are {inputs}: they must be {context_size} tokens, "
            f"the first of them token number {start}"
        )
    if targets == inputs:
        raise Mistake(
            f"for {given} your targets are the inputs themselves: a model that copies "
            "what it sees would be perfect"
        )
    if len(targets) != len(inputs):
        raise Mistake(
            f"for {given} there are {len(inputs)} inputs and {len(targets)} targets: every input "
            "position asks a question, so every one needs an answer"
        )
    if targets != right_targets:
        raise Mistake(
            f"for {given} your targets are {targets}: each target is the token right after its "
            "input, and yours are not"
        )


def _pairs_unshifted(tokens: list[int], start: int, context_size: int) -> tuple:
    window = tokens[start : start + context_size]
    return window, window


def _pairs_short(tokens: list[int], start: int, context_size: int) -> tuple:
    stop = start + context_size
    return tokens[start:stop], tokens[start + 1 : stop]


def _pairs_two_ahead(tokens: list[int], start: int, context_size: int) -> tuple:
    stop = start + context_size
    return tokens[start:stop], [*tokens, 0, 0][start + 2 : stop + 2]


def _pairs_swapped(tokens: list[int], start: int, context_size: int) -> tuple:
    return tuple(reversed(_pairs(tokens, start, context_size)))


# --- batches.count ---------------------------------------------------------------------------


def _count(n_tokens: int, context_size: int, stride: int) -> int:
    if n_tokens < context_size + 1:
        return 0
    return (n_tokens - 1 - context_size) // stride + 1


def _grade_count(answer: Answer) -> None:
    cases = [(9, 4, 4), (9, 4, 1), (10, 4, 4), (24, 4, 4), (5, 4, 4), (100, 8, 3), (4, 4, 1)]
    for n_tokens, context_size, stride in cases:
        given = f"{n_tokens} tokens, context_size {context_size} and stride {stride}"
        got = call(answer, given, n_tokens, context_size, stride)
        right = _count(n_tokens, context_size, stride)
        if got == right and isinstance(got, int):
            continue
        if not isinstance(got, int):
            raise Mistake(f"for {given} you return {got!r}; windows are counted in whole numbers")
        if right == 0:
            raise Mistake(f"for {given} you say {got}: the text is too short for any window")
        if got == (n_tokens - context_size) // stride + 1:
            raise Mistake(
                f"for {given} you say {got}: your last window has inputs, and no token is left "
                "for its last target"
            )
        if got == n_tokens // context_size:
            raise Mistake(f"for {given} you say {got}: the stride plays no part in your count")
        raise Mistake(
            f"for {given} you say {got}: the last window may start no later than "
            f"token {n_tokens - 1 - context_size}"
        )


def _count_without_target(n_tokens: int, context_size: int, stride: int) -> int:
    return max(0, (n_tokens - context_size) // stride + 1)


def _count_without_stride(n_tokens: int, context_size: int, stride: int) -> int:
    return n_tokens // context_size


def _count_true_division(n_tokens: int, context_size: int, stride: int) -> float:
    return max(0.0, (n_tokens - 1 - context_size) / stride + 1)


# --- batches.split ---------------------------------------------------------------------------


def _split(tokens: list[int], context_size: int, validation_fraction: float) -> tuple:
    cut = len(tokens) - round(len(tokens) * validation_fraction)
    sides = []
    for side in (tokens[:cut], tokens[cut:]):
        starts = range(0, len(side) - context_size, context_size)
        sides.append([side[start : start + context_size + 1] for start in starts])
    return tuple(sides)


def _grade_split(answer: Answer) -> None:
    tokens = list(range(1000))  # each id once, so a shared id is a leak
    for context_size, fraction in [(8, 0.1), (5, 0.25)]:
        given = f"{len(tokens)} tokens, context_size {context_size} and a fraction of {fraction}"
        got = call(answer, given, list(tokens), context_size, fraction)
        train, validation = ([list(window) for window in side] for side in got)
        if not train or not validation:
            raise Mistake(f"for {given} one side has no window")
        lengths = {len(window) for window in train + validation}
        if lengths != {context_size + 1}:
            raise Mistake(
                f"for {given} your windows have {sorted(lengths)} tokens; each needs "
                f"{context_size + 1}, the inputs and one more for the last target"
            )
        shared = {t for window in train for t in window} & {t for w in validation for t in w}
        if shared:
            raise Mistake(
                f"for {given}, {len(shared)} tokens are on both sides, token {min(shared)} for "
                "one: what you validate on has been trained on"
            )
        share = sum(map(len, validation)) / len(tokens)
        if abs(share - fraction) > 0.05:
            raise Mistake(f"for {given} the validation side holds {share:.0%} of the text")


def _split_shuffled_windows(tokens: list[int], context_size: int, fraction: float) -> tuple:
    starts = list(range(len(tokens) - context_size))
    random.Random(0).shuffle(starts)
    windows = [tokens[start : start + context_size + 1] for start in starts]
    cut = round(len(windows) * (1 - fraction))
    return windows[:cut], windows[cut:]


def _split_without_target(tokens: list[int], context_size: int, fraction: float) -> tuple:
    cut = len(tokens) - round(len(tokens) * fraction)
    return tuple(
        [side[i : i + context_size] for i in range(0, len(side) - context_size, context_size)]
        for side in (tokens[:cut], tokens[cut:])
    )


def _split_half(tokens: list[int], context_size: int, fraction: float) -> tuple:
    return _split(tokens, context_size, 0.5)


# --- batches.batch ---------------------------------------------------------------------------


def _batch(windows: list, batch_size: int, drop_last: bool) -> list:
    batches = [windows[i : i + batch_size] for i in range(0, len(windows), batch_size)]
    if drop_last and batches and len(batches[-1]) < batch_size:
        batches.pop()
    return batches


def _grade_batch(answer: Answer) -> None:
    for n_windows, batch_size, drop_last in [
        (5, 2, True),
        (5, 2, False),
        (6, 3, True),
        (2, 4, True),
    ]:
        windows = [f"w{i}" for i in range(n_windows)]
        given = f"{n_windows} windows, batch_size {batch_size} and drop_last={drop_last}"
        got = call(answer, given, list(windows), batch_size, drop_last)
        got = [list(batch) for batch in got]
        right = _batch(windows, batch_size, drop_last)
        if got == right:
            continue
        if got == _batch(windows, batch_size, not drop_last):
            kept = "keep" if drop_last else "lose"
            raise Mistake(f"for {given} you {kept} the last batch, which is not full")
        if any(not batch for batch in got):
            raise Mistake(f"for {given} you return a batch without a window")
        if sorted(w for batch in got for w in batch) == sorted(w for b in right for w in b):
            raise Mistake(f"for {given} your batches are {got}: right windows, wrong grouping")
        raise Mistake(f"for {given} your batches are {got}: windows are missing or repeated")


def _batch_never_drops(windows: list, batch_size: int, drop_last: bool) -> list:
    return [windows[i : i + batch_size] for i in range(0, len(windows), batch_size)]


def _batch_always_drops(windows: list, batch_size: int, drop_last: bool) -> list:
    return _batch(windows, batch_size, True)


def _batch_overlapping(windows: list, batch_size: int, drop_last: bool) -> list:
    return [windows[i : i + batch_size] for i in range(len(windows) - batch_size + 1)]


EXERCISES = {
    "pairs": Exercise(
        task="Return the inputs and the targets of the window that starts at `start`.",
        grade=_grade_pairs,
        reference=_pairs,
        wrong=(
            WrongAnswer(_pairs_unshifted, "targets are the inputs themselves"),
            WrongAnswer(_pairs_short, "every input position asks a question"),
            WrongAnswer(_pairs_two_ahead, "the token right after its input"),
            WrongAnswer(_pairs_swapped, "inputs come first"),
        ),
        well_done="each position asks for the token after it, and has its answer.",
    ),
    "count": Exercise(
        task="Count the windows of a text.",
        grade=_grade_count,
        reference=_count,
        wrong=(
            WrongAnswer(_count_without_target, "no token is left for its last target"),
            WrongAnswer(_count_without_stride, "the stride plays no part"),
            WrongAnswer(_count_true_division, "counted in whole numbers"),
        ),
        well_done="the count is right to the last token, short texts included.",
    ),
    "batch": Exercise(
        task="Group windows into batches.",
        grade=_grade_batch,
        reference=_batch,
        wrong=(
            WrongAnswer(_batch_never_drops, "you keep the last batch"),
            WrongAnswer(_batch_always_drops, "you lose the last batch"),
            WrongAnswer(_batch_overlapping, "missing or repeated"),
        ),
        well_done="every window is in one batch, and one that is not full is dropped on demand.",
    ),
    "split": Exercise(
        task="Divide a text into training and validation windows without a leak.",
        grade=_grade_split,
        reference=_split,
        wrong=(
            WrongAnswer(_split_shuffled_windows, "on both sides"),
            WrongAnswer(_split_without_target, "one more for the last target"),
            WrongAnswer(_split_half, "the validation side holds"),
        ),
        well_done="no token is on both sides: the validation loss will mean something.",
    ),
}
