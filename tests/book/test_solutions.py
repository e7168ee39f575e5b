"""The folded solutions are right: each passes its check, and the starter does not."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from built import CHAPTERS

from llm_lib.checks import check

SOLUTION = re.compile(r"<summary>Solution</summary>\n\n```python\n(.*?)```", re.DOTALL)
CHECK = re.compile(r'^check\("([\w.]+)", (\w+)\)$', re.MULTILINE)


def exercises(chapter: Path) -> Iterator[tuple[str, str, str]]:
    """Name of the exercise, name of the function, and the solution, for each solution."""
    asked = None
    for cell in json.loads(chapter.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and (found := CHECK.search(source)):
            asked = found.groups()
        elif cell["cell_type"] == "markdown" and (solution := SOLUTION.search(source)) and asked:
            yield *asked, solution[1]
            asked = None


def definitions(chapter: Path) -> dict[str, Any]:
    """What a solution may use of its chapter: imports, functions, constants; no results."""
    names: dict[str, Any] = {}
    for cell in json.loads(chapter.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or CHECK.search(source):
            continue
        for statement in ast.parse(source).body:
            if _is_cheap(statement):
                exec(compile(ast.Module([statement], []), str(chapter), "exec"), names)
    return names


def _is_cheap(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return True
    if not isinstance(statement, ast.Assign) or isinstance(statement.targets[0], ast.Subscript):
        return False
    value = ast.unparse(statement.value)
    calls = [node for node in ast.walk(statement.value) if isinstance(node, ast.Call)]
    names = [node for node in ast.walk(statement.value) if isinstance(node, ast.Name)]
    return not (calls or names) or (value.startswith("re.compile(") and "join" not in value)


CASES = [
    pytest.param(chapter, *found, id=found[0])
    for chapter in CHAPTERS
    for found in exercises(chapter)
]


@pytest.mark.parametrize(("chapter", "name", "function", "solution"), CASES)
def test_solution(chapter: Path, name: str, function: str, solution: str) -> None:
    names = definitions(chapter)
    exec(solution, names)
    verdict = check(name, names[function])
    assert verdict, verdict


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_check_of_a_chapter_has_a_solution(chapter: Path) -> None:
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    asked = {found[1] for source in sources for found in CHECK.finditer(source)}
    assert asked
    assert asked == {name for name, _, _ in exercises(chapter)}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_printed_answer_to_a_starter_is_not_a_pass(chapter: Path) -> None:
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    asking = [
        cell
        for cell in cells
        if cell["cell_type"] == "code" and CHECK.search("".join(cell["source"]))
    ]
    answers = [
        "".join(output["data"]["text/plain"])
        for cell in asking
        for output in cell["outputs"]
        if output["output_type"] == "execute_result"  # a starter may print, too
    ]
    assert len(answers) == len(asking) > 0
    assert all(answer.startswith("✗") for answer in answers)
