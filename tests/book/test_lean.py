"""Scripts and styles lose what only their readers need, and do the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_ext"))

from lean import lean_script, lean_style

from llm_lib.widgets import modules

SCRIPT = """
// Say how much.
const words = (count) => `${count}  // not a comment`;
globalThis.said = words(3); /* done */
"""


def test_a_script_says_the_same_without_its_comments(open_page, tmp_path):
    lean = lean_script(SCRIPT)
    assert "Say how much" not in lean
    assert "done" not in lean
    (tmp_path / "page.html").write_text(f"<!doctype html><script>{lean}</script>", "utf-8")
    page = open_page((tmp_path / "page.html").as_uri())
    assert page.evaluate("globalThis.said") == "3  // not a comment"


def test_a_style_keeps_its_rules():
    lean = lean_style("/* why */ .a > .b {\n  margin: 0px auto;\n  --llm-gap: 1 rem;\n}")
    assert lean == ".a>.b{--llm-gap:1 rem;margin:0 auto}"


def test_no_module_has_a_string_over_several_lines():
    for source in sorted(modules.SOURCES.rglob("*.js")):
        for number, line in enumerate(source.read_text("utf-8").split("\n"), 1):
            code = "" if line.lstrip().startswith("//") else line.replace('"`"', "")
            assert code.count("`") % 2 == 0, f"{source.name}:{number}"


@pytest.mark.parametrize(("lean", "tag"), [(lean_script, "script"), (lean_style, "style")])
def test_a_source_that_would_end_early_is_an_error(lean, tag):
    with pytest.raises(ValueError, match=f"</{tag}"):
        lean(f"'</{tag}>'")
