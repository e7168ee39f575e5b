"""What an exercise is, and how an answer is graded."""

from __future__ import annotations

import difflib
import importlib
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_MODULES = {
    "tokens": "llm_lib.checks.tokens",
    "bpe": "llm_lib.checks.bpe",
    "batches": "llm_lib.checks.batches",
    "embeddings": "llm_lib.checks.embeddings",
    "attention": "llm_lib.checks.attention",
    "heads": "llm_lib.checks.heads",
    "block": "llm_lib.checks.block",
    "gpt": "llm_lib.checks.gpt",
    "writing": "llm_lib.checks.writing",
}


class Mistake(Exception):
    """What is wrong with an answer, in words for its author: say what it does, not what to type."""


@dataclass(frozen=True)
class WrongAnswer:
    """A common wrong answer, and a phrase of the message that must catch it."""

    answer: Callable[..., Any]
    caught_by: str


def wrong_answers(*pairs: tuple[Callable[..., Any], str]) -> tuple[WrongAnswer, ...]:
    """Wrong answers, each with the phrase that must catch it."""
    return tuple(WrongAnswer(answer, caught_by) for answer, caught_by in pairs)


@dataclass(frozen=True)
class Exercise:
    """One graded exercise.

    Attributes:
        task: what the answer must do, in one sentence.
        grade: calls the answer and raises :class:`Mistake` where it is wrong.
        reference: a solution that passes.
        wrong: common wrong answers, each with its own message.
        well_done: what the reader may now claim, shown with the pass.
    """

    task: str
    grade: Callable[[Callable[..., Any]], None]
    reference: Callable[..., Any]
    wrong: tuple[WrongAnswer, ...]
    well_done: str


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check; true if it passed. Its ``repr`` is what the notebook shows."""

    name: str
    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'✓' if self.passed else '✗'} {self.name}: {self.message}"


def check(name: str, answer: Callable[..., Any]) -> Verdict:
    """Grade ``answer`` against the exercise ``name``, e.g. ``"bpe.merge"``.

    Raises:
        ValueError: there is no such exercise; the message names the nearest.
        TypeError: ``answer`` is not a function.
    """
    exercise = find(name)
    if not callable(answer):
        raise TypeError(
            f"check({name!r}, …) needs your function, and was given {type(answer).__name__}; "
            "pass the name without parentheses: my_function, not my_function()"
        )
    try:
        exercise.grade(answer)
    except Mistake as mistake:
        return Verdict(name, False, str(mistake))
    except Exception as error:  # the reader's code failed: say where, in their words
        return Verdict(name, False, _explain(error))
    return Verdict(name, True, exercise.well_done)


def find(name: str) -> Exercise:
    """The exercise of that name; see :func:`check` for the errors."""
    chapter, _, exercise = name.partition(".")
    if chapter in _MODULES:
        known = _module(chapter).EXERCISES
        if exercise in known:
            return known[exercise]
        names = [f"{chapter}.{other}" for other in known]
    else:
        names = [f"{other}.…" for other in _MODULES]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    raise ValueError(f"no exercise {name!r}; {hint}")


def exercises() -> dict[str, Exercise]:
    """All exercises by full name. Imports torch, where a chapter's exercises need it."""
    return {
        f"{chapter}.{name}": exercise
        for chapter in _MODULES
        for name, exercise in _module(chapter).EXERCISES.items()
    }


def _module(chapter: str) -> ModuleType:
    return importlib.import_module(_MODULES[chapter])


def _explain(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [
        frame for frame in frames if "llm_lib/checks" not in frame.filename.replace("\\", "/")
    ]
    where = f", in its line {inside[-1].line!r}" if inside and inside[-1].line else ""
    return f"your function stopped with {type(error).__name__}: {error}{where}"
