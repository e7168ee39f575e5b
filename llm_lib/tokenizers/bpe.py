"""Byte pair encoding: a tokenizer that starts from bytes and merges what stands together often."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from llm_lib.atomic_write import write_text
from llm_lib.tokenizers import formats
from llm_lib.tokenizers.bpe_training import BPETrainer, TieBreak
from llm_lib.tokenizers.files import naming_files, read_text_chunks
from llm_lib.tokenizers.piece_cache import PieceCache
from llm_lib.tokenizers.piece_counts import count_pieces
from llm_lib.tokenizers.pretokenize import GPT2_PATTERN, PreTokenizer, well_formed
from llm_lib.tokenizers.special_tokens import (
    SpecialTokenChoice,
    check_special_tokens,
    choose_special_tokens,
    refuse_special_tokens,
    split_on_special_tokens,
)
from llm_lib.tokenizers.streaming import StreamSplitter, clean_chunks
from llm_lib.tokenizers.vocabulary import Vocabulary

if TYPE_CHECKING:
    import tiktoken

FilePath = str | os.PathLike[str]


class BPETokenizer:
    """Byte-level byte pair encoding, as in GPT-2 (Radford et al., 2019).

    Text is cut at special tokens, then into pieces by a pattern; the UTF-8 bytes of each piece are
    merged in the order in which the merges were learned. Any text can be encoded, and decoding
    gives it back exactly. The one exception: a lone surrogate, which is not a character, is
    replaced by U+FFFD, as in tiktoken.

    Attributes:
        vocab: the bytes of every token, by id.
        merges: the pairs in the order learned.
        special_tokens: the id of each special token.
        pattern: the regular expression that cuts text into pieces.
    """

    def __init__(
        self,
        vocab: Sequence[bytes],
        merges: Sequence[tuple[bytes, bytes]],
        special_tokens: Mapping[str, int] | None = None,
        pattern: str = GPT2_PATTERN,
    ) -> None:
        """Puts a tokenizer together from its parts; `train`, `load` and `from_…` find the parts.

        Raises:
            ValueError: the parts do not fit; the message names the token or merge.
        """
        self.special_tokens = dict(special_tokens or {})
        check_special_tokens(self.special_tokens)
        self._vocabulary = Vocabulary(vocab, merges, self.special_tokens)
        self._pretokenizer = PreTokenizer(pattern)
        self._ids_of_piece = PieceCache(self._vocabulary)

    @classmethod
    def train(
        cls,
        text: str | os.PathLike[str] | Iterable[str],
        vocab_size: int,
        special_tokens: Sequence[str] = (),
        pattern: str = GPT2_PATTERN,
        tie_break: TieBreak = "lexicographic",
    ) -> BPETokenizer:
        """Learns a vocabulary of `vocab_size` tokens: 256 bytes, merges, then special tokens.

        Args:
            text: a string, the `pathlib.Path` of a UTF-8 file (read in chunks), or an iterable of
                strings, each a document of its own: no pair crosses from one to the next.
            vocab_size: the number of tokens, special tokens included.
            special_tokens: cut the text wherever they stand in it, and are never merged.
            pattern: cuts text into pieces, in the syntax of the `regex` package.
            tie_break: which of several equally frequent pairs wins; see `BPETrainer`.

        Raises:
            ValueError: no text to learn from, a `vocab_size` below 256 plus the special tokens or
                above what the text has pairs for, or special tokens that are empty or repeated.
        """
        special_tokens = check_special_tokens(special_tokens)
        if not isinstance(vocab_size, int):
            raise TypeError(f"vocab_size must be an int, not {vocab_size!r}")
        n_merges = vocab_size - 256 - len(special_tokens)
        if n_merges < 0:
            raise ValueError(
                f"vocab_size={vocab_size} is too small: 256 bytes and {len(special_tokens)} "
                f"special token(s) need at least {256 + len(special_tokens)}"
            )
        piece_counts = count_pieces(text, special_tokens, pattern)
        steps = BPETrainer(piece_counts, tie_break).steps()
        merges = [step.pair for step in islice(steps, n_merges)]
        if len(merges) < n_merges:
            raise ValueError(
                f"vocab_size={vocab_size} asks for {n_merges} merges, and this text has pairs for "
                f"only {len(merges)}: give more text, or a vocab_size of at most "
                f"{vocab_size - n_merges + len(merges)}"
            )
        return cls.from_merges(merges, special_tokens, pattern)

    @classmethod
    def from_merges(
        cls,
        merges: Iterable[tuple[bytes, bytes]],
        special_tokens: Sequence[str] = (),
        pattern: str = GPT2_PATTERN,
    ) -> BPETokenizer:
        """Numbers the bytes 0–255, then the merges in order, then the special tokens.

        Raises:
            ValueError: a merge of parts that do not exist yet, or that makes a token twice.
        """
        special_tokens = check_special_tokens(special_tokens)
        merges = [(bytes(left), bytes(right)) for left, right in merges]
        vocab = [bytes([byte]) for byte in range(256)]
        vocab += [left + right for left, right in merges]
        special_ids = {token: len(vocab) + i for i, token in enumerate(special_tokens)}
        vocab += [token.encode() for token in special_tokens]
        return cls(vocab, merges, special_ids, pattern)

    @classmethod
    def from_gpt2_files(cls, encoder_json: FilePath, vocab_bpe: FilePath) -> BPETokenizer:
        """GPT-2's own tokenizer, from the two files that OpenAI published. Its ids are GPT-2's.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file is damaged, or the two do not belong together.
        """
        texts = ["".join(read_text_chunks(path)) for path in (encoder_json, vocab_bpe)]
        with naming_files(encoder_json, vocab_bpe):
            return cls(*formats.parse_gpt2_files(*texts))

    @classmethod
    def load(cls, path: FilePath) -> BPETokenizer:
        """Reads a byte-level BPE `tokenizer.json`, ours or one that `tokenizers` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is damaged, or holds a setting that this class does not have.
        """
        text = "".join(read_text_chunks(path))
        with naming_files(path):
            return cls(*formats.parse_tokenizer_json(text))

    def save(self, path: FilePath) -> None:
        """Writes a `tokenizer.json` for `load`, `tokenizers` and `transformers`.

        Raises:
            OSError: the file cannot be written; an older file is then unchanged.
        """
        write_text(path, formats.to_tokenizer_json(self))

    def to_tiktoken(self, name: str = "llm_lib") -> tiktoken.Encoding:
        """The same tokenizer as a `tiktoken.Encoding`.

        Raises:
            ImportError: tiktoken is not installed.
            ValueError: ids that do not follow the order of the merges, which tiktoken needs.
        """
        return formats.to_tiktoken(self, name)

    @property
    def vocab(self) -> list[bytes]:
        return self._vocabulary.tokens

    @property
    def merges(self) -> list[tuple[bytes, bytes]]:
        return self._vocabulary.merges

    @property
    def rebuilds_every_token(self) -> bool:
        """Whether each token, encoded, is itself. True of all merges that were trained."""
        return self._vocabulary.rebuilds_every_token

    @property
    def pattern(self) -> str:
        return self._pretokenizer.pattern

    @property
    def vocab_size(self) -> int:
        """The number of tokens, special tokens included."""
        return len(self.vocab)

    @property
    def n_vocab(self) -> int:
        """The same as `vocab_size`, under tiktoken's name."""
        return len(self.vocab)

    def encode(
        self,
        text: str,
        allowed_special: SpecialTokenChoice = (),
        disallowed_special: SpecialTokenChoice = "all",
    ) -> list[int]:
        """Turns text into ids, treating special tokens as tiktoken does.

        Args:
            text: any string.
            allowed_special: special tokens to encode as such, or "all".
            disallowed_special: special tokens that are an error in `text`, or "all" that are not
                allowed. With `()`, those not allowed are encoded as ordinary text.

        Raises:
            ValueError: `text` holds a disallowed special token.
        """
        allowed, disallowed = choose_special_tokens(
            self.special_tokens, allowed_special, disallowed_special
        )
        text = well_formed(text)
        refuse_special_tokens(text, disallowed)
        ids: list[int] = []
        for part, is_special in split_on_special_tokens(text, allowed):
            if is_special:
                ids.append(self.special_tokens[part])
            else:
                ids += self._encode_pieces(self._pretokenizer.split(part))
        return ids

    def encode_ordinary(self, text: str) -> list[int]:
        """Turns text into ids; special tokens in it are text like any other."""
        return self._encode_pieces(self._pretokenizer.split(well_formed(text)))

    def encode_iterable(
        self,
        chunks: Iterable[str],
        allowed_special: SpecialTokenChoice = (),
        disallowed_special: SpecialTokenChoice = "all",
    ) -> Iterator[int]:
        """Yields the ids of a text that arrives in chunks: an open file, a download, a generator.

        The ids are those of `encode("".join(chunks))`, wherever the chunks are cut, and memory does
        not grow with the text. See `StreamSplitter` for what that asks of a pattern of your own.

        Raises:
            ValueError: the text holds a disallowed special token; earlier ids have been yielded.
        """
        allowed, disallowed = choose_special_tokens(
            self.special_tokens, allowed_special, disallowed_special
        )
        chunks = clean_chunks(chunks, disallowed)
        return self._encode_parts(StreamSplitter(self._pretokenizer, allowed).split(chunks))

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The bytes that the ids stand for, special tokens included.

        Raises:
            TypeError: an id is not an integer.
            ValueError: an id is outside the vocabulary.
        """
        return b"".join(self._vocabulary.bytes_of(ids))

    def decode(self, ids: Iterable[int], errors: str = "replace") -> str:
        """Turns ids into text.

        Args:
            ids: integers from 0 to `vocab_size - 1`.
            errors: what to do with bytes that are no character, since a token may hold part of one:
                "replace" puts U+FFFD (�), "strict" raises UnicodeDecodeError, "ignore" drops them.
        """
        data = self.decode_bytes(ids)
        try:
            return data.decode("utf-8", errors)
        except UnicodeDecodeError as error:
            error.reason += "; the ids cut a character: decode more of them, or errors='replace'"
            raise

    def _encode_pieces(self, pieces: list[str]) -> list[int]:
        return list(chain.from_iterable(map(self._ids_of_piece.__getitem__, pieces)))

    def _encode_parts(self, parts: Iterable[list[str] | str]) -> Iterator[int]:
        for part in parts:
            if isinstance(part, str):
                yield self.special_tokens[part]
            else:
                yield from self._encode_pieces(part)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.vocab, self.merges, self.special_tokens, self.pattern)

    def __repr__(self) -> str:
        return f"BPETokenizer(vocab_size={self.vocab_size}, specials={list(self.special_tokens)})"
