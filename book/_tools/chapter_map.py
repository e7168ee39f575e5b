"""The map of the book inside a chapter: where the reader is, as portable Markdown."""

from __future__ import annotations

import json
import os.path
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def parts() -> list[tuple[str, list[Path]]]:
    """The parts of the book that hold chapters: caption and notebooks, in reading order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    found = []
    for part in toc["parts"]:
        files = [ROOT / f"{entry['file']}.ipynb" for entry in part["chapters"]]
        if notebooks := [file for file in files if file.is_file()]:
            found.append((part["caption"], notebooks))
    return found


def title(notebook: Path) -> str:
    """A chapter's title: its first level-one heading."""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("# "):
                return line.removeprefix("# ").strip()
    raise ValueError(f"{notebook} has no title: its first Markdown cell must start with '# '")


def map_source(here: Path) -> str:
    """The map for the chapter ``here``: one line a part, the chapter itself marked.

    Raises:
        ValueError: the chapter is not in ``_toc.yml``.
    """
    here = here.resolve()
    if all(here not in notebooks for _, notebooks in parts()):
        raise ValueError(f"{here.name} is not in _toc.yml; add it there first")
    lines = ["> **You are here.**"]
    for caption, notebooks in parts():
        entries = [_entry(notebook, here) for notebook in notebooks]
        lines.append(f"> *{caption}:* " + " · ".join(entries))
    return "  \n".join(lines)


def _entry(notebook: Path, here: Path) -> str:
    if notebook == here:
        return f"**→ {title(notebook)}**"
    return f"[{title(notebook)}]({os.path.relpath(notebook, here.parent)})"
