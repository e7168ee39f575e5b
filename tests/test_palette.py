"""The palette keeps its promises: readable, told apart, one source for CSS and matplotlib."""

from __future__ import annotations

import itertools
import math
import re
import subprocess
import sys

import pytest

from llm_lib import palette as module
from llm_lib.palette import (
    MODES,
    concepts,
    css_variables,
    diverging_colormap,
    meaning,
    mix,
    palette,
    sequential_colormap,
)

TEXT = ("ink", "muted", "accent", "good", "bad")
GROUNDS = ("paper", "surface")
# Colours that meet in one figure, and must be told apart without full colour vision.
TOGETHER = (
    ("queries", "keys", "values", "attention"),
    ("tokens", "positions", "residual"),
    ("tokens", "logits", "loss", "floor"),
)
# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> list[float]:
    """Linear RGB of ``#rrggbb`` (IEC 61966-2-1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.1, 1 to 21."""
    weights = (0.2126, 0.7152, 0.0722)
    light, dark = sorted(
        (math.fsum(w * c for w, c in zip(weights, linear(colour), strict=True)))
        for colour in (one, other)
    )[::-1]
    return (light + 0.05) / (dark + 0.05)


def oklab(colour: str, vision: str) -> tuple[float, ...]:
    """Oklab (Ottosson, 2020) of a colour as someone with this vision sees it."""
    rgb = [
        min(1.0, max(0.0, math.fsum(m * c for m, c in zip(row, linear(colour), strict=True))))
        for row in VISION[vision]
    ]
    to_cones = (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
    cones = [math.fsum(m * c for m, c in zip(row, rgb, strict=True)) ** (1 / 3) for row in to_cones]
    to_lab = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    return tuple(math.fsum(m * c for m, c in zip(row, cones, strict=True)) for row in to_lab)


@pytest.mark.parametrize("mode", MODES)
def test_text_reads_on_every_ground(mode: str) -> None:
    colours = palette(mode)
    poor = {
        (name, ground): round(contrast(colours[name], colours[ground]), 2)
        for name in (*concepts(), *TEXT)
        for ground in GROUNDS
        if contrast(colours[name], colours[ground]) < 4.5
    }
    assert not poor


@pytest.mark.parametrize("mode", MODES)
def test_text_reads_on_its_own_tint(mode: str) -> None:
    colours = palette(mode)
    tinted = [name.removesuffix("-soft") for name in colours if name.endswith("-soft")]
    assert set(concepts()) < set(tinted)
    poor = [n for n in tinted if contrast(colours[n], colours[f"{n}-soft"]) < 4.5]
    assert not poor
    assert min(contrast(colours["ink"], colours[f"{name}-soft"]) for name in tinted) >= 7


@pytest.mark.parametrize("mode", MODES)
def test_marks_and_controls_are_seen(mode: str) -> None:
    colours = palette(mode)
    for name in (*concepts(), "outline", "focus"):
        for ground in GROUNDS:
            assert contrast(colours[name], colours[ground]) >= 3, (name, ground)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("mode", MODES)
def test_what_meets_can_be_told_apart(mode: str, vision: str) -> None:
    colours = palette(mode)
    for group in TOGETHER:
        for one, other in itertools.combinations(group, 2):
            seen = (oklab(colours[name], vision) for name in (one, other))
            assert math.dist(*seen) >= 0.05, (one, other)


def test_the_contrast_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mix_blends_channel_by_channel() -> None:
    assert mix("#ff0000", "#0000ff", 0.5) == "#800080"
    assert mix("#123456", "#ffffff", 1) == "#123456"


def test_css_holds_every_colour_of_both_modes() -> None:
    css = css_variables()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    for name, colour in palette("light").items():
        assert f"--llm-{name}: {colour};" in light
    for name, colour in palette("dark").items():
        assert dark.count(f"--llm-{name}: {colour};") >= 2  # by the system's wish and by choice
    assert ':root:not([data-theme="light"])' in dark
    assert css.count("{") == css.count("}")


def test_every_colour_is_six_digits_and_means_something() -> None:
    for mode in MODES:
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in palette(mode).values())
    assert all(meaning(name) for name in concepts())


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match=r"mode is 'sepia'; it must be \"light\" or \"dark\""):
        palette("sepia")  # type: ignore[arg-type]
    with pytest.raises(KeyError, match=r"no colour named 'token'; the palette has: tokens, "):
        meaning("token")
    with pytest.raises(KeyError, match=r"no concept named 'ink'"):
        sequential_colormap("ink")


def test_colormaps_begin_end_and_centre_where_they_say() -> None:
    colors = pytest.importorskip("matplotlib.colors")
    light = palette("light")
    one_hue = sequential_colormap("attention")
    assert [colors.to_hex(one_hue(x)) for x in (0.0, 1.0)] == [light["paper"], light["attention"]]
    signed = diverging_colormap("positions", "tokens")
    assert colors.to_hex(signed(0.0)) == light["positions"]
    assert colors.to_hex(signed(1.0)) == light["tokens"]
    middle = linear(colors.to_hex(signed(0.5)))
    assert middle == pytest.approx(linear(light["paper"]), abs=0.02)


def test_matplotlib_takes_the_colours_of_the_concepts() -> None:
    mpl = pytest.importorskip("matplotlib")
    with mpl.rc_context():
        module.apply_matplotlib_style("dark")
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        assert cycle == [palette("dark")[name] for name in concepts()]
        assert mpl.rcParams["figure.facecolor"] == palette("dark")["paper"]


def test_importing_the_palette_imports_neither_torch_nor_matplotlib() -> None:
    code = "import sys, llm_lib.palette; print({'torch', 'matplotlib'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"
