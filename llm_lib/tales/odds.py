"""The odds: which tokens may come next in a tale, and how likely each is, as the grammar has it.

A text shows one way to go on from each of its beginnings. The grammar knows them all, so for a
tokenizer we can say at every place of a tale what the best possible model would say there. The
product of these odds along a tale is the tale's own probability, which is how they are tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from .generate import Sampler
from .grammar import Node, Walk
from .lexicon import Table
from .recorder import Recorder
from .splits import get_split, require_int
from .story import STORY
from .tale import Tale

Odds = tuple[tuple[int, float], ...]
"""Ids with their probabilities, which sum to 1."""


class Fork(NamedTuple):
    """A place where a tale can go on in several ways.

    After ``text[:start]`` comes one of ``options``, the beginnings of the ways, none of which
    begins another. ``weights``: how likely each is, in whole numbers.
    """

    start: int
    options: tuple[str, ...]
    weights: tuple[int, ...]


class ToldTale(NamedTuple):
    """A tale in tokens, with the odds of each.

    tale: the tale. ids: its tokens, without end-of-text. starts: where each begins in the text, in
    characters. odds: for every place where more than one token may come, what may come, by its
    index in ``ids``; at all others earlier words leave only the one that is there.
    """

    tale: Tale
    ids: tuple[int, ...]
    starts: tuple[int, ...]
    odds: dict[int, Odds]


def forks(seed: int, split: str = "train") -> tuple[Tale, list[Fork]]:
    """The tale ``generate(seed, split)``, and where it could have become another one.

    Raises as ``generate`` does.
    """
    require_int("seed", seed)
    found = get_split(split)
    draw = Sampler(seed, found).choose
    noted: list[Fork] = []

    def choose(walk: Walk, node: Node, table: Table) -> int:
        options = node.options(walk.state, table)
        if len(options) > 1:
            sums = (0, *table.cumulative)
            weights = tuple(after - before for before, after in pairwise(sums))
            noted.append(Fork(sum(map(len, walk.out)), tuple(options), weights))
        return draw(walk, node, table)

    return Recorder(choose).tell(STORY, found, seed), noted


class TokenOdds:
    """Tells tales with the odds of every token of a tokenizer.

    The grammar is that which train, validation and test share: the odds know nothing of which tale
    is in which of them.

    Args:
        encode: turns text into ids. Its tokens must not reach from a word into the space after it
            (those of GPT-2's pattern do not), and must tell the ways of a fork apart before any is
            over: "Then" as "The" and "n" would not, since a way begins with "The ".
        decode: turns ids into text.
    """

    def __init__(
        self, encode: Callable[[str], Sequence[int]], decode: Callable[[Sequence[int]], str]
    ) -> None:
        self._encode = encode
        self._encoded = lru_cache(1 << 17)(lambda text: tuple(encode(text)))
        self._length = lru_cache(None)(lambda token: len(decode([token])))
        self._between = lru_cache(1 << 17)(self._odds_between)

    def tell(self, seed: int, split: str = "train") -> ToldTale:
        """The tale ``generate(seed, split)`` with its odds.

        Raises as ``generate`` does, and ValueError where the tokens do not tell ways apart in time.
        """
        tale, found = forks(seed, split)
        text = tale.text
        ids = tuple(self._encode(text))
        starts = tuple(accumulate(map(self._length, ids), initial=0))[:-1]
        index = {start: at for at, start in enumerate(starts)}
        odds: dict[int, Odds] = {}
        for start, options, weights in found:
            # The token that decides may begin before the fork: with the space, or the quotation
            # mark, that all ways share.
            word = max(text.rfind(" ", 0, start), text.rfind("\n", 0, start), 0)
            first = index[word]
            rest = ids[first : first + 32]
            for offset, here in self._between(text[word:start], options, weights, rest):
                odds[first + offset] = here
        return ToldTale(tale, ids, starts, odds)

    def _odds_between(
        self, lead: str, options: tuple[str, ...], weights: tuple[int, ...], taken: tuple[int, ...]
    ) -> tuple[tuple[int, Odds], ...]:
        """The odds along ``taken``, from ``lead`` on, until it has left all options but one."""
        # A space at the end of an option belongs to the token after it.
        left = [
            (self._encoded(lead + option.rstrip()), weight)
            for option, weight in zip(options, weights, strict=True)
        ]
        found = []
        for offset, token in enumerate(taken):
            total = sum(weight for _, weight in left)
            share: dict[int, float] = {}
            for ids, weight in left:
                if offset == len(ids):
                    raise ValueError(
                        f"after {lead!r} the tokens do not tell apart {options!r} before one of "
                        "them is over: use a tokenizer with a larger vocabulary"
                    )
                share[ids[offset]] = share.get(ids[offset], 0.0) + weight / total
            if len(share) > 1:
                found.append((offset, tuple(share.items())))
            left = [(ids, weight) for ids, weight in left if ids[offset] == token]
            if len(left) == 1:
                break
        return tuple(found)
