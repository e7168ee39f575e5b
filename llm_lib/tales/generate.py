"""Drawing tales: `generate` one with all that is known of it, or a `corpus` of bare texts, fast.

Both draw with the same `Sampler` from the same grammar: `corpus` only leaves out the recorder.
Randomness is `random.Random(seed).random()` alone, which Python keeps the same in all versions.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator

from .grammar import Node, Walk
from .lexicon import Table
from .recorder import Recorder
from .splits import Split, ending_for, get_split, random_seed, require_int, story_seed
from .story import STORY
from .tale import Tale

END_OF_TEXT = "<|endoftext|>"


class Sampler:
    """Chooses at random, by the odds of the tables."""

    __slots__ = ("labels", "uniform")

    def __init__(self, seed: int, split: Split) -> None:
        self.uniform = random.Random(random_seed(seed, split)).random
        self.labels = split.labels

    def choose(self, walk: Walk, node: Node, table: Table) -> int:
        """Index of the option drawn. The ending is the one that leads to a label of the split."""
        if node.decides_split:
            label = self.labels[int(self.uniform() * len(self.labels))]
            return ending_for("".join(walk.out), label)
        return bisect_right(table.cumulative, self.uniform() * table.total)


def _text(seed: int, split: Split) -> str:
    walk = Walk(split, Sampler(seed, split).choose)
    STORY.run(walk)
    return "".join(walk.out)


def generate(seed: int, split: str = "train") -> Tale:
    """The tale with this seed: the same on every machine. Seeds count modulo 2**64.

    Raises TypeError for a seed that is no int, ValueError for an unknown split.
    """
    require_int("seed", seed)
    found = get_split(split)
    return Recorder(Sampler(seed, found).choose).tell(STORY, found, seed)


def stories(n: int, seed: int = 0, split: str = "train") -> Iterator[Tale]:
    """`n` tales of a split, independent draws. The first `m` of `n` are those of `stories(m)`.

    Each can be had again by `generate(tale.seed, tale.split)`.
    Raises TypeError where n or seed is no int, ValueError for n < 0 or an unknown split.
    """
    require_int("n", n, 0)
    require_int("seed", seed)
    get_split(split)
    return (generate(story_seed(seed, index), split) for index in range(n))


def texts(n: int, seed: int = 0, split: str = "train") -> Iterator[str]:
    """The texts of `stories(n, seed, split)`, many times faster. Raises as `stories` does."""
    require_int("n", n, 0)
    require_int("seed", seed)
    found = get_split(split)
    return (_text(story_seed(seed, index), found) for index in range(n))


def corpus(n: int, seed: int = 0, split: str = "train", separator: str = END_OF_TEXT) -> str:
    """The texts of `stories(n, seed, split)`, each followed by `separator`. Raises as `stories`."""
    return "".join(text + separator for text in texts(n, seed, split))
