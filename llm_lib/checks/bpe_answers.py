"""Answers to the exercises of chapter 2: one that passes, and the mistakes readers make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

Word = tuple[str, ...]
WordPair = tuple[str, str]


def count_pairs(words: Mapping[Word, int]) -> dict[WordPair, int]:
    counts: Counter[WordPair] = Counter()
    for word, count in words.items():
        for pair in pairwise(word):
            counts[pair] += count
    return dict(counts)


def count_pairs_unweighted(words: Mapping[Word, int]) -> dict[WordPair, int]:
    return count_pairs(dict.fromkeys(words, 1))


def count_pairs_once_a_word(words: Mapping[Word, int]) -> dict[WordPair, int]:
    counts: Counter[WordPair] = Counter()
    for word, count in words.items():
        for pair in set(pairwise(word)):
            counts[pair] += count
    return dict(counts)


def count_pairs_across_words(words: Mapping[Word, int]) -> dict[WordPair, int]:
    text = chain.from_iterable(word for word, count in words.items() for _ in range(count))
    return dict(Counter(pairwise(text)))


def count_tokens(words: Mapping[Word, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for token in word:
            counts[token] += count
    return dict(counts)


def merge(tokens: Sequence[str], pair: WordPair) -> list[str]:
    merged, i = [], 0
    while i < len(tokens):
        step = 2 if tuple(tokens[i : i + 2]) == pair else 1
        merged.append("".join(tokens[i : i + step]))
        i += step
    return merged


def merge_by_replacing(tokens: Sequence[str], pair: WordPair) -> list[str]:
    return " ".join(tokens).replace(" ".join(pair), "".join(pair)).split()


def merge_overlapping(tokens: Sequence[str], pair: WordPair) -> list[str]:
    merged = []
    for i, token in enumerate(tokens):
        if tuple(tokens[i : i + 2]) == pair:
            merged.append("".join(pair))
        elif i == 0 or tuple(tokens[i - 1 : i + 1]) != pair:
            merged.append(token)
    return merged


def merge_losing_the_last(tokens: Sequence[str], pair: WordPair) -> list[str]:
    merged, i = [], 0
    while i < len(tokens) - 1:
        step = 2 if tuple(tokens[i : i + 2]) == pair else 1
        merged.append("".join(tokens[i : i + step]))
        i += step
    return merged


def merge_the_first(tokens: Sequence[str], pair: WordPair) -> list[str]:
    for i in range(len(tokens) - 1):
        if tuple(tokens[i : i + 2]) == pair:
            return [*tokens[:i], "".join(pair), *tokens[i + 2 :]]
    return list(tokens)


def merge_from_the_right(tokens: Sequence[str], pair: WordPair) -> list[str]:
    mirrored = merge([token[::-1] for token in tokens[::-1]], (pair[1][::-1], pair[0][::-1]))
    return [token[::-1] for token in mirrored[::-1]]


def encode(piece: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    tokens = [bytes([byte]) for byte in piece]
    while True:
        joined = [left + right for left, right in pairwise(tokens)]
        known = [token for token in joined if token in ranks]
        if not known:
            return tokens
        i = joined.index(min(known, key=ranks.__getitem__))
        tokens[i : i + 2] = [joined[i]]


def encode_leftmost(piece: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    tokens, i = [bytes([byte]) for byte in piece], 0
    while i < len(tokens) - 1:
        joined = tokens[i] + tokens[i + 1]
        if joined in ranks:
            tokens[i : i + 2], i = [joined], 0
        else:
            i += 1
    return tokens


def encode_longest(piece: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    tokens: list[bytes] = []
    while piece:
        end = next(end for end in range(len(piece), 0, -1) if piece[:end] in ranks)
        tokens.append(piece[:end])
        piece = piece[end:]
    return tokens


def encode_latest_first(piece: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    return encode(piece, {token: -rank for token, rank in ranks.items()})


def encode_each_once(piece: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    tokens = [bytes([byte]) for byte in piece]
    for token in sorted(ranks, key=ranks.__getitem__):
        for i, (left, right) in enumerate(pairwise(tokens)):
            if left + right == token:
                tokens[i : i + 2] = [token]
                break
    return tokens


def encode_to_ids(piece: bytes, ranks: Mapping[bytes, int]) -> list[int]:
    return [ranks[token] for token in encode(piece, ranks)]


def stream(ids: Sequence[int], vocab: Sequence[bytes]) -> list[str]:
    shown, waiting = [], b""
    for id_ in ids:
        waiting += vocab[id_]
        try:
            shown.append(waiting.decode("utf-8"))
            waiting = b""
        except UnicodeDecodeError:
            shown.append("")
    return shown


def stream_token_by_token(ids: Sequence[int], vocab: Sequence[bytes]) -> list[str]:
    return [vocab[id_].decode("utf-8", errors="replace") for id_ in ids]


def stream_ignoring(ids: Sequence[int], vocab: Sequence[bytes]) -> list[str]:
    return [vocab[id_].decode("utf-8", errors="ignore") for id_ in ids]


def stream_at_the_end(ids: Sequence[int], vocab: Sequence[bytes]) -> list[str]:
    text = b"".join(vocab[id_] for id_ in ids).decode("utf-8")
    return [""] * (len(ids) - 1) + [text]


def stream_strictly(ids: Sequence[int], vocab: Sequence[bytes]) -> list[str]:
    return [vocab[id_].decode("utf-8") for id_ in ids]


def stream_all_so_far(ids: Sequence[int], vocab: Sequence[bytes]) -> list[str]:
    so_far = [b"".join(vocab[id_] for id_ in ids[: n + 1]) for n in range(len(ids))]
    return [data.decode("utf-8", errors="ignore") for data in so_far]
