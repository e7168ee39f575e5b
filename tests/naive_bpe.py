"""Byte pair encoding exactly as it is defined, with no thought for speed: what tests compare with.

Nothing here is shared with `llm_lib.tokenizers`: special tokens are found by hand, pairs are
counted from nothing before every merge, and ties are broken by the definition of the rule.
"""

from __future__ import annotations

import regex


def cut_at_special_tokens(text: str, special_tokens: list[str]) -> list[str]:
    """The ordinary parts of the text; at each place, the longest special token wins."""
    parts, start, i = [], 0, 0
    while i < len(text):
        here = [token for token in special_tokens if text.startswith(token, i)]
        if here:
            parts.append(text[start:i])
            i = start = i + len(max(here, key=len))
        else:
            i += 1
    return [*parts, text[start:]]


def train(
    text: str, n_merges: int, special_tokens: list[str], pattern: str, tie_break: str
) -> list[tuple[bytes, bytes]]:
    """Up to `n_merges` merges."""
    corpus = [
        [bytes([byte]) for byte in piece.encode()]
        for part in cut_at_special_tokens(text, special_tokens)
        for piece in regex.findall(pattern, part)
    ]
    merges = []
    for _ in range(n_merges):
        counts: dict[tuple[bytes, bytes], int] = {}
        for word in corpus:
            for i in range(len(word) - 1):
                pair = word[i], word[i + 1]
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        if tie_break == "first":
            best = max(counts, key=counts.get)  # the first of the most frequent, left to right
        else:
            best = max(counts, key=lambda pair: (counts[pair], pair))
        corpus = [merge_everywhere(word, best) for word in corpus]
        merges.append(best)
    return merges


def merge_everywhere(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    merged, i = [], 0
    while i < len(word):
        if i + 1 < len(word) and (word[i], word[i + 1]) == pair:
            merged.append(word[i] + word[i + 1])
            i += 2
        else:
            merged.append(word[i])
            i += 1
    return merged


def encode_piece(piece: bytes, merges: list[tuple[bytes, bytes]]) -> list[bytes]:
    """Applies every merge, in the order learned, to the whole piece."""
    word = [piece[i : i + 1] for i in range(len(piece))]
    for pair in merges:
        word = merge_everywhere(word, pair)
    return word
