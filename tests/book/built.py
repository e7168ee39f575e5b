"""Where the site and the chapters are, for the tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
CHAPTERS = sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb"))

for folder in ("_tools", "_ext"):  # scripts and extensions are no package; tests import them too
    sys.path.insert(0, str(ROOT / "book" / folder))


def built_pages() -> list[str]:
    """Every page of the site, relative to its root."""
    pages = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
    return sorted(str(page) for page in pages if not page.parts[0].startswith("_"))
