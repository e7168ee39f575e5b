"""Outlines lose nothing when they are written in few characters."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import ziamath

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_ext"))

from outlines import GRID, compact, relative

EVERYTHING = (
    r"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 \alpha \sum \sqrt{x} \int"
)
NUMBER = re.compile(r"-?\d+")


def points(path: str) -> list[list[tuple[int, int]]]:
    """What a browser makes of a relative path: the points of each command, as absolute ones."""
    found = []
    x = y = start_x = start_y = 0
    control = None
    for command, tail in re.findall(r"([mlqtz])([^mlqtz]*)", path):
        if command == "z":
            x, y, control = start_x, start_y, None
            continue
        numbers = [int(number) for number in NUMBER.findall(tail)]
        size = 4 if command == "q" else 2
        for first in range(0, len(numbers), size):
            steps = numbers[first : first + size]
            ends = [(x + dx, y + dy) for dx, dy in zip(steps[::2], steps[1::2], strict=True)]
            if command == "t":
                ends.insert(0, (2 * x - control[0], 2 * y - control[1]))
            control = ends[0] if command in "qt" else None
            x, y = ends[-1]
            if command == "m":
                start_x, start_y = x, y
            found.append(ends)
    return found


def drawn_by_ziafont(path: str) -> list[list[tuple[int, int]]]:
    found = []
    at = None
    for command, tail in re.findall(r"([MLQZ])([^MLQZ]*)", path):
        grid = [round(float(number) / GRID) for number in tail.split()]
        ends = list(zip(grid[::2], grid[1::2], strict=True))
        if ends and not (command == "L" and ends == [at]):
            found.append(ends)
            at = ends[-1]
    return found


def test_every_point_of_every_glyph_stays_where_it_is() -> None:
    symbols = re.findall(r"<symbol.*?</symbol>", ziamath.Latex(EVERYTHING).svg(), re.DOTALL)
    assert len(symbols) > 60
    for symbol in symbols:
        before = re.search(r' d="([^"]+)"', symbol)[1]
        after = re.search(r' d="([^"]+)"', compact(symbol))[1]
        assert points(after) == drawn_by_ziafont(before)
        assert len(after) < 0.6 * len(before)


def test_the_view_is_on_the_same_grid() -> None:
    short = compact(
        '<symbol id="a" viewBox="0 -31.524 6.48 51.216"><path d="M 0.6 0 Z "/></symbol>'
    )
    assert short == '<symbol id="a" viewBox="0 -5254 1080 8536"><path d="m100 0z"/></symbol>'


def test_a_smooth_curve_needs_no_control_point() -> None:
    smooth = "M 0 0 Q 0.6 0.6 1.2 0 Q 1.8 -0.6 2.4 0 Q 3 0 3 0.6 Z "
    assert relative(smooth) == "m0 0q100 100 200 0t200 0q100 0 100 100z"


@pytest.mark.parametrize("path", ["M 0 0 C 1.2 1.2 1.2 0 0 0 Z ", "M 0.0031 0 Z "])
def test_what_cannot_be_written_so_is_an_error(path: str) -> None:
    with pytest.raises(ValueError, match="outline"):
        relative(path)
