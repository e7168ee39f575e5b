"""Applying learned merges to the bytes of one piece: the encoder's inner loop."""

from __future__ import annotations

from array import array
from heapq import heapify, heappop, heappush
from itertools import pairwise

Pair = tuple[int, int]

# Above this many ids, the heap wins over looking at every pair again (measured: 150 to 400).
LONG = 256
NO_RANK = 1 << 60


def merge(ids: list[int], rank_of_pair: dict[Pair, int], merged_id: list[int]) -> list[int]:
    """Merges neighbours, the earliest learned pair first, until no pair is left that can merge.

    Args:
        ids: one id per byte of a piece. Changed in place.
        rank_of_pair: when each pair was learned: 0 for the first merge.
        merged_id: the id that the merge of each rank makes.

    Source: Sennrich, Haddow and Birch (2016), "Neural Machine Translation of Rare Words with
    Subword Units", section 3.2.
    """
    if len(ids) > LONG:
        return merge_long(ids, rank_of_pair, merged_id)
    return merge_short(ids, rank_of_pair, merged_id)


def merge_short(ids: list[int], rank_of_pair: dict[Pair, int], merged_id: list[int]) -> list[int]:
    """Looks at every pair for every merge: quadratic, and the fastest for a word."""
    rank_of = rank_of_pair.get
    ranks = [rank_of(pair, NO_RANK) for pair in pairwise(ids)]
    while ranks:
        rank = min(ranks)
        if rank == NO_RANK:
            break
        i = ranks.index(rank)  # the leftmost, where a pair occurs more than once
        ids[i : i + 2] = [merged_id[rank]]
        del ranks[i]
        if i > 0:
            ranks[i - 1] = rank_of((ids[i - 1], ids[i]), NO_RANK)
        if i < len(ranks):
            ranks[i] = rank_of((ids[i], ids[i + 1]), NO_RANK)
    return ids


def merge_long(ids: list[int], rank_of_pair: dict[Pair, int], merged_id: list[int]) -> list[int]:
    """Keeps the pairs in a heap: n log n, for a megabyte without a space.

    The ids form a linked list, so that a merge moves nothing. An entry of the heap is one integer,
    `rank * n + position`: it sorts by rank, then from left to right.
    """
    n = len(ids)
    gone = -1
    rank_of = rank_of_pair.get
    following = array("q", range(1, n + 1))
    preceding = array("q", range(-1, n - 1))
    heap = [
        rank * n + position
        for position, pair in enumerate(pairwise(ids))
        if (rank := rank_of(pair)) is not None
    ]
    heapify(heap)
    while heap:
        rank, here = divmod(heappop(heap), n)
        there = following[here]
        if there == n or rank_of((ids[here], ids[there])) != rank:
            continue  # one of the two has been merged since this entry was made
        ids[here], ids[there] = merged_id[rank], gone
        after = following[here] = following[there]
        before = preceding[here]
        if after < n:
            preceding[after] = here
            if (rank := rank_of((ids[here], ids[after]))) is not None:
                heappush(heap, rank * n + here)
        if before >= 0 and (rank := rank_of((ids[before], ids[here]))) is not None:
            heappush(heap, rank * n + before)
    return [id_ for id_ in ids if id_ != gone]
