"""Three questions at the end of a chapter, each wrong answer explained."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import traitlets

from llm_lib.widgets.base import BookWidget

_FOLDER = Path(__file__).parent / "quizzes"


class Quiz(BookWidget):
    """The quiz of a chapter. Answers are remembered in the reader's browser and sent nowhere.

    Args:
        chapter: the chapter's file name without its ending, e.g. ``"02_byte_pair_encoding"``.

    Raises:
        ValueError: there is no quiz of that name.
    """

    module = "quiz"

    chapter = traitlets.Unicode().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    answers = traitlets.List(help="the options chosen so far, by number, or None").tag(sync=True)

    def __init__(self, chapter: str, **props: Any) -> None:
        questions = load_questions(chapter)
        unanswered = {"answers": [None] * len(questions)}
        super().__init__(chapter=chapter, questions=questions, **{**unanswered, **props})

    def still(self) -> str:
        return "\n".join(_still_question(question) for question in self.questions)

    def __repr__(self) -> str:
        return f"Quiz({self.chapter!r})"


@cache
def load_questions(chapter: str) -> list[dict[str, Any]]:
    """The questions of a chapter: ``question``, and ``options`` of ``text``, ``right``, ``why``."""
    file = _FOLDER / f"{chapter}.json"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in _FOLDER.glob("*.json")))
        raise ValueError(f"no quiz for the chapter {chapter!r}; there are quizzes for: {known}")
    return json.loads(file.read_text("utf-8"))


def _still_question(question: dict[str, Any]) -> str:
    options = "".join(f"<li>{_inline(option['text'])}</li>" for option in question["options"])
    answers = "".join(
        f"<li>{'Right' if option['right'] else 'Not this'}. {_inline(option['why'])}</li>"
        for option in question["options"]
    )
    return (
        f"<p><strong>{_inline(question['question'])}</strong></p>\n<ol>{options}</ol>\n"
        f"<details><summary>Answers</summary>\n<ol>{answers}</ol>\n</details>"
    )


def _inline(text: str) -> str:
    """Escaped HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))
