"""Write the palette of ``llm_lib`` into the site as ``_static/palette.css``.

The CSS is never committed: ``llm_lib/palette.json`` stays the one place a colour is written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # the site builds from a clone in which nothing is installed
    sys.path.insert(0, str(ROOT))

from llm_lib.palette import css_variables  # noqa: E402


def write_css(app: Sphinx, exception: Exception | None) -> None:
    """Write ``_static/palette.css`` once the site is built."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "palette.css"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(css_variables(), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.connect("build-finished", write_css)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
