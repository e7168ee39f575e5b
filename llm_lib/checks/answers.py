"""What every grader asks of an answer first: that something came back, and of the right type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llm_lib.checks.exercise import Mistake

Answer = Callable[..., Any]


def call(answer: Answer, given: str, *arguments: Any) -> Any:
    """What the answer returns for ``arguments``; ``given`` describes them in words.

    Raises:
        Mistake: nothing came back.
    """
    got = answer(*arguments)
    if got is None:
        raise Mistake(f"for {given} your function returned None; does it end in a return?")
    return got


def require_type(value: object, kind: type, what: str) -> None:
    """Refuse a result that is nothing, or that is not ``what``.

    Raises:
        Mistake: ``value`` is None, or no ``kind``.
    """
    if value is None:
        raise Mistake("your function returned None: end it with `return` and the result")
    if not isinstance(value, kind):
        raise Mistake(f"return {what}; your function returned {value!r:.60}")
