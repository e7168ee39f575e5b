"""Answers to the exercises of chapter 1: one that passes, and the mistakes readers make."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from llm_lib.tokenizers.word import UNKNOWN, WORD_OR_MARK

_WORD_MARK_OR_SPACE = rf"\s+|{WORD_OR_MARK.pattern}"


def unknown_rate(tokens: Sequence[str], vocabulary: Collection[str]) -> float:
    if not tokens:
        return 0.0
    return sum(token not in vocabulary for token in tokens) / len(tokens)


def known_rate(tokens: Sequence[str], vocabulary: Collection[str]) -> float:
    return sum(token in vocabulary for token in tokens) / len(tokens)


def unknown_percent(tokens: Sequence[str], vocabulary: Collection[str]) -> float:
    return 100 * unknown_rate(tokens, vocabulary)


def unknown_words(tokens: Sequence[str], vocabulary: Collection[str]) -> float:
    return unknown_rate(list(set(tokens)), vocabulary)


def unguarded_rate(tokens: Sequence[str], vocabulary: Collection[str]) -> float:
    return sum(token not in vocabulary for token in tokens) / len(tokens)


def broken_text() -> str:
    return "'copy'"


def unknown_text() -> str:
    return "The compositor sent an email."


def text_with_line_break() -> str:
    return "I had noticed them.\nHe had not."


def text_that_survives() -> str:
    return '"It came out lovely," said Kebbel.'


def vocabulary(tokens: Sequence[str]) -> dict[str, int]:
    return {token: id_ for id_, token in enumerate([*sorted(set(tokens)), UNKNOWN])}


def vocabulary_in_set_order(tokens: Sequence[str]) -> dict[str, int]:
    return {token: id_ for id_, token in enumerate([*set(tokens), UNKNOWN])}


def vocabulary_without_unknown(tokens: Sequence[str]) -> dict[str, int]:
    return {token: id_ for id_, token in enumerate(sorted(set(tokens)))}


def vocabulary_with_shared_id(tokens: Sequence[str]) -> dict[str, int]:
    return {**vocabulary_without_unknown(tokens), UNKNOWN: 0}


def vocabulary_with_gaps(tokens: Sequence[str]) -> dict[str, int]:
    return {token: id_ for id_, token in enumerate([UNKNOWN, *tokens])}


def split(text: str) -> list[str]:
    return re.findall(_WORD_MARK_OR_SPACE, text)


def split_losing_space(text: str) -> list[str]:
    return WORD_OR_MARK.findall(text)


def split_at_spaces(text: str) -> list[str]:
    return [piece for piece in re.split(r"(\s+)", text) if piece]


def split_with_empty_pieces(text: str) -> list[str]:
    return re.split(rf"({_WORD_MARK_OR_SPACE})", text) if text else []


def split_at_apostrophes(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def split_with_leading_space(text: str) -> list[str]:
    return re.findall(rf"\s*(?:{WORD_OR_MARK.pattern})|\s+", text)


def spell(tokens: Sequence[str], vocabulary: Collection[str]) -> list[str]:
    pieces: list[str] = []
    for token in tokens:
        if token in vocabulary:
            pieces.append(token)
        else:
            pieces += [token[0], *(f"##{letter}" for letter in token[1:])]
    return pieces


def spell_as_unknown(tokens: Sequence[str], vocabulary: Collection[str]) -> list[str]:
    return [token if token in vocabulary else UNKNOWN for token in tokens]


def spell_everything(tokens: Sequence[str], vocabulary: Collection[str]) -> list[str]:
    return spell(tokens, set())


def spell_without_marks(tokens: Sequence[str], vocabulary: Collection[str]) -> list[str]:
    return [piece.removeprefix("##") for piece in spell(tokens, vocabulary)]


def spell_with_marks_everywhere(tokens: Sequence[str], vocabulary: Collection[str]) -> list[str]:
    pieces: list[str] = []
    for token in tokens:
        pieces += [token] if token in vocabulary else [f"##{letter}" for letter in token]
    return pieces


def spell_dropping(tokens: Sequence[str], vocabulary: Collection[str]) -> list[str]:
    return [token for token in tokens if token in vocabulary]
