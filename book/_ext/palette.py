"""Bring the palette of ``llm_lib`` into the site.

``_static/palette.css`` holds its variables and one class per concept (``concept-tokens``, …); it
is written while the site is built and never committed, so ``llm_lib/palette.json`` stays the one
place a colour is written. The directive ``{palette-legend}`` lists what each colour means.
"""

from __future__ import annotations

import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # the site builds from a clone in which nothing is installed
    sys.path.insert(0, str(ROOT))

from llm_lib.palette import concepts, css_variables, meaning  # noqa: E402


class PaletteLegendDirective(SphinxDirective):
    """The colour of each concept, its name, and what it stands for."""

    def run(self) -> list[nodes.Node]:
        """Write the list."""
        items = "".join(
            f'<li style="--swatch: var(--llm-{name})"><span class="concept-{name}">{name}</span>'
            f"<span>{meaning(name)}</span></li>"
            for name in concepts()
        )
        return [nodes.raw("", f'<ul class="palette-legend">{items}</ul>', format="html")]


def stylesheet() -> str:
    """The variables, and a class per concept for words in prose."""
    classes = (
        f".concept-{name} {{ color: var(--llm-{name}); font-weight: 600; }}\n"
        for name in concepts()
    )
    return css_variables() + "".join(classes)


def write_css(app: Sphinx, exception: Exception | None) -> None:
    """Write ``_static/palette.css`` once the site is built."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "palette.css"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(stylesheet(), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.add_directive("palette-legend", PaletteLegendDirective)
    app.connect("build-finished", write_css)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
