"""A figure of the book: described, themed, deterministic, honest about its numbers."""

from __future__ import annotations

import re

import matplotlib as mpl
import pytest

mpl.use("agg")
import matplotlib.pyplot as plt

from llm_lib.figures import show
from llm_lib.palette import apply_matplotlib_style, palette


def figure(title: str = "Loss <by> step"):
    apply_matplotlib_style()
    drawn, axes = plt.subplots()
    axes.plot([0, 1, 2], [3.14159, 1.25, 2.0], color=palette()["loss"])
    axes.set_title(title)
    axes.set_yticks([1.25, 3.14159], ["1.25", "3.14159"])
    return drawn


def page(**options: str) -> str:
    return show(figure(), options.pop("alt", "The loss falls"), **options)._repr_mimebundle_()[
        "text/html"
    ]


def test_colours_follow_the_readers_theme() -> None:
    html = page()
    assert f"var(--llm-loss,{palette()['loss'].upper()})" in html
    assert not re.search(r": #[0-9a-f]{6}\b", html), "a colour that no theme can change"


def test_the_description_is_escaped_and_there() -> None:
    html = page(alt='a "quoted" <line>', caption="falls & rises")
    assert 'role="img" aria-label="a &quot;quoted&quot; &lt;line&gt;"' in html
    assert "<figcaption>falls &amp; rises</figcaption>" in html


def test_rounding_touches_coordinates_and_never_words() -> None:
    html = page()
    assert ">1.25<" in html
    assert ">3.14159<" in html
    assert "Loss &lt;by&gt; step" in html


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert page() == page()


def test_two_figures_on_a_page_share_no_id() -> None:
    ids = [set(re.findall(r' id="([^"]+)"', page(alt=alt))) for alt in ("one", "two")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_nothing_in_it_styles_the_rest_of_the_page() -> None:
    assert "<style" not in page()


def test_an_empty_description_is_refused() -> None:
    with pytest.raises(ValueError, match="alt is empty"):
        show(figure(), " ")
    plt.close("all")
