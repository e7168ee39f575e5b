"""Code on a page keeps its words and its colours, and loses the marks that colour nothing."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
SOURCE = 'def mean(xs):  # of (T,)\n    return f"{sum(xs) / len(xs):.2f}" if xs else None\n'


def thin_module():
    sys.path.insert(0, str(EXTENSIONS))
    try:
        import plain_code
    finally:
        sys.path.remove(str(EXTENSIONS))
    return plain_code


def test_marks_without_a_style_go_and_the_code_stays():
    plain_code = thin_module()
    full = highlight(SOURCE, PythonLexer(), HtmlFormatter())
    thinned = plain_code.thin(full)
    assert html.unescape(re.sub("<[^>]+>", "", thinned)) == html.unescape(
        re.sub("<[^>]+>", "", full)
    )
    left = set(re.findall(r'<span class="([a-z0-9]+)">', thinned))
    assert left
    assert left <= plain_code.coloured()
    assert len(thinned) < 0.75 * len(full)


def test_what_is_coloured_comes_from_the_stylesheet():
    coloured = thin_module().coloured()
    assert {"c1", "k", "kn", "s2", "nf", "gr"} <= coloured
    assert not {"n", "p", "o", "w", "mi", "highlight"} & coloured
