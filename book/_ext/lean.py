"""Scripts and styles as a page loads them: without what only their readers need.

The sources stay as they are; `minify-html <https://github.com/wilsonzlin/minify-html>`_ drops the
white space and the longer ways of saying the same. Names stay, so an error in the console can still
be found in the sources.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import minify_html
from sphinx.application import Sphinx

THEME = Path(__file__).parents[1] / "_theme" / "llmbook" / "static"


def setup(app: Sphinx) -> dict[str, bool]:
    # After palette.css has been written; the names of the theme's files stay.
    app.connect("build-finished", lean_theme, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def lean_theme(app: Sphinx, exception: Exception | None) -> None:
    """Write the theme's own files once more, lean."""
    if exception is not None or app.builder.format != "html":
        return
    for name in ("palette.css", *(file.name for file in THEME.iterdir())):
        file = Path(app.outdir, "_static", name)
        lean = lean_style if file.suffix == ".css" else lean_script
        file.write_text(lean(file.read_text("utf-8")), "utf-8")


@cache  # a module goes into many pages
def lean_script(source: str) -> str:
    """A classic script that does the same in fewer characters.

    Lines that are only a ``//`` comment go first, since the minifier keeps most of them. No source
    may therefore have a string over several lines; a test sees to it.

    Raises:
        ValueError: the source says ``</script``, which would end it early.
    """
    lines = (line for line in source.split("\n") if not line.lstrip().startswith("//"))
    return _lean("script", "\n".join(lines), minify_js=True)


@cache
def lean_style(source: str) -> str:
    """A stylesheet that looks the same in fewer characters.

    Raises:
        ValueError: the source says ``</style``, which would end it early.
    """
    return _lean("style", source, minify_css=True)


def _lean(tag: str, source: str, **options: bool) -> str:
    if f"</{tag}" in source:
        raise ValueError(f"a source says </{tag}, which ends it early: write <\\/{tag} instead")
    opening, closing = f"<{tag}>", f"</{tag}>"
    page = minify_html.minify(f"{opening}{source}{closing}", keep_closing_tags=True, **options)
    return page.removeprefix(opening).removesuffix(closing)
