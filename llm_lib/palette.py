"""The palette of the book: one colour per concept, read from ``palette.json``.

CSS (the site and the widgets) and matplotlib (the figures) both take their colours from here, so
a colour means one thing everywhere. Nothing here imports torch; matplotlib is imported only by
the functions that need it.

Sources: Okabe and Ito, *Color Universal Design* (2008); Tol, *Colour Schemes*, SRON technical
note (2021); contrast after WCAG 2.1, success criteria 1.4.3 and 1.4.11.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap

Mode = Literal["light", "dark"]
MODES: tuple[Mode, ...] = ("light", "dark")
_SOURCE = Path(__file__).with_name("palette.json")


@lru_cache(maxsize=1)
def _source() -> dict:
    return json.loads(_SOURCE.read_text(encoding="utf-8"))


def concepts() -> tuple[str, ...]:
    """Names of the concepts that own a colour, in the order of the book."""
    return tuple(_source()["concepts"])


def meaning(name: str) -> str:
    """What the colour ``name`` stands for, in a few words.

    Raises:
        KeyError: ``name`` is no colour of the palette; the message lists those that are.
    """
    colours = _source()["concepts"] | _source()["neutrals"]
    if name not in colours:
        raise KeyError(f"no colour named {name!r}; the palette has: {', '.join(colours)}")
    return colours[name]["means"]


def mix(colour: str, ground: str, share: float) -> str:
    """``colour`` laid over ``ground`` at the given share (0 to 1), both ``#rrggbb``."""
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def palette(mode: Mode = "light") -> dict[str, str]:
    """Every colour of one mode as ``{name: "#rrggbb"}``.

    Besides the names of ``palette.json`` there is a soft tint of each concept, ``tokens-soft``
    and so on, to fill the space behind text.

    Raises:
        ValueError: ``mode`` is neither ``"light"`` nor ``"dark"``.
    """
    if mode not in MODES:
        raise ValueError(f'mode is {mode!r}; it must be "light" or "dark"')
    source = _source()
    colours = {name: entry[mode] for name, entry in source["concepts"].items()}
    neutrals = {name: entry[mode] for name, entry in source["neutrals"].items()}
    tinted = [*colours.items(), *((name, neutrals[name]) for name in ("accent", "good", "bad"))]
    share = source["soft"][mode]
    soft = {f"{name}-soft": mix(colour, neutrals["paper"], share) for name, colour in tinted}
    return colours | neutrals | soft


def css_variables() -> str:
    """The palette as CSS custom properties ``--llm-tokens``, ``--llm-tokens-soft``, …

    Light is the default; dark follows the system unless the page says
    ``<html data-theme="light">``, and ``<html data-theme="dark">`` forces it.
    """
    light, dark = (_declarations(mode) for mode in MODES)
    return (
        f":root {{\n  color-scheme: light;\n{light}}}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f':root:not([data-theme="light"]) {{\n  color-scheme: dark;\n{dark}}}\n'
        "}\n"
        f':root[data-theme="dark"] {{\n  color-scheme: dark;\n{dark}}}\n'
        f"@media print {{\n:root:root:root {{\n  color-scheme: light;\n{light}}}\n}}\n"
    )


def _declarations(mode: Mode) -> str:
    return "".join(f"  --llm-{name}: {colour};\n" for name, colour in palette(mode).items())


def apply_matplotlib_style(mode: Mode = "light") -> None:
    """Set matplotlib's ``rcParams`` to the look of the book.

    Figures are SVG with text kept as paths, on the palette's paper, so that they read in both
    themes; the colour cycle is that of the concepts. SVG ids are salted with a constant, so the
    same figure gives the same bytes.
    """
    import matplotlib as mpl

    colours = palette(mode)
    mpl.rcParams.update(
        {
            "figure.facecolor": colours["paper"],
            "axes.facecolor": colours["paper"],
            "savefig.facecolor": colours["paper"],
            "figure.figsize": (7.0, 3.6),
            "figure.constrained_layout.use": True,
            "svg.hashsalt": "llm-lib",
            "svg.fonttype": "path",
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.labelsize": 11,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "text.color": colours["ink"],
            "axes.labelcolor": colours["ink"],
            "axes.titlecolor": colours["ink"],
            "axes.edgecolor": colours["outline"],
            "xtick.color": colours["muted"],
            "ytick.color": colours["muted"],
            "grid.color": colours["rule"],
            "grid.linewidth": 0.8,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "lines.linewidth": 2.0,
            "legend.frameon": False,
            "axes.prop_cycle": mpl.cycler(color=[colours[name] for name in concepts()]),
            "image.cmap": "viridis",
        }
    )


def sequential_colormap(
    concept: str = "attention", mode: Mode = "light"
) -> LinearSegmentedColormap:
    """A colormap in one hue: paper for 0, the colour of ``concept`` for the largest value.

    Raises:
        KeyError: ``concept`` is not a concept of the palette.
    """
    _require_concept(concept)
    colours = palette(mode)
    return _colormap(f"llm-{concept}", [colours["paper"], colours[concept]])


def diverging_colormap(
    negative: str = "positions", positive: str = "tokens", mode: Mode = "light"
) -> LinearSegmentedColormap:
    """A colormap for signed data, with paper, a true neutral, at the middle.

    Give it symmetric limits (``vmin=-m, vmax=m``), or the neutral is not at zero.

    Raises:
        KeyError: ``negative`` or ``positive`` is not a concept of the palette.
    """
    _require_concept(negative)
    _require_concept(positive)
    colours = palette(mode)
    stops = [colours[negative], colours["paper"], colours[positive]]
    return _colormap(f"llm-{negative}-{positive}", stops)


def _require_concept(name: str) -> None:
    if name not in concepts():
        raise KeyError(f"no concept named {name!r}; the palette has: {', '.join(concepts())}")


def _colormap(name: str, stops: list[str]) -> LinearSegmentedColormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name, stops)
