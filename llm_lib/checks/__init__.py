"""Graders of the exercises: they run where the reader is, offline, and say *what* is wrong.

``check("bpe.merge", merge)`` tries the reader's function and answers with a pass or the mistake it
recognises ("your mask hides the past, not the future"), never with the solution.

Each module here holds the exercises of one chapter, with a reference solution and the wrong answers
readers commonly give. ``tests/test_checks.py`` holds every reference to pass and every wrong answer
to be caught with its own message.
"""

from llm_lib.checks.exercise import Exercise, Mistake, Verdict, WrongAnswer, check, exercises

__all__ = ["Exercise", "Mistake", "Verdict", "WrongAnswer", "check", "exercises"]
