"""The shapes a tale can have: one template each, told after the opening of `frame.py`.

The opening brings in `hero`, `start` (a place), `weather`, `time` and `mood`. A shape brings in
`friend`, `look` and `thing`, tells what happens, and ends every way it can go with `{>glad}`
(which also needs `keeper`, who has the thing at last) or `{>rueful}`; `end` is the label of the way
it went. The language is that of `template.py`.

To add a shape, write its template, here or beside the others, and give it a weight in `SHAPES`. The
tests prove that it knows everyone it speaks of, keeps to 60 to 150 words, and can be read back.
"""

from __future__ import annotations

from .quests import HOME, LOST, RACE, STORM, STRANGER, TRADE
from .trials import FINDER, GIFT, PROMISE, QUARREL, SHARING, THIEF

# Each shape with its weight.
SHAPES = {
    "lost": (LOST, 3),
    "trade": (TRADE, 3),
    "gift": (GIFT, 3),
    "storm": (STORM, 2),
    "promise": (PROMISE, 3),
    "home": (HOME, 2),
    "stranger": (STRANGER, 2),
    "finder": (FINDER, 2),
    "thief": (THIEF, 2),
    "race": (RACE, 2),
    "quarrel": (QUARREL, 2),
    "sharing": (SHARING, 2),
}
