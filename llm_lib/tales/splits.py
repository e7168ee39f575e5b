"""Which stories belong to which split, and the seeds that lead to them.

All of `train`, `validation` and `test` are drawn from one and the same grammar. Its last choice,
the ending, is uniform over `LABELS` sentences. The text before it is hashed; hash + ending (mod
`LABELS`) is the story's *label*, and the label names the split. Hence:

* a text has one label, so the splits share no text;
* the label is uniform whatever came before, so a split's mass is exact: 0.9 for `train`.

`heldout` comes from the same grammar with other odds: its stories hold pairs (a name with an
animal, a thing with a place) that never meet in any story of the other three.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

LABELS = 20
_MASK64 = (1 << 64) - 1


@dataclass(frozen=True)
class Split:
    """One split. `rule` is what it does with held-out pairs: "avoid", "seek" or "allow" them."""

    name: str
    number: int
    labels: range
    rule: str

    @property
    def mass(self) -> float:
        """The part of its grammar's probability that lies in this split: exact."""
        return len(self.labels) / LABELS

    @property
    def log_mass(self) -> float:
        """Natural logarithm of `mass`."""
        return math.log(self.mass)


SPLITS = {
    "train": Split("train", 0, range(18), "avoid"),
    "validation": Split("validation", 1, range(18, 19), "avoid"),
    "test": Split("test", 2, range(19, 20), "avoid"),
    "heldout": Split("heldout", 3, range(20), "seek"),
}
ANYTHING = Split("anything", 4, range(20), "allow")  # what the grader reads with; never drawn from


def get_split(name: str) -> Split:
    """The split called `name`. Raises ValueError with the names there are."""
    split = SPLITS.get(name) if isinstance(name, str) else None
    if split is None:
        raise ValueError(f"split is {name!r}; choose one of {', '.join(map(repr, SPLITS))}")
    return split


def label_of(text_before_ending: str, ending: int) -> int:
    """Label of a story: an integer in [0, LABELS)."""
    return (zlib.crc32(text_before_ending.encode("ascii")) + ending) % LABELS


def ending_for(text_before_ending: str, label: int) -> int:
    """The one ending that gives this text this label: the inverse of `label_of`."""
    return (label - zlib.crc32(text_before_ending.encode("ascii"))) % LABELS


def is_held_out(first: int, second: int) -> bool:
    """Whether word number `first` of one domain is held out from number `second` of its partner.

    With 16 animals and 16 places, each name has one animal and each thing one place it never meets.
    """
    return (3 * first + 5 * second) % 16 == 0


def require_int(name: str, value: int, minimum: int | None = None) -> int:
    """`value`, if it is an int (no bool) of at least `minimum`; TypeError or ValueError if not."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is {value!r} ({type(value).__name__}); give an int")
    if minimum is not None and value < minimum:
        raise ValueError(f"{name} is {value}; give an int of at least {minimum}")
    return value


def _mix(value: int) -> int:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): 64 bits to 64 well-mixed bits."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK64
    return value ^ (value >> 31)


def story_seed(seed: int, index: int) -> int:
    """Seed of story number `index` of the stream `seed`: the same on every platform and Python."""
    return _mix(_mix(seed & _MASK64) ^ index)


def random_seed(seed: int, split: Split) -> int:
    """What `random.Random` is given for story `seed` of a split."""
    return _mix(_mix(seed & _MASK64) ^ (split.number + 1))
