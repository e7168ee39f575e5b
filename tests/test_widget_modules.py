"""The rewriting of ES modules: what it accepts, what it refuses and where, and what it hashes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_lib.widgets import modules

RUNTIME = modules.SOURCES / "runtime"
REAL_SOURCES = modules.SOURCES

Write = Callable[[dict[str, str]], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``write({"x.js": "…"})`` puts sources where the rewriter looks, assets in ``data/``."""
    (tmp_path / "runtime").symlink_to(RUNTIME)
    monkeypatch.setattr(modules, "SOURCES", tmp_path)
    monkeypatch.setattr(modules, "data_dir", lambda: tmp_path / "data")
    modules._source.cache_clear()

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        modules._source.cache_clear()

    yield write
    modules._source.cache_clear()


def evaluate(open_page, path: str, expression: str) -> object:
    """Loads ``path`` in Chromium and evaluates ``expression``, in which ``x`` is its exports."""
    page = open_page("about:blank")
    for script in (modules.loader(), *(module.script for module in modules.closure(path))):
        page.evaluate(script)
    identity = json.dumps(modules.closure(path)[-1].id)
    return page.evaluate(
        f"(() => {{ const x = llmBook.load({identity}); return {expression}; }})()"
    )


def paths(path: str) -> list[str]:
    return [module.id.split("@")[0] for module in modules.closure(path)]


def test_every_widget_module_can_be_delivered():
    sources = [file for file in REAL_SOURCES.rglob("*.js") if file.parent != RUNTIME]
    assert sources
    for file in sources:
        script = modules.closure(file.relative_to(REAL_SOURCES).as_posix())[-1].script
        assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE), file


def test_imports_come_first_and_each_once(write: Write):
    write(
        {
            "top.js": 'import { b } from "./ui/b.js";\nimport { c } from "./engine/c.js";\n',
            "ui/b.js": 'import { c } from "../engine/c.js";\nexport const b = c;\n',
            "engine/c.js": "export const c = 1;\n",
        }
    )
    assert paths("top.js") == ["engine/c.js", "ui/b.js", "top.js"]


ACCEPTED = {
    "x.js": """\
import {
  one,
  two as zwei,
} from "./engine/y.js";
import { default as standard } from "./engine/y.js";
export function plain() { return one; }
export async function later() { return zwei; }
export function* steps() { yield 1; }
export async function* asyncSteps() { yield 1; }
export class Thing {}
export const fixed = [one, zwei, standard];
const inner = 5;
export default { inner, moduleId };
""",
    "engine/y.js": "export const one = 1;\nexport const two = 2;\nexport default 3;\n",
}


def test_the_documented_forms_work_in_chromium(write: Write, open_page):
    write(ACCEPTED)
    assert evaluate(open_page, "x.js", "x.fixed") == [1, 2, 3]
    assert evaluate(open_page, "x.js", "Object.keys(x).sort()") == [
        "Thing", "asyncSteps", "default", "fixed", "later", "plain", "steps",
    ]  # fmt: skip
    assert evaluate(open_page, "x.js", "[...x.steps(), x.plain(), x.default.inner]") == [1, 1, 5]
    assert evaluate(open_page, "x.js", "x.default.moduleId") == modules.closure("x.js")[-1].id


def test_rewriting_keeps_the_line_numbers(write: Write):
    write(ACCEPTED)
    script = modules.closure("x.js")[-1].script
    source = ACCEPTED["x.js"].splitlines()
    assert script.splitlines()[source.index("const inner = 5;") + 1] == "const inner = 5;"


@pytest.mark.parametrize(
    "statement",
    [
        'import y from "./y.js";',
        'import * as y from "./y.js";',
        'import "./y.js";',
        "import { one } from './y.js';",
        'import { one } from "./y.js"',
        'import { one } from "./y.js"; // why',
        'export { one } from "./y.js";',
        'export * from "./y.js";',
        "export { here };",
        "export let here = 1;",
        "export const { a, b } = here;",
        '  import { one } from "./y.js";',
        'const y = await import("./y.js");',
        "const here = import.meta.url;",
    ],
)
def test_a_form_it_does_not_know_is_an_error_with_its_line(write: Write, statement: str):
    write(
        {"x.js": f"// {statement}\nconst a = 1;\n{statement}\n", "y.js": "export const one = 1;\n"}
    )
    if "import(" in statement or "import.meta" in statement:
        write({"x.js": f"const b = 2;\nconst a = 1;\n{statement}\n"})
    with pytest.raises(ValueError, match=r"^x\.js:3: cannot rewrite") as caught:
        modules.closure("x.js")
    assert statement.strip()[-12:] in str(caught.value)


@pytest.mark.parametrize("name", ["missing", "default", "toString"])
def test_importing_what_is_not_exported_is_an_error_with_its_line(write: Write, name: str):
    imported = f'\nimport {{ one, {name} as other }} from "./y.js";\n'
    write({"x.js": imported, "y.js": "export const one = 1, missing = 2;\n"})
    message = rf"^x\.js:2: './y\.js' does not export '{name}'; it exports one$"
    with pytest.raises(ValueError, match=message):
        modules.closure("x.js")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("react", "only './…', '../…' and 'asset:…' work"),
        ("/abs.js", "only './…'"),
        ("../../../etc/x.js", "lies outside"),
    ],
)
def test_an_import_from_elsewhere_is_refused(write: Write, target: str, message: str):
    write({"x.js": f'import {{ a }} from "{target}";\n'})
    with pytest.raises(ValueError, match=re.escape(message)):
        modules.closure("x.js")


def test_a_missing_file_is_named(write: Write):
    write({"x.js": 'import { a } from "./engine/gone.js";\n'})
    with pytest.raises(FileNotFoundError, match=r"^widget module 'engine/gone\.js'"):
        modules.closure("x.js")


def test_a_cycle_is_shown_as_the_way_round(write: Write):
    write(
        {
            "x.js": 'import { y } from "./y.js";\nexport const x = 1;\n',
            "y.js": 'import { x } from "./x.js";\nexport const y = 1;\n',
        }
    )
    with pytest.raises(ValueError, match=r"circular import: x\.js → y\.js → x\.js; break"):
        modules.closure("x.js")


def test_the_hash_follows_every_dependency_and_nothing_else(write: Write):
    files = {
        "x.js": 'import { y } from "./y.js";\n',
        "y.js": 'import { z } from "./z.js";\nexport const y = z;\n',
        "z.js": "export const z = 1;\n",
        "other.js": "export const other = 1;\n",
    }
    write(files)
    before = {path: modules.closure(path)[-1] for path in files}
    write({"z.js": "export const z = 2;\n"})
    after = {path: modules.closure(path)[-1] for path in files}
    changed = {path for path in files if before[path].id != after[path].id}
    assert changed == {"x.js", "y.js", "z.js"}
    assert before["other.js"] == after["other.js"]
    assert after["x.js"].file_name == f"x.{after['x.js'].id.split('@')[1]}.js"


ASSET = {
    "__proto__": 1,
    "quote": 'it\'s "so" \\ \n',
    "</script><!--": "\u2028\u2029",
    "half": "\ud800",
    "whole": "👩‍👩‍👧",
    "float": 0.1,
    "list": [True, None],
}


def test_an_asset_arrives_exactly(write: Write, open_page):
    write(
        {
            "x.js": 'import { value } from "asset:sub/a.json";\nexport const text = JSON.stringify('
            "Object.entries(value)).replace(/[^\\x20-\\x7e]/g, (c) => "
            "'\\\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));\n",
            "data/sub/a.json": json.dumps(ASSET, indent=2),
        }
    )
    assert paths("x.js") == ["asset:sub/a.json", "x.js"]
    assert modules.closure("x.js")[0].file_name.startswith("asset-sub-a.json.")
    got = json.loads(evaluate(open_page, "x.js", "x.text"))
    assert got == [[key, value] for key, value in ASSET.items()]
    for module in modules.closure("x.js"):
        module.script.encode("utf-8")  # a lone surrogate could not be written to a file


def test_an_asset_that_is_not_json_is_an_error(write: Write):
    write({"x.js": 'import { value } from "asset:a.json";\n', "data/a.json": "[NaN]"})
    with pytest.raises(ValueError, match="not JSON compliant"):
        modules.closure("x.js")


BLOB = """async (source) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const props = { word: "hello" };
  const el = document.createElement("div");
  const model = { get: (name) => props[name], set() {}, on() {}, off() {}, save_changes() {} };
  await widget.render({ model, el, signal: new AbortController().signal });
  return el.textContent;
}"""


def test_a_bundle_is_one_module_that_renders_from_a_blob(write: Write, open_page):
    write(
        {
            "x.js": 'import { say } from "./engine/y.js";\n'
            "globalThis.evaluated = (globalThis.evaluated ?? 0) + 1;\n"
            'export default { render({ model, el }) { el.append(say(model.get("word"))); } };\n',
            "engine/y.js": "export const say = (word) => `${word}!`;\n",
        }
    )
    bundle = modules.bundle("x.js")
    page = open_page("about:blank")
    assert page.evaluate(BLOB, bundle) == "hello!"
    assert page.evaluate(BLOB, bundle) == "hello!"  # anywidget evaluates it again for each model …
    assert page.evaluate("evaluated") == 1  # … but what it defines is evaluated once for the page


@pytest.mark.parametrize("name", ["quiz", "batch_explorer"])
def test_the_real_bundles_are_valid_modules(name: str, open_page):
    page = open_page("about:blank")
    found = page.evaluate(
        """async (source) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          return typeof (await import(url)).default.render;
        }""",
        modules.bundle(f"{name}.js"),
    )
    assert found == "function"
    assert page.witness.errors == []


def test_no_module_has_a_string_over_several_lines():
    # The site strips the indentation of scripts; inside such a string it would be lost.
    for file in modules.SOURCES.rglob("*.js"):
        for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
            code = re.sub(r"^\s*//.*", "", line).replace('"`"', "")
            assert code.count("`") % 2 == 0, f"{file.name}:{number}: {line}"
