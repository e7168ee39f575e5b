"""Widgets on a page of their own, opened from a file: no server, no kernel, no site around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from llm_lib.palette import css_variables
from llm_lib.widgets import modules
from llm_lib.widgets.base import BookWidget, figure_css

BASE = """
body { margin: 0 auto; padding: 0 16px; max-width: 900px; background: var(--llm-paper); }
"""


def static_page(mounts: str, module_names: list[str], theme: str = "light") -> str:
    """The HTML of a page that mounts widgets as the site does."""
    scripts = {"loader": modules.loader()}
    for name in module_names:
        scripts.update((module.id, module.script) for module in modules.closure(name))
    scripts["host"] = (modules.SOURCES / "runtime" / "host.js").read_text("utf-8")
    style = css_variables() + BASE + figure_css()
    escaped = (text.replace("</script", "<\\/script") for text in scripts.values())
    tags = "\n".join(f"<script>{text}</script>" for text in escaped)
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Widgets</title><style>{style}</style></head>"
        f"<body><main><h1>Widgets</h1>{mounts}</main>{tags}</body></html>"
    )


@pytest.fixture
def mount(tmp_path: Path, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """``mount(widget, …)`` opens a page with these widgets, live, and returns it."""

    def mount(*widgets: BookWidget, hash: str = "", **options: object) -> Page:
        html = static_page(
            "\n".join(widget.mount_html() for widget in widgets),
            [f"{widget.module}.js" for widget in widgets],
            str(options.get("theme", "light")),
        )
        file = tmp_path / "page.html"
        file.write_text(html, "utf-8")
        page = open_page(file.as_uri() + hash, **options)
        if options.get("javascript", True):
            page.wait_for_function("document.querySelector('[data-llm-widget][data-llm-state]')")
        return page

    return mount


@pytest.fixture
def engine(tmp_path: Path, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """``engine("engine/bpe.js")`` opens a page; there ``book("engine/bpe.js")`` has its exports."""

    def engine(*paths: str) -> Page:
        file = tmp_path / "engine.html"
        file.write_text(static_page("", list(paths)), "utf-8")
        page = open_page(file.as_uri())
        ids = {path: modules.closure(path)[-1].id for path in paths}
        page.evaluate("(ids) => { globalThis.book = (path) => llmBook.load(ids[path]); }", ids)
        return page

    return engine


KERNEL = """([path, props]) => {
  const [heard, saves] = [{}, []];
  globalThis.model = {
    get: (name) => props[name],
    set(name, value) {
      if (props[name] === value) return;
      props[name] = value;
      for (const listener of heard[`change:${name}`] ?? []) listener(model, value);
    },
    on: (event, listener) => (heard[event] ??= []).push(listener),
    off: (event, listener) => (heard[event] = heard[event].filter((other) => other !== listener)),
    save_changes: () => saves.push({ ...props }),
    saves,
    heard,
  };
  const el = document.querySelector("main");
  globalThis.lifetime = new AbortController();
  return book(path).default.render({ model, el, signal: lifetime.signal });
}"""


@pytest.fixture
def kernel(engine: Callable[..., Page]) -> Callable[[BookWidget], Page]:
    """``kernel(widget)`` shows a widget as a live kernel would.

    The page has ``model``, as anywidget passes it, with what was saved in ``model.saves``;
    ``model.set`` is what Python does, and ``lifetime.abort()`` ends the figure.
    """

    def kernel(widget: BookWidget) -> Page:
        path = f"{widget.module}.js"
        page = engine(path)
        page.evaluate(KERNEL, [path, widget.props()])
        return page

    return kernel
