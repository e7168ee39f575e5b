"""Formulas become pictures that sit on the line, have a reading in words, and fail loudly."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).resolve().parents[2] / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))

from maths import PHONE_EM, MathsError, as_display, draw, lift_glyphs, tighten  # noqa: E402
from maths_words import words  # noqa: E402

CONF = """
import sys
sys.path.insert(0, {extensions!r})
extensions = ["myst_parser", "maths"]
myst_enable_extensions = ["dollarmath", "amsmath"]
html_math_renderer = "ziamath"
html_theme = "basic"
"""


def style_of(svg: str) -> dict[str, float]:
    found = re.search(r'style="([^"]+)"', svg)
    assert found is not None
    return {
        name: float(value.removesuffix("em"))
        for name, value in (item.split(":") for item in found[1].split(";"))
    }


def build(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "conf.py").write_text(CONF.format(extensions=str(EXTENSIONS)), encoding="utf-8")
    (folder / "index.md").write_text(source, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-E",
        *options,
        str(folder),
        str(folder / "out"),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_letter_with_a_tail_hangs_below_the_line() -> None:
    assert style_of(draw("p", inline=True).svg)["vertical-align"] == pytest.approx(-0.2, abs=0.05)
    assert style_of(draw("b", inline=True).svg)["vertical-align"] == pytest.approx(0, abs=0.02)


def test_size_is_in_em_and_agrees_with_the_view() -> None:
    formula = draw(r"\frac{a}{b} + c", inline=False)
    root = ET.fromstring(formula.svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    style = style_of(formula.svg)
    assert style["width"] / style["height"] == pytest.approx(width / height, rel=0.01)
    assert formula.width == pytest.approx(style["width"], abs=0.001)


def test_a_formula_takes_the_colour_of_the_text() -> None:
    assert "black" not in draw(r"\sqrt{\frac{a}{b}}", inline=False).svg


def test_the_reading_is_the_accessible_name_and_is_escaped() -> None:
    root = ET.fromstring(draw(r'a < b \text{ "quoted" }', inline=True).svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'a less than b "quoted"'


def test_the_same_source_gives_the_same_bytes_in_every_process() -> None:
    source = r"\left\lVert\frac{\frac{a}{b}}{c}\right\rVert"
    code = f"from maths import draw; print(draw({source!r}, False).svg)"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=EXTENSIONS,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_a_repeated_formula_is_drawn_once() -> None:
    assert draw("x + y", inline=True) is draw("x + y", inline=True)


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\foo x", r"unknown command \\foo"),
        ("a^{", "cannot draw"),
        (r"\frac{a}", "cannot draw"),
        (r"\left( x", "cannot draw"),
        ("", "cannot draw"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_source(latex: str, reason: str) -> None:
    with pytest.raises(MathsError, match=reason) as caught:
        draw(latex, inline=False)
    assert repr(latex) in str(caught.value)


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"x_i^2", "x sub i squared"),
        (r"\frac{1}{n}\sum_{i=1}^{n} x_i", "1 over n the sum from i equals 1 to n of x sub i"),
        (
            r"\mathrm{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
            "softmax open bracket the fraction Q K transposed over the square root of d sub k "
            "end root end fraction close bracket V",
        ),
        (r"\mathbb{R}^{T \times d}", "the real numbers to the power T times d end power,"),
        (
            r"p(x_t \mid x_{<t})",
            "p open bracket x sub t given x sub less than t end sub, close bracket",
        ),
        (
            r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}",
            "matrix of 2 rows, row 1: a, b; row 2: c, d; end matrix",
        ),
        (r"W^{-1}", "W inverse"),
        (r"\hat{y} \approx \bar y", "y hat is about y bar"),
        (r"\theta \to \infty", "theta goes to infinity"),
        (r"1, \ldots, T", "1, and so on, T"),
        (r"\{0, 1\}", "open brace 0, 1 close brace"),
        (r"\operatorname{arg\,max}_i z_i", "arg,max sub i z sub i"),
        (r"\unheardof{x}", "unheardof x"),
        ("}{^", "to the power"),
        ("", ""),
    ],
)
def test_reading(latex: str, said: str) -> None:
    assert words(latex) == said


def test_several_lines_are_aligned_and_wrappers_dropped() -> None:
    assert as_display(r"a &= b \\ c &= d") == r"\begin{aligned}a &= b \\ c &= d\end{aligned}"
    assert as_display(r"\begin{split}a&=b\end{split}") == r"\begin{aligned}a&=b\end{aligned}"
    assert as_display(r"\begin{equation}a\end{equation}") == "a"
    assert as_display(r"\begin{align*}a&=b\end{align*}") == r"\begin{aligned}a&=b\end{aligned}"


def test_commas_are_punctuation_except_in_words_and_numbers() -> None:
    assert tighten("a,b") == r"a{,}\,b"
    assert tighten(r"\text{a, b}") == r"\text{a, b}"
    assert tighten(r"50{,}257") == r"50{,}257"
    assert tighten(r"65\,536") == r"65\,536"
    assert draw("x, y", inline=True).width < 2.2


def test_a_minus_after_a_relation_is_a_sign() -> None:
    assert tighten("a = -b - c") == "a = {-}b - c"
    assert tighten("-1") == "{-}1"
    assert draw("= -b", inline=True).width < draw("= c - b", inline=True).width - 0.6


def test_bars_are_as_high_as_what_they_enclose() -> None:
    assert tighten(r"\lVert x \rVert_2 + \lvert y \rvert") == (
        r"{\lVert x \rVert}_2 + {\lvert y \rvert}"
    )
    assert tighten(r"\left\lVert x \right\rVert") == r"\left\lVert x \right\rVert"
    bars = r"\lVert x \rVert + \frac{1}{\frac{1}{2}}"
    glyphs = re.findall(r'href="#([^"]+)"', draw(r"\lVert x \rVert", inline=False).svg)
    assert set(glyphs) <= set(re.findall(r'href="#([^"]+)"', draw(bars, inline=False).svg))


def test_glyphs_are_stored_once() -> None:
    page = draw("x", inline=True).svg + draw("x + x", inline=True).svg
    body, glyphs = lift_glyphs(page)
    assert "<symbol" not in body
    used = set(re.findall(r'href="#([^"]+)"', body))
    assert used == set(glyphs)
    assert page.count("<symbol") > len(glyphs)


def test_an_empty_glyph_does_not_swallow_the_next_one() -> None:
    _, first = lift_glyphs(draw(r"\log x", inline=True).svg)
    _, second = lift_glyphs(draw(r"\cos x", inline=True).svg)
    assert all(glyph.count("<symbol") == 1 for glyph in [*first.values(), *second.values()])


def test_equations_are_numbered_referenced_and_scroll_when_wide(tmp_path: Path) -> None:
    wide = "+".join(["x"] * 40)
    source = f"# T\n\n$$\na = b\n$$ (law)\n\nBy {{eq}}`law`, $c$.\n\n$$\n{wide}\n$$\n"
    built = build(tmp_path, source, "-n", "-W")
    assert built.returncode == 0, built.stderr
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert 'id="equation-law"' in html
    assert re.search(r'href="#equation-law">\(1\)', html)
    assert html.count('role="region" tabindex="0"') == 1
    assert draw(wide, inline=False).width > PHONE_EM
    assert "MathJax" not in html and "mathjax@" not in html


def test_a_latex_error_fails_the_build_at_its_line(tmp_path: Path) -> None:
    built = build(tmp_path, "# T\n\nFine $x$.\n\nBroken $\\frac{a}$ here.\n", "-n", "-W")
    assert built.returncode != 0
    assert re.search(r"index\.md:5:.*cannot draw the formula", built.stderr)
