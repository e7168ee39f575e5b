"""Leave out the marks in code that no style colours.

Pygments wraps every name, comma and space in a ``<span>``, though the theme colours only comments,
words of the language and strings. In a chapter full of code these spans weigh more than the code.
What is coloured is read from the theme's stylesheet, so there is one place to change it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sphinx.application import Sphinx

STYLE = Path(__file__).parents[1] / "_theme" / "llmbook" / "static" / "llmbook.css"
RULE = re.compile(r"^\.highlight [^{]*", re.MULTILINE)
CODE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
MARK = re.compile(r'<span class="([a-z0-9]+)">([^<]*)</span>')


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", thin_page, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def thin_page(app: Sphinx, pagename: str, template: str, context: dict, doctree: object) -> None:
    """Thin the code of a page."""
    if body := context.get("body"):
        context["body"] = CODE.sub(lambda match: thin(match[0]), body)


def thin(code: str) -> str:
    """The HTML of some code, without the marks of classes that have no style."""
    return MARK.sub(lambda match: match[0] if match[1] in coloured() else match[2], code)


@cache
def coloured() -> frozenset[str]:
    """The classes that the stylesheet names for code."""
    rules = " ".join(RULE.findall(STYLE.read_text("utf-8")))
    return frozenset(re.findall(r"\.([a-z][a-z0-9]*)\b", rules)) - {"highlight"}
