"""The mount contract on a static page: many figures, one module each, no harm from a broken one."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import traitlets
from playwright.sync_api import Page, expect

from llm_lib.widgets import modules
from llm_lib.widgets.base import BookWidget, attribute_json

RUNTIME = modules.SOURCES / "runtime"
COUNT = (
    "globalThis.evaluated ??= {};\n"
    "globalThis.evaluated.NAME = (globalThis.evaluated.NAME ?? 0) + 1;\n"
)
FILES = {
    "ui/shared.js": COUNT.replace("NAME", "shared")
    + "export const shout = (text) => `${text}!`;\n",
    "echo.js": COUNT.replace("NAME", "echo")
    + 'import { shout } from "./ui/shared.js";\n'
    + "export default { render({ model, el, signal }) {\n"
    + "  const button = document.createElement('button');\n"
    + "  const show = () => (button.textContent = shout(model.get('word')));\n"
    + "  button.addEventListener('click', () => {\n"
    + "    model.set('word', 'clicked'); model.save_changes();\n  });\n"
    + "  model.on('change:word', show);\n"
    + "  (globalThis.words ??= []).push(model.get('word'));\n"
    + "  (globalThis.models ??= []).push(model);\n"
    + "  show();\n  el.append(button);\n} };\n",
    "twin.js": 'import { shout } from "./ui/shared.js";\n'
    + "export default { async render({ model, el }) { el.append(shout(model.get('word'))); } };\n",
    "bad_load.js": COUNT.replace("NAME", "bad")
    + "throw new Error('no good');\nexport default {};\n",
    "bad_render.js": "export default { render({ el, signal }) { el.append('half done');\n"
    + "  signal.addEventListener('abort', () => (globalThis.aborted = true));\n"
    + "  throw new TypeError('x is not there'); } };\n",
    "bad_promise.js": "export default { async render() { throw new Error('later'); } };\n",
    "bad_string.js": "export default { render() { throw 'a mere string'; } };\n",
    "bad_export.js": "export const nothing = 1;\n",
}


ICON = '<link rel="icon" href="data:,">'  # or the browser asks the server for one


class Worded(BookWidget):
    """A widget with one input, for the modules above."""

    word = traitlets.Unicode("hello").tag(sync=True)

    def still(self) -> str:
        return f"<p>still: {html.escape(self.word)}</p>"


def widget(name: str, word: str = "hello") -> Worded:
    kind = type(name, (Worded,), {"module": name, "_esm": "", "_css": ""})
    return kind(word=word)


@pytest.fixture(autouse=True)
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "sources"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder / "runtime").symlink_to(RUNTIME)
    monkeypatch.setattr(modules, "SOURCES", folder)
    modules._source.cache_clear()
    yield
    modules._source.cache_clear()


@pytest.fixture
def site(tmp_path: Path, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """``site(mounts, names)`` writes a page and its scripts as the site has them, and opens it."""

    def site(
        mounts: str, *names: str, missing: str = "", server: str = "", settled: int = 1
    ) -> Page:
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        scripts = {"loader.js": modules.loader()}
        for name in names:
            scripts.update((m.file_name, m.script) for m in modules.closure(f"{name}.js"))
        scripts["host.js"] = (RUNTIME / "host.js").read_text("utf-8")
        tags = "".join(f'<script src="{name}"></script>' for name in scripts)
        for name, text in scripts.items():
            if not (missing and name.startswith(missing)):
                (folder / name).write_text(text, "utf-8")
        head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title>{ICON}'
        (folder / "page.html").write_text(head + mounts + tags, "utf-8")
        opened = open_page(f"{server}/page.html" if server else (folder / "page.html").as_uri())
        opened.wait_for_function(
            f"document.querySelectorAll('[data-llm-state]').length >= {settled}"
        )
        return opened

    return site


def states(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "[data-llm-widget]", "mounts => mounts.map((mount) => mount.dataset.llmState)"
    )


@pytest.mark.parametrize("over", ["file", "http"])
def test_many_figures_share_modules_that_run_once(site, request, over):
    address = request.getfixturevalue("server") if over == "http" else ""
    shown = [widget("echo", "one"), widget("twin", "two"), widget("echo", "three")]
    mounts = "".join(each.mount_html() for each in shown)
    page = site(mounts, "echo", "twin", settled=3, server=address)
    assert states(page) == ["live"] * 3
    texts = page.locator(".llm-stage").all_text_contents()
    assert texts == ["one!", "two!", "three!"]
    assert page.evaluate("evaluated") == {"shared": 1, "echo": 1}
    assert page.witness.errors == []
    assert page.witness.strangers == []


def test_each_figure_has_a_model_of_its_own_and_saving_is_harmless(site):
    mounts = widget("echo", "one").mount_html() + widget("echo", "two").mount_html()
    page = site(mounts, "echo", settled=2)
    page.get_by_role("button", name="one!").click()
    assert page.get_by_role("button").all_text_contents() == ["clicked!", "two!"]
    assert page.witness.errors == []


def test_the_model_behaves_as_anywidgets_does(site):
    page = site(widget("echo").mount_html(), "echo")
    heard = page.evaluate(
        """() => {
          const [model] = models;
          const heard = [];
          const hear = () => heard.push(["change:word", model.get("word")]);
          model.on("change:word", hear);
          model.on("change", () => heard.push(["change", model.get("word")]));
          model.set("word", "hello");  // no change
          model.set("word", "a");
          model.off("change:word", hear);
          model.set("word", "b");
          model.off("never", hear);
          return [...heard, model.save_changes(), model.get("nothing")];
        }"""
    )
    changes = [["change:word", "a"], ["change", "a"], ["change", "b"]]
    assert heard == [*changes, None, None]


BROKEN = {
    "bad_load": "(no good)",
    "bad_render": "(x is not there)",
    "bad_promise": "(later)",
    "bad_string": "(a mere string)",
    "bad_export": "(“bad_export” has no render function)",
    "absent": "(the widget “absent” did not load)",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_figure_shows_its_still_form_and_leaves_the_others_alive(site, name):
    names = ["echo"] if name == "absent" else [name, "echo"]
    broken, alive = widget(name, "<b>"), widget("echo")
    page = site(broken.mount_html() + alive.mount_html() + broken.mount_html(), *names, settled=3)
    assert states(page) == ["broken", "live", "broken"]
    expect(page.get_by_text("still: <b>").first).to_be_visible()
    message = page.locator(".llm-broken").first
    expect(message).to_contain_text(f"This figure could not start {BROKEN[name]}.")
    expect(message).to_contain_text("its still form; the text does not depend on it")
    assert page.get_by_text("half done").count() == 0
    page.get_by_role("button", name="hello!").click()
    assert page.witness.errors == []


def test_a_module_that_throws_is_still_evaluated_once(site):
    page = site(widget("bad_load").mount_html() * 3, "bad_load", settled=3)
    assert states(page) == ["broken"] * 3
    assert page.evaluate("evaluated.bad") == 1


def test_a_broken_figure_ends_its_lifetime(site):
    page = site(widget("bad_render").mount_html(), "bad_render")
    assert page.evaluate("globalThis.aborted") is True


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("echo.", "the widget “echo” did not load"),
        ("ui-shared.", "the module ui/shared.js@"),
        ("loader.", "the script that loads the figures is missing"),
    ],
)
def test_a_script_that_did_not_arrive_is_said_so(site, missing, message):
    page = site(widget("echo").mount_html(), "echo", missing=missing)
    assert states(page) == ["broken"]
    expect(page.locator(".llm-broken")).to_contain_text(message)
    expect(page.get_by_text("still: hello")).to_be_visible()


@pytest.mark.parametrize("props", ["{", "", None])
def test_damaged_inputs_break_one_figure_only(site, props):
    attribute = "" if props is None else f" data-llm-props='{props}'"
    damaged = f'<div data-llm-widget="echo"{attribute}><p>still</p></div>'
    page = site(damaged + widget("echo").mount_html(), "echo", settled=2)
    assert states(page) == ["broken", "live"]
    expect(page.locator(".llm-broken")).to_contain_text("its inputs on this page are damaged")


NASTY = "</script><!-- <script ' \" & &amp; \\ \n\t\u2028 \x00 lone \ud800 \udfff 👩‍👩‍👧 שלום"


def test_any_text_reaches_the_widget_exactly(site):
    page = site(widget("echo", NASTY).mount_html() + "<p>after</p>", "echo")
    units = page.evaluate("[...Array(words[0].length).keys()].map((i) => words[0].charCodeAt(i))")
    raw = NASTY.encode("utf-16-le", "surrogatepass")
    assert units == [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]
    expect(page.get_by_text("after")).to_be_visible()
    assert (
        page.locator("script").count() == 4
    )  # loader, shared, echo, host: no script of the reader's
    assert page.witness.errors == []


def test_a_figure_starts_as_it_comes_near(site):
    tall = '<div style="height: 5000px"></div>'
    page = site(widget("echo", "a").mount_html() + tall + widget("echo", "b").mount_html(), "echo")
    assert states(page) == ["live", None]
    expect(page.get_by_text("still: b")).to_have_count(1)
    page.get_by_text("still: b").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="b!")).to_be_visible()


def test_a_module_runs_in_a_worker_from_a_file(site, tmp_path):
    source = (
        'import { shout } from "./shared.js";\n'
        "export function serve(scope) {\n"
        "  scope.onmessage = ({ data }) => scope.postMessage([shout(data), moduleId]);\n}\n"
        "export const start = () => llmBook.worker(moduleId);\n"
    )
    (tmp_path / "sources/ui/work.js").write_text(source, "utf-8")
    mount = (
        f"""<div data-llm-widget="echo" data-llm-props='{attribute_json({"word": "x"})}'></div>"""
    )
    page = site(mount, "echo", "ui/work")
    identity = modules.closure("ui/work.js")[-1].id
    answers = page.evaluate(
        """async (id) => {
          const worker = llmBook.load(id).start();
          const answer = () => new Promise((resolve, reject) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = (event) => reject(new Error(event.message));
          });
          worker.postMessage("hi");
          const first = await answer();
          worker.postMessage("again");
          const second = await answer();
          worker.terminate();
          return [first, second];
        }""",
        identity,
    )
    assert answers == [["hi!", identity], ["again!", identity]]
    with pytest.raises(Exception, match="the module nowhere did not load"):
        page.evaluate("llmBook.worker('nowhere')")


def test_two_versions_of_a_module_do_not_mix(site, tmp_path):
    page = site(widget("echo").mount_html(), "echo")
    (tmp_path / "sources/ui/shared.js").write_text(
        "export const shout = (t) => `${t}?`;\n", "utf-8"
    )
    modules._source.cache_clear()
    for module in modules.closure("twin.js"):
        page.evaluate(module.script)
    text = page.evaluate(
        """async () => {
          const el = document.createElement("div");
          await llmBook.widget("twin").render({ model: { get: () => "new" }, el });
          return el.textContent;
        }"""
    )
    assert text == "new?"
    page.get_by_role("button").click()
    expect(page.get_by_role("button")).to_have_text("clicked!")
