"""Every exercise: its reference passes, and each common wrong answer meets its own message."""

from __future__ import annotations

import pytest

from llm_lib.checks import check, exercises

EXERCISES = exercises()
WRONG = [
    pytest.param(name, wrong, id=f"{name}-{wrong.answer.__name__}")
    for name, exercise in EXERCISES.items()
    for wrong in exercise.wrong
]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes(name: str) -> None:
    verdict = check(name, EXERCISES[name].reference)
    assert verdict, verdict
    assert repr(verdict) == f"✓ {name}: {EXERCISES[name].well_done}"


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_wrong_answer_is_caught_with_its_own_message(name: str, wrong) -> None:
    verdict = check(name, wrong.answer)
    assert not verdict
    assert wrong.caught_by in verdict.message
    others = [other.caught_by for other in EXERCISES[name].wrong if other is not wrong]
    assert not [phrase for phrase in others if phrase in verdict.message]


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_knows_at_least_two_mistakes(name: str) -> None:
    assert len(EXERCISES[name].wrong) >= 2


@pytest.mark.parametrize("name", EXERCISES)
def test_an_empty_answer_fails_with_words(name: str) -> None:
    verdict = check(name, lambda *_, **__: None)
    assert not verdict
    assert "None" in verdict.message, "say that nothing came back"


@pytest.mark.parametrize("name", EXERCISES)
def test_code_that_stops_is_explained(name: str) -> None:
    def stops(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no such luck")

    verdict = check(name, stops)
    assert not verdict
    assert "ZeroDivisionError" in verdict.message
    assert "no such luck" in verdict.message


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="no exercise"):
        check("tokens.no_such_thing", len)
    with pytest.raises(ValueError, match="there are"):
        check("nothing", len)


def test_a_value_instead_of_a_function_is_explained() -> None:
    with pytest.raises(TypeError, match="without parentheses"):
        check(next(iter(EXERCISES)), [1, 2, 3])
