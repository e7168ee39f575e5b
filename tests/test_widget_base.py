"""What every widget has in common: its mount, its inputs as JSON, its still form, its text."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys

import pytest
import traitlets

from llm_lib.widgets import base, modules
from llm_lib.widgets.base import BookWidget, attribute_json, figure_css, still_table, stylesheet


class Echo(BookWidget):
    """Shows one word."""

    module = "echo"
    word = traitlets.Unicode("hello").tag(sync=True)
    number = traitlets.Float(1.5).tag(sync=True)
    private = traitlets.Unicode("not an input")

    def still(self) -> str:
        return still_table("One word", ["what", "word"], [("word", self.word)])


@pytest.fixture(autouse=True)
def echo_module(tmp_path, monkeypatch):
    (tmp_path / "runtime").symlink_to(modules.SOURCES / "runtime")
    (tmp_path / "echo.js").write_text("export default { render() {} };\n", "utf-8")
    monkeypatch.setattr(modules, "SOURCES", tmp_path)
    modules._source.cache_clear()
    yield
    modules._source.cache_clear()


class Reader(html.parser.HTMLParser):
    """Reads a mount as a browser does: its attributes, and the text inside."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.attributes: dict[str, str | None] = {}
        self.tags: list[str] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "div":
            self.attributes = dict(attrs)

    def handle_data(self, data):
        self.text += data


NASTY = [
    "</script><script>alert(1)</script>",
    "<!-- <script",
    "'single' \"double\" &amp; & &#39;",
    "\x00 \u2028 \u2029 \\ \n\t",
    "lone \ud800 and \udfff",
    "👩‍👩‍👧 שלום e\u0301",
    "' onmouseover='alert(1)",
]


@pytest.mark.parametrize("word", NASTY)
def test_any_text_survives_the_mount_exactly(word: str):
    mount = Echo(word=word).mount_html()
    read = Reader(mount)
    assert json.loads(read.attributes["data-llm-props"]) == {"number": 1.5, "word": word}
    assert read.attributes["data-llm-widget"] == "echo"
    assert set(read.tags) == {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    mount.encode("utf-8")  # a notebook is a file: no lone surrogate in it
    props = re.search(r"data-llm-props='([^']*)'", mount)[1]
    assert not re.search("[<>&']", props)
    assert props.isascii()


def test_the_still_form_shows_a_sign_for_half_a_character():
    assert "lone \ufffd and \ufffd" in Reader(Echo(word=NASTY[4]).mount_html()).text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_json_cannot_hold_is_refused(number: float):
    with pytest.raises(ValueError, match=r"cannot be JSON.*pass None"):
        attribute_json({"number": number})


def test_the_mount_is_deterministic_and_its_inputs_are_sorted():
    assert Echo(word="a", number=2).mount_html() == Echo(number=2, word="a").mount_html()
    assert list(Echo().props()) == ["number", "word"]


def test_an_unknown_input_is_named_with_those_there_are():
    with pytest.raises(TypeError, match=r"Echo has no input 'wrod'; it takes .*number.*word"):
        Echo(wrod="x")


def test_a_figure_without_a_still_form_is_an_error():
    class Mute(BookWidget):
        module = "echo"

    with pytest.raises(TypeError, match=r"Mute must define still\(\)"):
        Mute().mount_html()


def test_a_notebook_gets_three_forms():
    data, _ = Echo(word="a" * 100)._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert data["text/html"].startswith('<div class="llm-widget" data-llm-widget="echo"')
    assert re.fullmatch(r"Echo\(number=1\.5, word='a+…\)", data["text/plain"])
    assert "0x" not in data["text/plain"]


def test_a_live_kernel_gets_one_self_contained_module():
    widget = Echo()
    assert "globalThis.llmBook = " in widget._esm
    assert re.search(r'export default .*llmBook\.load\("echo\.js@', widget._esm)
    assert widget._css == stylesheet()


def test_the_still_table_escapes_captions_columns_and_cells():
    table = still_table("<b>", ["<i>"], [("<u>", "<s>")])
    assert "&lt;b&gt;" in table
    assert not re.search("<[bius]>", table)
    assert '<th scope="row">&lt;u&gt;</th><td>&lt;s&gt;</td>' in table


def test_a_notebook_has_the_colours_of_both_modes_and_the_site_none():
    assert stylesheet().count("--llm-tokens:") == 2
    assert figure_css() in stylesheet()
    assert "--llm-tokens:" not in figure_css()


def test_every_stylesheet_beside_the_widgets_is_delivered():
    for file in base._FOLDER.glob("*.css"):
        assert file.read_text("utf-8") in figure_css()


def test_widgets_need_no_torch():
    code = (
        "import sys, llm_lib.widgets, llm_lib.widgets.batch_explorer; print('torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
