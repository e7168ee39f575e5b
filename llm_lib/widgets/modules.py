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
``data/``), ``export function | async function | class | const NAME`` and ``export default``. A name
that is imported but not exported is an error here too, not an ``undefined`` in the page.
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
    r"^export (?=(?:async function\*?|function\*?|class|const) *([A-Za-z_$][\w$]*))",
    re.MULTILINE,
)
_EXPORT_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_ANY_FORM = re.compile(r"^[ \t]*(?:import|export)\b.*|\bimport(?:\(|\.meta\b).*", re.MULTILINE)
_IMPORTED_NAME = re.compile(r"([A-Za-z_$][\w$]*)(?:\s+as\s+([A-Za-z_$][\w$]*))?")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Module:
    """One rewritten module: ``id`` (path and hash), ids it imports, names it exports, script."""

    id: str
    imports: tuple[str, ...]
    exports: tuple[str, ...]
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
    widget = f"globalThis.llmBook.load({json.dumps(modules[-1].id)}).default"
    parts.append(f"export default globalThis.llmBook.live({widget});")
    return "\n".join(parts)


def loader() -> str:
    """The loader that both the site and the kernels use, as a classic script."""
    return (SOURCES / "runtime" / "loader.js").read_text("utf-8")


@cache
def _source(path: str) -> str:
    is_asset = path.startswith("asset:")
    file = data_dir() / path.removeprefix("asset:") if is_asset else SOURCES / path
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
        if part == ".." and not parts:
            raise ValueError(f"{importer} imports {target!r}, which lies outside {SOURCES.name}/")
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _rewrite(path: str, known: dict[str, Module]) -> Module:
    source = _source(path)
    if path.startswith("asset:"):
        return _define(path, (), ("value",), f"exports.value = {_as_script(source)};")
    _refuse_unknown_forms(path, source)
    imports: list[str] = []

    def on_import(match: re.Match[str]) -> str:
        module = known[_resolve(path, match[2])]
        imports.append(module.id)
        names = ", ".join(_imported_names(match, module, _place(path, source, match.start())))
        lines = "\n" * match[0].count("\n")  # the console's line numbers stay those of the source
        return f"const {{ {names} }} = load({json.dumps(module.id)});{lines}"

    exported = _EXPORT.findall(source)
    body = _EXPORT.sub("", _IMPORT.sub(on_import, source))
    body, defaults = _EXPORT_DEFAULT.subn("exports.default = ", body)
    if exported:
        body += f"\nObject.assign(exports, {{ {', '.join(exported)} }});"
    return _define(path, tuple(imports), (*exported, *["default"] * defaults), body)


def _refuse_unknown_forms(path: str, source: str) -> None:
    forms = (_IMPORT, _EXPORT, _EXPORT_DEFAULT)
    known = {match.start() for form in forms for match in form.finditer(source)}
    for match in _ANY_FORM.finditer(source):
        if match.start() not in known:
            place = _place(path, source, match.start())
            raise ValueError(f"{place}: cannot rewrite {match[0].strip()!r}; see {__name__}")


def _imported_names(match: re.Match[str], module: Module, place: str) -> list[str]:
    names = []
    for text in filter(None, (part.strip() for part in match[1].split(","))):
        name = _IMPORTED_NAME.fullmatch(text)
        if name is None:
            raise ValueError(f"{place}: cannot read {text!r} in an import; see {__name__}")
        if name[1] not in module.exports:
            known = ", ".join(module.exports) or "nothing"
            raise ValueError(
                f"{place}: {match[2]!r} does not export {name[1]!r}; it exports {known}"
            )
        names.append(f"{name[1]}: {name[2]}" if name[2] else name[1])
    return names


def _place(path: str, source: str, position: int) -> str:
    return f"{path}:{source.count(chr(10), 0, position) + 1}"


def _define(path: str, imports: tuple[str, ...], exports: tuple[str, ...], body: str) -> Module:
    digest = hashlib.sha256("\0".join((path, *imports, body)).encode()).hexdigest()[:8]
    name = f"{path}@{digest}"
    script = (
        f"globalThis.llmBook.define({json.dumps(name)}, {json.dumps(list(imports))}, "
        f'(exports, load, moduleId) => {{ "use strict";\n{body}\n}});\n'
    )
    return Module(name, imports, exports, script)


def _as_script(source: str) -> str:
    """JSON as a JavaScript expression.

    A string for ``JSON.parse``: large data is read faster so than as an object literal, and the key
    ``__proto__`` (a token like any other) stays a key.
    """
    text = json.dumps(
        json.loads(source), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    text = _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    for raw, escaped in (
        ("\\", "\\\\"),
        ("'", "\\'"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(raw, escaped)
    return f"JSON.parse('{text}')"
