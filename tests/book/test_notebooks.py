"""What a committed chapter must be: executed, portable, in normal form."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from built import CHAPTERS

from bootstrap import bootstrap_source  # isort: skip
from chapter_map import map_source  # isort: skip
from chapters import generate_cells, normalise, serialise  # isort: skip

LONGEST_CELL = 20  # lines; most are under 12
MOST_IGNORED = 2  # outputs a chapter may hide from nbval
INLINE_CODE = re.compile(r"(?<![`}])`[^`\n]+`(?!`)")  # neither a fence nor a role's text
NOT_PORTABLE = {
    "a MyST directive": re.compile(r"^\s*(```|:::)+\s*\{", re.MULTILINE),
    "a MyST role": re.compile(r"\{[a-z:+-]+\}`"),
    "a MyST link without words": re.compile(r"(?<!!)\[\s*\]\("),
    "a MyST target": re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE),
    "a MyST comment": re.compile(r"^% ", re.MULTILINE),
    "a visible nbval marker": re.compile(r"#\s*(NBVAL|PYTEST_VALIDATE)_", re.IGNORECASE),
    "a link to the built page": re.compile(r"\]\((?!https?:)[^)]*\.html(#[^)]*)?\)"),
}

pytestmark = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def load(chapter: Path) -> dict:
    return json.loads(chapter.read_text("utf-8"))


def code_cells(chapter: Path) -> list[dict]:
    return [cell for cell in load(chapter)["cells"] if cell["cell_type"] == "code"]


def markdown(chapter: Path) -> str:
    cells = [c for c in load(chapter)["cells"] if c["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def test_every_code_cell_was_executed_in_order(chapter: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(chapter)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_cell_failed(chapter: Path) -> None:
    failed = [
        output["evalue"]
        for cell in code_cells(chapter)
        if "raises-exception" not in cell["metadata"].get("tags", [])
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    assert failed == []


def test_the_first_cell_is_the_colab_bootstrap(chapter: Path) -> None:
    first = load(chapter)["cells"][0]
    assert "".join(first["source"]) == bootstrap_source()
    assert {"bootstrap", "remove-cell"} <= set(first["metadata"]["tags"])
    assert first["outputs"] == []


def test_the_map_is_current(chapter: Path) -> None:
    cells = load(chapter)["cells"]
    maps = [c for c in cells if "map" in c["metadata"].get("tags", [])]
    assert ["".join(cell["source"]) for cell in maps] == [map_source(chapter)]


def test_markup_is_portable(chapter: Path) -> None:
    prose = INLINE_CODE.sub("code", markdown(chapter))
    found = {what: m[0] for what, pattern in NOT_PORTABLE.items() if (m := pattern.search(prose))}
    assert found == {}


def test_code_has_no_visible_nbval_marker(chapter: Path) -> None:
    marker = NOT_PORTABLE["a visible nbval marker"]
    assert [
        cell["source"] for cell in code_cells(chapter) if marker.search("".join(cell["source"]))
    ] == []


def test_code_comes_in_small_cells(chapter: Path) -> None:
    lengths = {
        "".join(cell["source"])[:60]: len(cell["source"])
        for cell in code_cells(chapter)[1:]
        if len(cell["source"]) > LONGEST_CELL
    }
    assert lengths == {}


def test_few_outputs_are_hidden_from_nbval(chapter: Path) -> None:
    tags = [tag for cell in code_cells(chapter) for tag in cell["metadata"].get("tags", [])]
    assert tags.count("nbval-ignore-output") <= MOST_IGNORED
    assert "nbval-skip" not in tags


def test_no_widget_state_is_committed(chapter: Path) -> None:
    assert "widgets" not in load(chapter)["metadata"]
    assert "application/vnd.jupyter.widget" not in chapter.read_text("utf-8")


def test_images_have_alt_text(chapter: Path) -> None:
    assert re.findall(r"!\[\s*\]\(", markdown(chapter)) == []
    assert re.findall(r"<img(?![^>]*\balt=)[^>]*>", markdown(chapter)) == []


def test_no_picture_is_shown_half_drawn(chapter: Path) -> None:
    """A figure left open at a cell's end shows itself: white, without words, not yet whole."""
    bare = [
        "".join(cell["source"])
        for cell in code_cells(chapter)
        for output in cell["outputs"]
        if "image/png" in output.get("data", {}) and "text/html" not in output["data"]
    ]
    assert bare == []


def test_the_file_is_in_normal_form(chapter: Path) -> None:
    notebook = nbformat.read(chapter, as_version=4)
    generate_cells(notebook, chapter)
    assert serialise(normalise(notebook)) == chapter.read_text("utf-8"), "run: make chapters"


def test_the_contract_of_a_chapter(chapter: Path) -> None:
    prose = markdown(chapter)
    for heading in ("Exercises", "Quiz", "Recap", "Further reading"):
        assert re.search(rf"^## {heading}", prose, re.MULTILINE), f"no section “{heading}”"
    assert "In production." in prose
    assert "Common mistake" in prose
    assert re.search(r"\d+ minutes", prose), "say how long it takes"
    assert 3 <= len(re.findall(r"^### .*•", prose, re.MULTILINE)) <= 6, "3 to 6 exercises"
