"""Scripts and styles as a page loads them: without what only their readers need.

The sources stay as they are; `minify-html <https://github.com/wilsonzlin/minify-html>`_ drops the
white space and the longer ways of saying the same. Names stay, so an error in the console can still
be found in the sources.
"""

from __future__ import annotations

import minify_html


def lean_script(source: str) -> str:
    """A classic script that does the same in fewer characters.

    Lines that are only a ``//`` comment go first, since the minifier keeps most of them. No source
    may therefore have a string over several lines; a test sees to it.

    Raises:
        ValueError: the source says ``</script``, which would end it early.
    """
    lines = (line for line in source.split("\n") if not line.lstrip().startswith("//"))
    return _lean("script", "\n".join(lines), minify_js=True)


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
