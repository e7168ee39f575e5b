"""Make the widgets of a page live, with no kernel and no network.

The extension knows widgets only through their mount, an element with ``data-llm-widget="name"``.
For each page it collects the mounted names, ships the modules they need as classic scripts (which
also work from ``file://``), each once, and hands the theme their addresses in
``llm_widget_scripts`` and ``llm_widget_styles``. A page without a widget loads nothing.

Plain pages, written in Markdown, mount a widget with a directive; its body is JSON inputs::

    ```{widget} TokenizerPlayground
    {"text": "Once upon a time"}
    ```
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from docutils import nodes
from lean import lean_script, lean_style
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import llm_lib.widgets
from llm_lib.widgets import models, modules
from llm_lib.widgets.base import stylesheets

CLASS = re.compile(r"llm-[a-z0-9-]+")
RULE = re.compile(r"^\s*\.(llm-[a-z0-9-]+)", re.MULTILINE)  # the first class of a selector
MOUNT = re.compile(r'data-llm-widget="([a-z0-9_]+)"')
FOLDER = "_static/llm"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("widget", WidgetDirective)
    app.connect("html-page-context", add_scripts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class WidgetDirective(SphinxDirective):
    """Mount a widget on a plain page."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        widget = getattr(llm_lib.widgets, name, None)
        if widget is None:
            raise self.error(f"no widget {name!r}; there are {', '.join(llm_lib.widgets.__all__)}")
        try:
            props = json.loads("\n".join(self.content) or "{}")
        except ValueError as error:
            raise self.error(f"the inputs of {name} are not JSON: {error}") from error
        return [nodes.raw("", widget(**props).mount_html(), format="html")]


def add_scripts(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """Ship what the page mounts, and tell the theme where it is."""
    names = sorted(set(MOUNT.findall(context.get("body") or "")))
    if not names:
        return
    needed: dict[str, str] = {}
    for name in names:
        needed.update((module.file_name, module.script) for module in modules.closure(f"{name}.js"))
    runtime = (modules.SOURCES / "runtime" / "host.js").read_text("utf-8")
    scripts = [
        _ship(app, "loader.js", lean_script(modules.loader())),
        *_ship_models(app, needed),
        *(
            _ship(app, file_name, lean_script(script), hashed=True)
            for file_name, script in needed.items()
        ),
        _ship(app, "host.js", lean_script(runtime)),
    ]
    styles = [
        _ship(app, file.name, lean_style(file.read_text("utf-8")))
        for file in needed_stylesheets("".join(needed.values()))
    ]
    address = context["pathto"]
    context["llm_widget_scripts"] = [address(script, resource=True) for script in scripts]
    context["llm_widget_styles"] = [address(style, resource=True) for style in styles]


def needed_stylesheets(scripts: str) -> list[Path]:
    """The stylesheets with a rule for a class that the scripts name, the shared one first."""
    named = set(CLASS.findall(scripts))
    # `llm-stage-${name}` names all classes that begin so.
    beginnings = tuple(name for name in named if name.endswith("-"))
    shared, *others = stylesheets()
    needed = [
        file
        for file in others
        if any(
            style in named or style.startswith(beginnings)
            for style in RULE.findall(file.read_text("utf-8"))
        )
    ]
    return [shared, *needed]


def _ship_models(app: Sphinx, needed: dict[str, str]) -> list[str]:
    """Ship the models for a page whose modules load one; all that the page gets is where they are.

    A model is fetched when a figure asks for it. The address script is tiny and stays in place.
    """
    if not any(file_name.startswith("ui-model.") for file_name in needed):
        return []
    shipped = {
        name: Path(_ship(app, f"model-{name}.js", models.shipped_script(name))).name
        for name in models.model_names()
    }
    return [_ship(app, "models.js", models.address_script(shipped))] if shipped else []


def _ship(app: Sphinx, file_name: str, text: str, *, hashed: bool = False) -> str:
    """Write a file of the site once; its name changes with its content, so caches never lie."""
    if not hashed:
        stem, dot, ending = file_name.rpartition(".")
        file_name = f"{stem}.{hashlib.sha256(text.encode()).hexdigest()[:8]}{dot}{ending}"
    target = Path(app.outdir, FOLDER, file_name)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return f"{FOLDER}/{file_name}"
