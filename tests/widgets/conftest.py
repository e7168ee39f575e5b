"""Widgets on a page of their own, opened from a file: no server, no kernel, no site around them."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from random_gpt import random_tensors, rounded, save_folder

from llm_lib.gpt_config import GPTConfig
from llm_lib.palette import css_variables
from llm_lib.texts import data_dir
from llm_lib.widgets import models, modules
from llm_lib.widgets.base import BookWidget, figure_css

BASE = """
body { margin: 0 auto; padding: 0 16px; max-width: 900px; background: var(--llm-paper); }
"""


MODEL = "storyteller"


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book's trained model where it is there, else one of its sizes with random weights."""
    folder = data_dir() / MODEL
    if (folder / "model.safetensors").is_file():
        return folder
    config = GPTConfig.from_name(MODEL)
    made = tmp_path_factory.mktemp("models") / MODEL
    return save_folder(made, config, rounded(random_tensors(config)))


@pytest.fixture(scope="session")
def model_file(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script that gives pages of these tests their model."""
    file = tmp_path_factory.mktemp("scripts") / f"model-{MODEL}.js"
    file.write_text(models.model_script(MODEL, model_folder), "utf-8")
    return file


def static_page(
    mounts: str, module_names: list[str], theme: str = "light", model: str | None = None
) -> str:
    """The HTML of a page that mounts widgets as the site does; ``model``: where the model lies."""
    scripts = {"loader": modules.loader()}
    if model is not None:
        scripts["models"] = models.address_script({MODEL: model})
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
def mount(
    tmp_path: Path, open_page: Callable[..., Page], request: pytest.FixtureRequest
) -> Callable[..., Page]:
    """``mount(widget, …)`` opens a page with these widgets, live, and returns it.

    A widget that loads the trained model gets it, or the file that ``model_file=`` names.
    """

    def mount(*widgets: BookWidget, hash: str = "", **options: object) -> Page:
        names = [f"{widget.module}.js" for widget in widgets]
        html = static_page(
            "\n".join(widget.mount_html() for widget in widgets),
            names,
            str(options.get("theme", "light")),
            model_address(names, request, options.pop("model_file", None)),
        )
        file = tmp_path / "page.html"
        file.write_text(html, "utf-8")
        page = open_page(file.as_uri() + hash, **options)
        if options.get("javascript", True):
            page.wait_for_function("document.querySelector('[data-llm-widget][data-llm-state]')")
        return page

    return mount


@pytest.fixture
def engine(
    tmp_path: Path, open_page: Callable[..., Page], request: pytest.FixtureRequest
) -> Callable[..., Page]:
    """``engine("engine/bpe.js")`` opens a page; there ``book("engine/bpe.js")`` has its exports."""

    def engine(*paths: str) -> Page:
        file = tmp_path / "engine.html"
        address = model_address(list(paths), request)
        file.write_text(static_page("", list(paths), model=address), "utf-8")
        page = open_page(file.as_uri())
        ids = {path: modules.closure(path)[-1].id for path in paths}
        page.evaluate("(ids) => { globalThis.book = (path) => llmBook.load(ids[path]); }", ids)
        return page

    return engine


def model_address(
    names: list[str], request: pytest.FixtureRequest, file: Path | None = None
) -> str | None:
    """Where the model lies, for a page whose modules load one: others do without it."""
    if not needs_model(names):
        return None
    return (file or request.getfixturevalue("model_file")).as_uri()


def needs_model(names: list[str]) -> bool:
    ids = {module.id.split("@")[0] for name in names for module in modules.closure(name)}
    return "ui/model.js" in ids


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
    async send(content) {
      for (const reply of await askPython(content)) {
        for (const listener of heard["msg:custom"] ?? []) listener(reply, []);
      }
    },
    saves,
    heard,
  };
  const el = document.querySelector("main");
  globalThis.lifetime = new AbortController();
  return book(path).default.render({ model, el, signal: lifetime.signal });
}"""


@pytest.fixture
def kernel(
    engine: Callable[..., Page], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[BookWidget], Page]:
    """``kernel(widget)`` shows a widget as a live kernel would.

    The page has ``model``, as anywidget passes it, with what was saved in ``model.saves``;
    ``model.set`` is what Python does, and ``lifetime.abort()`` ends the figure. ``model.send``
    reaches the widget's Python side.
    """

    def kernel(widget: BookWidget) -> Page:
        path = f"{widget.module}.js"
        page = engine(path)
        if needs_model([path]):
            folder = request.getfixturevalue("model_folder")
            monkeypatch.setattr(models, "data_dir", lambda: folder.parent)
        page.evaluate("() => { llmBook.model = () => ({}); }")  # no script lies in a notebook
        page.expose_function("askPython", lambda content: ask(widget, content))
        page.evaluate(KERNEL, [path, widget.props()])
        return page

    return kernel


def ask(widget: BookWidget, content: object) -> list[object]:
    """What the Python side answers to a message of the page."""
    replies: list[object] = []
    widget.send = lambda reply, buffers=None: replies.append(reply)
    widget._handle_custom_msg(content, [])
    return replies


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server of ``tmp_path / "site"``."""
    (tmp_path / "site").mkdir()
    handler = functools.partial(Silent, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Says nothing: pytest's output is for failures."""
