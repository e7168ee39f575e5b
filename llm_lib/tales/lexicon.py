"""Words that know their forms, the domains they come from, and the odds of drawing them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

from .splits import Split, is_held_out

PRONOUNS = frozenset({"he", "him", "his", "himself"})


class Table:
    """A finite distribution: `values`, whole-number `weights`, natural `log_probs`.

    `cumulative` holds running sums of the weights, so that drawing needs no rounding and gives the
    same index on every platform.
    """

    __slots__ = ("cumulative", "log_probs", "total", "values")

    def __init__(self, values: Sequence[object], weights: Sequence[int]) -> None:
        if not values or min(weights) < 1:
            raise ValueError(f"a table needs values, each with a weight >= 1; got {weights!r}")
        self.values = tuple(values)
        self.cumulative = tuple(accumulate(weights))
        self.total = self.cumulative[-1]
        self.log_probs = tuple(math.log(weight / self.total) for weight in weights)


class Word(dict):
    """One word of the world: a mapping from the name of a form to its text.

    Every word has the form `bare` ("fox"); a form asked for with a capital (`He`, `The`) gives the
    text with a capital. `bit` marks the word in sets of its domain; `barred` is the set of words
    of the partner domain that it is held out from.
    """

    __slots__ = ("barred", "bit", "domain", "weight")

    def __init__(self, weight: int, forms: dict[str, str]) -> None:
        super().__init__(forms)
        self.update({form.capitalize(): text[0].upper() + text[1:] for form, text in forms.items()})
        self.weight = weight
        self.barred = 0


class Domain:
    """A closed class of words: every name, every animal, ... Sets of words are bit masks."""

    def __init__(self, name: str, number: int, words: Iterable[Word]) -> None:
        self.name = name
        self.number = number
        self.words = tuple(words)
        self.partner: Domain | None = None
        self.everything = (1 << len(self.words)) - 1
        self._tables: dict[int, Table] = {}
        for index, word in enumerate(self.words):
            word.bit = 1 << index
            word.domain = self

    def table(self, excluded: int) -> Table:
        """The odds over the words that `excluded` leaves (made once for each set)."""
        table = self._tables.get(excluded)
        if table is None:
            left = [word for word in self.words if not word.bit & excluded]
            if not left:
                raise ValueError(f"no word of {self.name!r} is left to draw: add words to world.py")
            table = self._tables[excluded] = Table(left, [word.weight for word in left])
        return table

    def texts(self, form: str) -> list[str]:
        """One form of every word. Raises ValueError where a word lacks it."""
        missing = [word["bare"] for word in self.words if form not in word]
        if missing:
            raise ValueError(f"{self.name!r} has no form {form!r} for {missing[0]!r}")
        return [word[form] for word in self.words]


def hold_apart(first: Domain, second: Domain) -> None:
    """Make partners of two domains: mark, on both sides, the pairs that are held out."""
    first.partner, second.partner = second, first
    for i, word in enumerate(first.words):
        for j, other in enumerate(second.words):
            if is_held_out(i, j):
                word.barred |= other.bit
                other.barred |= word.bit


def excluded_words(domain: Domain, split: Split, used: int, barred: int) -> int:
    """The words that may not be drawn now, as a mask.

    No word comes twice in a story. Of the words `barred` by the partners met so far, "avoid" takes
    none; "seek" takes its first word of the domain from them; "allow" does not care.
    """
    if split.rule == "avoid":
        return used | barred
    if split.rule == "seek" and barred and not used:
        return domain.everything & ~barred
    return used
