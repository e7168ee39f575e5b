"""Run chapters from top to bottom and write them back in one normal form.

``make chapters`` calls this. The normal form holds what a reader sees and nothing that changes from
run to run: execution counts stay (nbval skips a cell without one), widget ids, timings and kernel
details go. Running it twice changes no byte.

Two cells are written here, so that they cannot drift: the Colab bootstrap (tag ``bootstrap``) and
the map of the book (tag ``map``).
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from llm_lib.atomic_write import write_text

sys.path.insert(0, str(Path(__file__).parent))
from bootstrap import bootstrap_source
from chapter_map import map_source

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Run chapters and normalise them.")
    parser.add_argument("chapters", nargs="+", type=Path)
    parser.add_argument("--no-run", action="store_true", help="normalise what is there")
    options = parser.parse_args()
    for path in options.chapters:
        changed = refresh(path, run=not options.no_run)
        print(f"{path}: {'rewritten' if changed else 'unchanged'}", flush=True)
    return 0


def refresh(path: Path, *, run: bool) -> bool:
    """Execute (unless told not to) and normalise one chapter; whether its bytes changed."""
    notebook = nbformat.read(path, as_version=4)
    generate_cells(notebook, path)
    if run:
        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            resources={"metadata": {"path": path.parent}},
        )
        client.execute()
    text = serialise(normalise(notebook))
    if path.read_text("utf-8") == text:
        return False
    write_text(path, text)
    return True


def generate_cells(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Put the bootstrap cell first and fill the cell tagged ``map``."""
    by_tag = {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    first = by_tag.get("bootstrap")
    if first is None:
        first = nbformat.v4.new_code_cell(metadata={"tags": ["bootstrap", "remove-cell"]})
        notebook.cells.insert(0, first)
    first.source = bootstrap_source()
    if "map" in by_tag:
        by_tag["map"].source = map_source(path)


def normalise(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """The normal form, as plain JSON values."""
    seen: set[str] = set()
    cells = [_normal_cell(copy.deepcopy(cell), seen) for cell in notebook.cells]
    return {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


def _normal_cell(cell: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    tags = cell["metadata"].get("tags")
    normal = {
        "cell_type": cell["cell_type"],
        "id": _cell_id(cell, seen),
        "metadata": {"tags": sorted(tags)} if tags else {},
        "source": _lines(cell["source"].rstrip()),
    }
    if cell["cell_type"] == "code":
        normal["execution_count"] = cell["execution_count"]
        normal["outputs"] = _normal_outputs(cell["outputs"], cell["execution_count"])
    return dict(sorted(normal.items()))


def _cell_id(cell: dict[str, Any], seen: set[str]) -> str:
    """An id that depends on the cell's text alone, so that it is stable and never random."""
    digest = hashlib.sha256(f"{cell['cell_type']}\0{cell['source'].rstrip()}".encode()).hexdigest()
    name, copy_number = digest[:8], 1
    while name in seen:
        copy_number += 1
        name = f"{digest[:8]}-{copy_number}"
    seen.add(name)
    return name


def _normal_outputs(outputs: list[dict[str, Any]], count: int | None) -> list[dict[str, Any]]:
    normal: list[dict[str, Any]] = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            previous = normal[-1] if normal else {}
            if previous.get("name") == output["name"]:  # flushed in pieces: timing, not content
                text = "".join(previous["text"]) + output["text"]
                previous["text"] = _lines(text)
            else:
                normal.append(
                    {"name": output["name"], "output_type": kind, "text": _lines(output["text"])}
                )
        elif kind == "error":
            normal.append(
                {key: output[key] for key in ("ename", "evalue", "output_type", "traceback")}
            )
        else:
            normal.append(_normal_data(output, count))
    return normal


def _normal_data(output: dict[str, Any], count: int | None) -> dict[str, Any]:
    data = {
        mime: _lines(value) if isinstance(value, str) else value
        for mime, value in sorted(output["data"].items())
        if mime != WIDGET_VIEW  # its model id is random, and lives only as long as the kernel
    }
    normal = {"data": data, "metadata": {}, "output_type": output["output_type"]}
    if output["output_type"] == "execute_result":
        normal["execution_count"] = count
    return dict(sorted(normal.items()))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def serialise(notebook: dict[str, Any]) -> str:
    """The file's text: as Jupyter writes it, keys in a fixed order, one newline at the end."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
