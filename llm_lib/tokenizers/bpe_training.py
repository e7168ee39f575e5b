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

Pair = str  # of two tokens, each one character: see BPETrainer
HeapEntry = tuple[int, Any, Pair]  # minus the count, the order among ties, the pair
TieBreak = Literal["lexicographic", "first"]
TIE_BREAKS: tuple[TieBreak, ...] = ("lexicographic", "first")


class MergeStep(NamedTuple):
    """One step of training: the pair that was merged, and how often it stood in the text."""

    pair: tuple[bytes, bytes]
    count: int


class BPETrainer:
    """Learns merges from counted pieces of text, one merge at a time.

    Within, a token is written as one character, `chr(position in tokens)`, a word as a string of
    such characters, and a pair as a string of two. So merging is `str.replace`, which is fast even
    where the text is one long word, as DNA is.

    Attributes:
        tokens: the bytes of each token: 256 single bytes, then one more for each merge.
        words: each distinct piece of the text, as merged so far.
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
        # Latin-1 is the encoding that writes byte 0 as character 0, up to 255.
        self.words = [piece.encode().decode("latin-1") for piece in piece_counts]
        self.pair_counts: dict[Pair, int] = {}
        self._word_counts = list(piece_counts.values())
        self._words_with: dict[Pair, list[int]] = defaultdict(list)
        for index, word in enumerate(self.words):
            for left, right in pairwise(word):
                self._words_with[left + right].append(index)  # once for each time it stands there
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
            yield MergeStep(self._bytes_of(pair), count)

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
        merged = chr(len(self.tokens))
        self.tokens.append(b"".join(self._bytes_of(pair)))
        self._inverted.append(_inverted(self.tokens[-1]))

        # Which tokens stand before and after the pair, and in which words.
        words_before: dict[str, list[int]] = defaultdict(list)
        words_after: dict[str, list[int]] = defaultdict(list)
        for index in dict.fromkeys(self._words_with[pair]):  # each word once, in order
            word = self.words[index] = self.words[index].replace(pair, merged)
            last = len(word) - 1
            i = word.find(merged)
            while i >= 0:
                if i > 0:
                    words_before[word[i - 1]].append(index)
                if i < last and word[i + 1] != merged:  # or else it is counted as "before" it
                    words_after[word[i + 1]].append(index)
                i = word.find(merged, i + 1)

        heappop(self._heap)
        self._forget(pair)
        for before, words in words_before.items():
            replaced = right + left if before == merged else before + left
            self._replace_pair(replaced, before + merged, words)
        for after, words in words_after.items():
            self._replace_pair(right + after, merged + after, words)

    def _replace_pair(self, old: Pair, new: Pair, words: list[int]) -> None:
        """Counts `new` in place of `old`, once for each entry of `words`."""
        count = self._total_count(words)
        if old in self.pair_counts:
            self.pair_counts[old] -= count
        self.pair_counts[new] = count
        self._words_with[new] = words
        heappush(self._heap, (-count, self._order_of_ties(new), new))

    def _total_count(self, words: list[int]) -> int:
        return sum(map(self._word_counts.__getitem__, words))

    def _forget(self, pair: Pair) -> None:
        del self.pair_counts[pair]
        self._words_with.pop(pair, None)
        self._n_passed.pop(pair, None)

    def _greatest_bytes(self, pair: Pair) -> str:
        """Sorts the pair with the greater bytes first. Never changes."""
        left, right = pair
        return self._inverted[ord(left)] + self._inverted[ord(right)]

    def _first_occurrence(self, pair: Pair) -> tuple[int, int]:
        """The word, and the byte in it, where the pair occurs first. Can only move to the right.

        Distinct pieces stand in order of first occurrence, so the first of them that holds the
        pair is where a reader of the whole text would meet it.
        """
        words_with = self._words_with[pair]
        passed = None
        for n_passed in range(self._n_passed[pair], len(words_with)):
            index = words_with[n_passed]
            if index != passed and (i := self.words[index].find(pair)) >= 0:
                self._n_passed[pair] = n_passed
                return index, sum(len(self.tokens[ord(token)]) for token in self.words[index][:i])
            passed = index
        return len(self.words), 0  # it occurs nowhere any more

    def _bytes_of(self, pair: Pair) -> tuple[bytes, bytes]:
        left, right = pair
        return self.tokens[ord(left)], self.tokens[ord(right)]


def _inverted(token: bytes) -> str:
    """A string that sorts the other way round: greater bytes come first, longer tokens too.

    A heap hands out its smallest entry, and ties go to the greatest pair. The end mark, above all
    inverted bytes, puts `ab` before `a`, and lets two tokens be joined without confusion.
    """
    return "".join(chr(255 - byte) for byte in token) + "\u0100"
