"""Deliver ES modules to places that cannot resolve imports.

The sources under ``llm_lib/widgets`` are ordinary ES modules that import each other relatively. A
Blob module (a live kernel) cannot import relatively, and a page opened from ``file://`` cannot
import at all. So each module is rewritten once, here, as a call of a tiny loader::

    llmBook.define("engine/bpe.js@1a2b3c4d", ["ui/dom.js@…"], (exports, load, moduleId) => { … })

The site ships each rewritten module as a classic script, once per page. A kernel gets one text that
holds the loader, the definitions and an ``export default``. The part after ``@`` is a hash of the
module and of all it imports, so two versions never mix and a browser may cache for ever.

A small part of the syntax is enough for us, and anything else is an error that names its line:
``import { a, b as c } from "./x.js"``, ``import { value } from "asset:name.json"`` (a JSON file of
``data/``), ``export function | async function | class | const`` and ``export default``.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from llm_lib.texts import data_dir

SOURCES = Path(__file__).parent

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"\n]+)";$', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?=(?:async function\*?|function\*?|class|const|let) *([A-Za-z_$][\w$]*))",
    re.MULTILINE,
)
_EXPORT_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(import|export)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One rewritten module: its ``id`` (path and hash), its direct imports, and its ``script``."""

    id: str
    imports: tuple[str, ...]
    script: str

    @property
    def file_name(self) -> str:
        """A flat name for the site, e.g. ``engine-bpe.1a2b3c4d.js``."""
        path, digest = self.id.split("@")
        return f"{path.removesuffix('.js').replace('/', '-').replace(':', '-')}.{digest}.js"


def closure(path: str) -> list[Module]:
    """``path`` and everything it imports, imports first, each once.

    Args:
        path: a source below ``llm_lib/widgets``, e.g. ``"quiz.js"``.

    Raises:
        FileNotFoundError: an imported file does not exist.
        ValueError: a form of import or export that the rewriting does not know, or a cycle.
    """
    ordered: dict[str, Module] = {}

    def visit(current: str, trail: tuple[str, ...]) -> None:
        if current in trail:
            raise ValueError(f"circular import: {' → '.join((*trail, current))}; break the circle")
        if current in ordered:
            return
        for imported in _imported_paths(current):
            visit(imported, (*trail, current))
        ordered[current] = _rewrite(current, ordered)

    visit(path, ())
    return list(ordered.values())


def bundle(path: str) -> str:
    """One self-contained ES module for a live kernel: loader, definitions, ``export default``."""
    modules = closure(path)
    parts = [loader(), *(module.script for module in modules)]
    parts.append(f"export default globalThis.llmBook.load({json.dumps(modules[-1].id)}).default;")
    return "\n".join(parts)


def loader() -> str:
    """The loader that both the site and the kernels use, as a classic script."""
    return (SOURCES / "runtime" / "loader.js").read_text("utf-8")


@cache
def _source(path: str) -> str:
    if path.startswith("asset:"):
        file = data_dir() / path.removeprefix("asset:")
    else:
        file = SOURCES / path
    if not file.is_file():
        raise FileNotFoundError(f"widget module {path!r}: there is no file {file}")
    return file.read_text("utf-8")


def _imported_paths(path: str) -> list[str]:
    if path.startswith("asset:"):
        return []
    return [_resolve(path, target) for _, target in _IMPORT.findall(_source(path))]


def _resolve(importer: str, target: str) -> str:
    if target.startswith("asset:"):
        return target
    if not target.startswith("."):
        raise ValueError(f"{importer} imports {target!r}: only './…', '../…' and 'asset:…' work")
    parts: list[str] = []
    for part in (PurePosixPath(importer).parent / target).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _rewrite(path: str, known: dict[str, Module]) -> Module:
    source = _source(path)
    if path.startswith("asset:"):
        body = f"exports.value = {_as_script(source)};"
        return _define(path, (), body)
    imports: list[str] = []

    def on_import(match: re.Match[str]) -> str:
        module = known[_resolve(path, match[2])]
        imports.append(module.id)
        names = ", ".join(re.sub(r"\s+as\s+", ": ", name.strip()) for name in match[1].split(","))
        return f"const {{ {names} }} = load({json.dumps(module.id)});"

    exported = _EXPORT.findall(source)
    body = _IMPORT.sub(on_import, source)
    body = _EXPORT_DEFAULT.sub("exports.default = ", _EXPORT.sub("", body))
    if left_over := _LEFT_OVER.search(body):
        line = source[: source.find(left_over[0])].count("\n") + 1
        raise ValueError(f"{path}:{line}: cannot rewrite {left_over[0]!r}; see {__name__}")
    if exported:
        body += f"\nObject.assign(exports, {{ {', '.join(exported)} }});"
    return _define(path, tuple(imports), body)


def _define(path: str, imports: tuple[str, ...], body: str) -> Module:
    digest = hashlib.sha256("\0".join((path, *imports, body)).encode()).hexdigest()[:8]
    name = f"{path}@{digest}"
    script = (
        f"globalThis.llmBook.define({json.dumps(name)}, {json.dumps(list(imports))}, "
        f'(exports, load, moduleId) => {{ "use strict";\n{body}\n}});\n'
    )
    return Module(name, imports, script)


def _as_script(source: str) -> str:
    """JSON as a JavaScript expression, in its shortest form."""
    text = json.dumps(json.loads(source), ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
