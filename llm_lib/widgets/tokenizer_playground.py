"""The reader's sentence as characters, bytes, words and byte pair tokens, side by side."""

from __future__ import annotations

from functools import cache
from typing import Any

import traitlets

from llm_lib.book_tokenizer import LARGEST, book_tokenizer
from llm_lib.book_words import book_word_tokenizer
from llm_lib.tokenizers.pretokenize import well_formed
from llm_lib.widgets.base import BookWidget, still_table
from llm_lib.widgets.sentence import BOOK_SENTENCE
from llm_lib.widgets.token_label import token_label

UNITS = ("characters", "bytes", "words", "bpe")
_SMALLEST = 257  # the 256 bytes and <|endoftext|>
_STILL_TOKENS = 80


class TokenizerPlayground(BookWidget):
    """One text cut in every way of Part I: how many tokens, which ones, and their ids.

    The ids are those of the library: code points; bytes; the word vocabulary of the short story,
    with ``<unk>`` for other words; and the book's byte pair merges at several sizes.

    Args:
        text: the text to cut. ``None``, the default, is the book's own sentence.
        unit: whose tokens are shown: ``"characters"``, ``"bytes"``, ``"words"`` or ``"bpe"``.
        vocab_size: of the byte pair tokenizer that is shown, 257 (bytes only) to 2,048.
        units: the ways of cutting that are compared.
        vocab_sizes: the byte pair vocabularies that are compared; ``vocab_size`` joins them.
        follow: show the reader's own sentence once they have typed one, on any page.

    Attributes:
        ids: the ids of ``text`` as ``unit`` cuts it. Follows what the reader types; ``observe`` it.
        tokens: the same tokens as text; bytes that are no whole character as ``"\\xc3"``.

    Raises:
        ValueError: ``unit`` is not among ``units``.
        traitlets.TraitError: a value of the wrong type or out of range.
    """

    module = "tokenizer_playground"

    text = traitlets.Unicode(BOOK_SENTENCE).tag(sync=True)
    unit = traitlets.Enum(UNITS, "bpe").tag(sync=True)
    vocab_size = traitlets.Int(1024, min=_SMALLEST, max=LARGEST).tag(sync=True)
    units = traitlets.List(traitlets.Enum(UNITS), list(UNITS)).tag(sync=True)
    vocab_sizes = traitlets.List(traitlets.Int(min=_SMALLEST, max=LARGEST), [512, 1024, 2048]).tag(
        sync=True
    )
    follow = traitlets.Bool(True).tag(sync=True)

    ids = traitlets.List(traitlets.Int(), read_only=True)
    tokens = traitlets.List(traitlets.Unicode(), read_only=True)

    def __init__(self, text: str | None = None, **props: Any) -> None:
        super().__init__(**props, **({} if text is None else {"text": text}))
        if self.unit not in self.units:
            raise ValueError(f"unit is {self.unit!r}, which is not among units={self.units}")
        self._cut_again()

    @traitlets.observe("text", "unit", "vocab_size")
    def _cut_again(self, change: object = None) -> None:
        pieces = cut(self.text, self.unit, self.vocab_size)
        with self.hold_trait_notifications():
            self.set_trait("ids", [id_ for id_, _ in pieces])
            self.set_trait(
                "tokens", [token.decode("utf-8", "backslashreplace") for _, token in pieces]
            )

    def still(self) -> str:
        rows = self._rows()
        return still_table(
            f"“{self.text[:200]}{'…' if len(self.text) > 200 else ''}”, cut in {len(rows)} ways",
            ["cut into", "tokens", "characters per token", "the tokens"],
            rows,
        )

    def _rows(self) -> list[tuple[str, str, str, str]]:
        rows = []
        length = len(well_formed(self.text))
        for unit in self.units:
            sizes = sorted({*self.vocab_sizes, self.vocab_size}) if unit == "bpe" else [LARGEST]
            for size in sizes:
                tokens = [token for _, token in cut(self.text, unit, size)]
                name = f"BPE, a vocabulary of {size}" if unit == "bpe" else unit
                rate = f"{length / len(tokens):.2f}" if tokens else "–"
                rows.append((name, str(len(tokens)), rate, _in_a_row(tokens)))
        return rows


def cut(text: str, unit: str, vocab_size: int = LARGEST) -> list[tuple[int, bytes]]:
    """The tokens of a text, each with its id. ``vocab_size`` matters to ``"bpe"`` alone.

    A lone surrogate is replaced by U+FFFD, and a special token in the text is text, except to the
    word tokenizer, which knows ``<|endoftext|>`` and ``<unk>`` when it sees them.
    """
    text = well_formed(text)
    if unit == "characters":
        return [(ord(character), character.encode()) for character in text]
    if unit == "bytes":
        return [(byte, bytes([byte])) for byte in text.encode()]
    if unit == "words":
        words = book_word_tokenizer()
        return [(id_, words.id_to_token[id_].encode()) for id_ in words.encode(text)]
    tokenizer = _bpe(vocab_size)
    ids = tokenizer.encode(text, disallowed_special=())
    return [(id_, tokenizer.vocab[id_]) for id_ in ids]


_bpe = cache(book_tokenizer)  # one for each size, and what it has merged is remembered


def _in_a_row(tokens: list[bytes]) -> str:
    row = " | ".join(map(token_label, tokens[:_STILL_TOKENS]))
    return row if len(tokens) <= _STILL_TOKENS else f"{row} | …"
