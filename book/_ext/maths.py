"""Draw every formula as inline SVG while the site is built: no MathJax, no font, nothing fetched.

ziamath turns LaTeX into glyph outlines. Here they become SVG in ``currentColor``, sized in ``em``
and set on the baseline of the text; the outlines of the glyphs are stored once per page; each
formula carries its reading in words (``maths_words``) as its accessible name. LaTeX that cannot
be drawn is a Sphinx warning at its source line, so ``-W`` fails the build.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import ziamath
from docutils import nodes
from maths_words import words
from outlines import compact
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

SIZE = 16.0  # px that ziamath draws at; only ratios to it reach the page
PHONE_EM = 16.0  # a wider formula scrolls inside itself at 360 px
_SYMBOL = re.compile(r'<symbol id="([^"]+)"[^>]*?(?:/>|>.*?</symbol>)', re.DOTALL)
_UNKNOWN = re.compile(r"<m[io][^>]*>\\(\w+)")
_SEPARATOR = re.compile(
    r"\\(?:text\w*|mathrm|operatorname)\*?\s*\{[^{}]*\}|\{,\}|\\ldots(?![a-zA-Z])|\\.|,", re.DOTALL
)
_SIGN = re.compile(
    r"(^|[=(\[{,&<>+]|\\(?:le|leq|ge|geq|approx|to|sim|times|cdot)(?![a-zA-Z]))(\s*)-(?!\})"
)
_NORM = re.compile(
    r"(?<!\\left)(\\l[vV]ert(?![a-zA-Z])(?:(?!\\l[vV]ert).)*?\\r[vV]ert(?![a-zA-Z]))", re.DOTALL
)
_OUTER = re.compile(r"\\(begin|end)\{(equation|displaymath|math)\*?\}")


class MathsError(ValueError):
    """LaTeX that cannot be drawn, with the reason."""


@dataclass(frozen=True)
class Formula:
    """A drawn formula: ``svg`` for the page, its width in em, and its reading in words."""

    svg: str
    width: float
    words: str


@cache
def draw(latex: str, inline: bool) -> Formula:
    """Draw one formula.

    Args:
        latex: the source between the dollar signs.
        inline: text style, on the baseline of the line, or display style.

    Raises:
        MathsError: the source is empty, unbalanced, or uses an unknown command.
    """
    source = tighten(latex if inline else as_display(latex))
    try:
        drawn = ziamath.Latex(source, size=SIZE, inline=inline, margin=0)
        svg = drawn.svg()
    except Exception as error:  # latex2mathml and ziamath raise whatever they stumble on
        name = type(error).__name__  # often all they say
        reason = str(error) or f"an argument or a bracket is missing ({name})"
        raise MathsError(f"cannot draw the formula {latex!r}: {reason}") from error
    if unknown := _UNKNOWN.search(drawn.mathmlstr()):
        raise MathsError(f"cannot draw the formula {latex!r}: unknown command \\{unknown[1]}")
    box = drawn.node.bbox
    width, height = (box.xmax - box.xmin) / SIZE, (box.ymax - box.ymin) / SIZE
    reading = words(latex)
    style = f"width:{width:.3f}em;height:{height:.3f}em"
    if inline:
        style += f";vertical-align:{box.ymin / SIZE:.3f}em"
    view = re.search(r'viewBox="([^"]+)"', svg)
    assert view is not None
    inside = svg[svg.index(">") + 1 : svg.rindex("</svg>")].replace(' fill="black"', "")
    inside = inside.replace("STIXTwoMathRegular_", "m").replace(" />", "/>")
    head = f'<svg class="maths" role="img" aria-label="{escape(reading)}" viewBox="{view[1]}"'
    return Formula(f'{head} style="{style}">{inside}</svg>', width, reading)


def as_display(latex: str) -> str:
    """Unwrap ``equation`` and set several lines as ``aligned``, as LaTeX's own display would."""
    source = _OUTER.sub("", latex).strip()
    source = re.sub(r"\\(begin|end)\{(align|gather|eqnarray|split)\*?\}", r"\\\1{aligned}", source)
    if r"\\" in source and r"\begin" not in source:
        return rf"\begin{{aligned}}{source}\end{{aligned}}"
    return source


def tighten(latex: str) -> str:
    """Correct spacing that ziamath gets wrong.

    Commas and dots are punctuation, a minus after a relation is a sign, and the bars of a norm are
    as high as what they enclose, not as the whole formula.
    """

    def punctuate(match: re.Match[str]) -> str:
        return {",": r"{,}\,", r"\ldots": r"{\ldots}"}.get(match[0], match[0])

    signed = _SIGN.sub(r"\1\2{-}", latex)
    return _SEPARATOR.sub(punctuate, _NORM.sub(r"{\1}", signed))


def lift_glyphs(html: str) -> tuple[str, dict[str, str]]:
    """Take the outlines of glyphs out of the formulas; the ``use`` elements stay.

    Returns:
        The html without ``symbol`` elements, and each of them once, by its id.
    """
    glyphs: dict[str, str] = {}

    def remember(match: re.Match[str]) -> str:
        glyphs.setdefault(match[1], compact(match[0]))
        return ""

    return _SYMBOL.sub(remember, html), glyphs


def _draw_node(node: nodes.Element, inline: bool) -> Formula | None:
    try:
        return draw(node.astext(), inline)
    except MathsError as error:
        logger.warning("%s", error, location=node, type="maths")
        return None


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    formula = _draw_node(node, inline=True)
    self.body.append(formula.svg if formula else f"<code>{escape(node.astext())}</code>")
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula, with its number and the anchor its references point to."""
    self.body.append(self.starttag(node, "div", CLASS="maths-block"))
    formula = _draw_node(node, inline=False)
    if formula is None:
        self.body.append(f"<code>{escape(node.astext())}</code>")
    elif formula.width > PHONE_EM:
        name = "Formula; scrolls sideways on a narrow screen"
        self.body.append(
            f'<div class="maths-scroll" role="region" tabindex="0" aria-label="{name}">'
        )
        self.body.append(f"{formula.svg}</div>")
    else:
        self.body.append(f'<div class="maths-scroll">{formula.svg}</div>')
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def share_glyphs(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Store the glyphs of a finished page once, wherever its formulas stand."""
    glyphs: dict[str, str] = {}
    for part in ("toc", "body"):
        context[part], found = lift_glyphs(context.get(part) or "")
        glyphs |= found
    if glyphs:
        sheet = "".join(glyphs[name] for name in sorted(glyphs))
        opening = '<svg class="maths-glyphs" aria-hidden="true" focusable="false">'
        context["maths_glyphs"] = f"{opening}{sheet}</svg>"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the renderer; ``html_math_renderer = "ziamath"`` chooses it."""
    app.add_html_math_renderer(
        "ziamath", inline_renderers=(visit_math, None), block_renderers=(visit_math_block, None)
    )
    app.connect("html-page-context", share_glyphs, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
