"""Write the outline of a glyph in few characters.

ziafont writes absolute coordinates at 12 px to the em. A font's own points lie on a grid of 1,000
to the em, with the points half-way between two that TrueType leaves out: on twice that grid every
coordinate is a whole number, and a step from one point to the next is mostly of two digits.
"""

from __future__ import annotations

import re

GRID = 0.006  # px: half of a unit of the font
_VIEW = re.compile(r'viewBox="([^"]+)"')
_PATH = re.compile(r' d="([^"]+)"')
_PART = re.compile(r"([A-Z])|(-?[\d.]+)")
Point = tuple[int, int]


def compact(symbol: str) -> str:
    """The same ``symbol`` element, measured in half units of the font.

    Raises:
        ValueError: its outline has a command other than M, L, Q and Z, or a point off the grid.
    """
    view = _VIEW.sub(lambda match: f'viewBox="{_shorter_view(match[1])}"', symbol, count=1)
    return _PATH.sub(lambda match: f' d="{relative(match[1])}"', view)


def relative(path: str) -> str:
    """An absolute path as steps on the grid: ``M 0.6 0 L 0.6 1.2 Z`` is ``m100 0l0 200z``.

    A curve that goes on smoothly from the one before needs no control point: ``q`` becomes ``t``.
    """
    written = ""
    point = start = (0, 0)
    leaving: Point | None = None  # the way the last curve left its control point
    last = ""
    for command, points in _commands(path):
        if command == "Z":
            written, last, point, leaving = written + "z", "z", start, None
            continue
        steps = [(x - point[0], y - point[1]) for x, y in points]
        point = points[-1]
        if command == "M":
            start = point
        if command == "L" and steps == [(0, 0)]:
            continue  # ziafont begins each outline with a line to where it is
        name = command.lower()
        if name == "q":
            control, end = steps
            if control == leaving:
                name, steps = "t", [end]
            leaving = (end[0] - control[0], end[1] - control[1])
        else:
            leaving = None
        numbers = " ".join(str(number) for step in steps for number in step).replace(" -", "-")
        repeated = name == last and name != "m"  # a second m would be read as a line
        between = ("" if numbers[0] == "-" else " ") if repeated else name
        written, last = written + between + numbers, name
    return written


def _shorter_view(view: str) -> str:
    return " ".join(f"{float(number) / GRID:.0f}" for number in view.split())


def _commands(path: str) -> list[tuple[str, list[Point]]]:
    """Each command with its points on the grid."""
    found: list[tuple[str, list[int]]] = []
    for command, number in _PART.findall(path):
        if command:
            if command not in "MLQZ":
                raise ValueError(f"the outline {path!r} has the command {command!r}")
            found.append((command, []))
            continue
        on_grid = float(number) / GRID
        if abs(on_grid - round(on_grid)) > 0.01:
            raise ValueError(f"the outline {path!r} has {number}, which is off the grid of {GRID}")
        found[-1][1].append(round(on_grid))
    return [
        (command, list(zip(numbers[::2], numbers[1::2], strict=True))) for command, numbers in found
    ]
