"""Byte pair encoding, the training: which pairs to merge, found without counting them all again.

The idea fits in four lines: count every pair of neighbours, merge the most frequent pair wherever
it stands, and repeat. Done literally, every merge reads the whole text. Three observations make it
fast enough to use:

1. A text repeats its words. So work on each distinct piece once, and weigh it by its count.
2. A merge changes only the words that hold the pair. So keep, for each pair, a list of its words,
   and update the counts of the neighbours it touches in place of counting again.
3. A merge of `a b` into `ab` can only make pairs that contain `ab`; every older pair can only
   become rarer. So a heap may hold out-of-date counts: they are never too low, and an entry is
   corrected when it reaches the top.

Sources: Gage (1994), "A New Algorithm for Data Compression"; Sennrich, Haddow and Birch (2016),
"Neural Machine Translation of Rare Words with Subword Units"; for bytes, Radford et al. (2019).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush, heapreplace
from itertools import pairwise
from typing import Any, Literal, NamedTuple

Pair = tuple[int, int]
HeapEntry = tuple[int, Any, Pair]  # minus the count, the order among ties, the pair
TieBreak = Literal["lexicographic", "first"]
TIE_BREAKS: tuple[TieBreak, ...] = ("lexicographic", "first")


class MergeStep(NamedTuple):
    """One step of training: the pair that was merged, and how often it stood in the text."""

    pair: tuple[bytes, bytes]
    count: int


class BPETrainer:
    """Learns merges from counted pieces of text, one merge at a time.

    Attributes:
        tokens: the bytes of each token: 256 single bytes, then one more for each merge.
        words: each distinct piece as a list of positions in `tokens`, as merged so far.
        pair_counts: how often each pair of neighbouring tokens stands in the text now.
    """

    def __init__(
        self, piece_counts: Mapping[str, int], tie_break: TieBreak = "lexicographic"
    ) -> None:
        """Counts the pairs of bytes.

        Args:
            piece_counts: how often each piece occurs, in order of first occurrence.
            tie_break: which of several equally frequent pairs is merged.
                "lexicographic": the greater one, comparing the bytes of the left tokens, then of
                the right ones (as in Stanford's CS336 and most courses).
                "first": the one whose first occurrence, as the text is tokenized at this step,
                comes first (as `max(counts, key=counts.get)` gives where pairs are counted from
                left to right, for instance in minbpe).

        Raises:
            ValueError: an unknown `tie_break`.
        """
        if tie_break not in TIE_BREAKS:
            raise ValueError(f"tie_break must be one of {TIE_BREAKS}, not {tie_break!r}")
        self.tokens = [bytes([byte]) for byte in range(256)]
        self.words = [list(piece.encode()) for piece in piece_counts]
        self.pair_counts: dict[Pair, int] = defaultdict(int)
        self._word_counts = list(piece_counts.values())
        self._words_with: dict[Pair, list[int]] = defaultdict(list)
        for index, word in enumerate(self.words):
            for pair in pairwise(word):
                self._words_with[pair].append(index)  # once for each time it stands in the word
        for pair, words in self._words_with.items():
            self.pair_counts[pair] = self._total_count(words)

        self._inverted = [_inverted(token) for token in self.tokens]
        self._n_passed: dict[Pair, int] = defaultdict(int)
        self._order_of_ties = (
            self._greatest_bytes if tie_break == "lexicographic" else self._first_occurrence
        )
        self._heap = [self._entry(pair) for pair in self.pair_counts]
        heapify(self._heap)

    def steps(self) -> Iterator[MergeStep]:
        """Merges the best pair, yields it, and goes on until no two tokens are neighbours."""
        while (pair := self._most_frequent_pair()) is not None:
            count = self.pair_counts[pair]
            self._merge(pair)
            yield MergeStep((self.tokens[pair[0]], self.tokens[pair[1]]), count)

    def _entry(self, pair: Pair) -> HeapEntry:
        """Stands for the pair in the heap, where the smallest comes first: hence the minus."""
        return -self.pair_counts[pair], self._order_of_ties(pair), pair

    def _most_frequent_pair(self) -> Pair | None:
        while self._heap:
            *_, pair = self._heap[0]
            if not self.pair_counts[pair]:  # swallowed by other merges
                heappop(self._heap)
                self._forget(pair)
            elif self._heap[0] == (entry := self._entry(pair)):
                return pair
            else:  # rarer than when the entry was made: put it back where it belongs
                heapreplace(self._heap, entry)
        return None

    def _merge(self, pair: Pair) -> None:
        """Merges `pair`, the top of the heap, in every word that holds it."""
        left, right = pair
        merged = len(self.tokens)
        self.tokens.append(self.tokens[left] + self.tokens[right])
        self._inverted.append(_inverted(self.tokens[merged]))

        # Which tokens stand before and after the pair, and in which words.
        words_before: dict[int, list[int]] = defaultdict(list)
        words_after: dict[int, list[int]] = defaultdict(list)
        for index in self._words_with[pair]:
            word = self.words[index]
            i, last = 0, len(word) - 1
            while i < last:
                if word[i] == left and word[i + 1] == right:
                    if i > 0:
                        words_before[word[i - 1]].append(index)
                    if i + 1 < last:
                        words_after[word[i + 2]].append(index)
                    word[i : i + 2] = [merged]
                    last -= 1
                i += 1

        for after, words in words_after.items():
            self._replace_pair((right, after), (merged, after), words)
        for before, words in words_before.items():
            self._replace_pair((before, left), (before, merged), words)
        heappop(self._heap)
        self._forget(pair)
        self._push_new_pairs(
            [(before, merged) for before in words_before]
            + [(merged, after) for after in words_after]
        )

    def _replace_pair(self, old: Pair, new: Pair, words: list[int]) -> None:
        """Counts `new` in place of `old`, once for each entry of `words`."""
        count = self._total_count(words)
        self.pair_counts[old] -= count
        self.pair_counts[new] += count
        self._words_with[new] = words

    def _total_count(self, words: list[int]) -> int:
        return sum(map(self._word_counts.__getitem__, words))

    def _push_new_pairs(self, pairs: list[Pair]) -> None:
        for pair in pairs:
            if self.pair_counts[pair]:
                heappush(self._heap, self._entry(pair))
            else:  # in "aaaa", the pair (aa, a) appears and is gone again within one merge
                self._forget(pair)

    def _forget(self, pair: Pair) -> None:
        del self.pair_counts[pair]
        self._words_with.pop(pair, None)
        self._n_passed.pop(pair, None)

    def _greatest_bytes(self, pair: Pair) -> str:
        """Sorts the pair with the greater bytes first. Never changes."""
        left, right = pair
        return self._inverted[left] + self._inverted[right]

    def _first_occurrence(self, pair: Pair) -> tuple[int, int]:
        """The word, and the byte in it, where the pair occurs first. Can only move to the right.

        Distinct pieces stand in order of first occurrence, so the first of them that holds the
        pair is where a reader of the whole text would meet it.
        """
        words_with = self._words_with[pair]
        while self._n_passed[pair] < len(words_with):
            index = words_with[self._n_passed[pair]]
            n_bytes = 0
            for neighbours in pairwise(self.words[index]):
                if neighbours == pair:
                    return index, n_bytes
                n_bytes += len(self.tokens[neighbours[0]])
            self._n_passed[pair] += 1
        return len(self.words), 0  # it occurs nowhere any more


def _inverted(token: bytes) -> str:
    """A string that sorts the other way round: greater bytes come first, longer tokens too.

    A heap hands out its smallest entry, and ties go to the greatest pair. The end mark, above all
    inverted bytes, puts `ab` before `a`, and lets two tokens be joined without confusion.
    """
    return "".join(chr(255 - byte) for byte in token) + "\u0100"
