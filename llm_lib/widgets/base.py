"""What every widget of the book has in common: one figure, three ways to show it.

A widget's logic is an ES module and runs in the reader's browser. Its Python class supplies inputs
and a *still form*: plain HTML that answers the figure's question without JavaScript, on paper and
on GitHub. The same notebook output then works everywhere: a live kernel takes the widget view, the
site mounts the HTML, a terminal prints the plain text.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import ipywidgets

from llm_lib.palette import palette
from llm_lib.widgets.modules import bundle

_FOLDER = Path(__file__).parent
# JupyterLab, Colab, VS Code
_DARK_HOSTS = '[data-jp-theme-light="false"], html[theme="dark"], .vscode-dark'
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # no UTF-8, so no place in a file
_INHERITED = frozenset(ipywidgets.DOMWidget.class_trait_names())


class BookWidget(anywidget.AnyWidget):
    """Base of the book's widgets.

    A subclass names its ES module, declares its inputs as traitlets tagged ``sync=True`` and
    returns its still form from :meth:`still`.
    """

    module: ClassVar[str]
    """The ES module below ``llm_lib/widgets`` without its ending, e.g. ``"quiz"``."""

    def __init__(self, **props: Any) -> None:
        known = {name for name in self.trait_names() if name not in _INHERITED}
        if unknown := sorted(set(props) - known - _INHERITED):
            raise TypeError(
                f"{type(self).__name__} has no input {', '.join(map(repr, unknown))}; "
                f"it takes {', '.join(sorted(known))}"
            )
        cls = type(self)
        if "_esm" not in cls.__dict__:
            cls._esm, cls._css = bundle(f"{cls.module}.js"), stylesheet()
        super().__init__(**props)
        self.on_msg(self._on_message)

    def _on_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Send the page the model that it asks for: on the site a script does this."""
        from llm_lib.widgets import models  # here: most figures need none

        if (reply := models.answer(content)) is not None:
            self.send(reply)

    def still(self) -> str:
        """The figure as plain HTML, for a reader without JavaScript. Reader text is escaped."""
        raise TypeError(f"{type(self).__name__} must define still(): every figure has a still form")

    def props(self) -> dict[str, Any]:
        """The inputs, as JSON-ready values, in a fixed order."""
        names = (name for name in self.traits(sync=True) if not name.startswith("_"))
        return {name: getattr(self, name) for name in sorted(names) if name not in _INHERITED}

    def mount_html(self) -> str:
        """The mount: the widget's name, its inputs as JSON, and its still form inside."""
        still = _LONE_SURROGATE.sub("\ufffd", self.still())
        return (
            f'<div class="llm-widget" data-llm-widget="{self.module}" '
            f"data-llm-props='{attribute_json(self.props())}'>\n{still}\n</div>"
        )

    def __repr__(self) -> str:
        inputs = ", ".join(f"{name}={_short(value)}" for name, value in self.props().items())
        return f"{type(self).__name__}({inputs})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown
        return {**data, "text/html": self.mount_html(), "text/plain": repr(self)}, metadata


def stylesheet() -> str:
    """The widgets' CSS for a live kernel: the book's colours, dark where the notebook is dark."""
    light, dark = (
        "".join(f"--llm-{name}:{colour};" for name, colour in palette(mode).items())
        for mode in ("light", "dark")
    )
    colours = f".llm-figure{{{light}}}\n:is({_DARK_HOSTS}) .llm-figure{{{dark}}}\n"
    return colours + figure_css()


def figure_css() -> str:
    """The style of the shared frame and of every figure, without the colours."""
    return "\n".join(file.read_text("utf-8") for file in stylesheets())


def stylesheets() -> list[Path]:
    """The shared stylesheet, then those of parts that several figures have, then the figures'."""
    shared = _FOLDER / "ui" / "widget.css"
    parts = sorted(set(_FOLDER.glob("ui/*.css")) - {shared})
    return [shared, *parts, *sorted(_FOLDER.glob("*.css"))]


def attribute_json(value: Any) -> str:
    """JSON that is safe inside a single-quoted HTML attribute, and survives any sanitiser.

    ``<``, ``>``, ``&`` and ``'`` become JSON escapes, so neither ``</script>`` nor ``<!--`` nor an
    entity can mean anything to an HTML parser. Lone surrogates stay escaped too.

    Raises:
        ValueError: NaN or an infinity, which JSON cannot hold: pass None instead.
    """
    try:
        text = json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except ValueError as error:
        rule = "pass None for a number that is not there"
        raise ValueError(f"{_short(value)} cannot be JSON: {error}; {rule}") from error
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def still_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as HTML, every cell escaped; the first cell of a row is its header."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "\n".join(_still_row(row) for row in rows)
    return (
        f'<table class="llm-still">\n<caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _still_row(row: Sequence[object]) -> str:
    first, *rest = (html.escape(str(cell)) for cell in row)
    return f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{c}</td>" for c in rest) + "</tr>"


def _short(value: object, limit: int = 40) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
