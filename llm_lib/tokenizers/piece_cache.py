"""The ids of a piece, remembered: a text repeats its words, so most are encoded only once."""

from __future__ import annotations

from llm_lib.tokenizers.merging import merge
from llm_lib.tokenizers.vocabulary import Vocabulary

MAX_PIECES = 1 << 15  # about 8 MB
MAX_LENGTH = 64  # longer pieces hardly ever come twice


class PieceCache(dict[str, tuple[int, ...]]):
    """Maps each piece of text to its ids, encoding it when it is first asked for.

    A dictionary with `__missing__` answers known pieces without running any Python code, which is
    what makes encoding fast. When it is full, it forgets everything and starts again.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, piece: str) -> tuple[int, ...]:
        ids = self._encode(piece.encode())
        if len(piece) <= MAX_LENGTH:
            if len(self) >= MAX_PIECES:
                self.clear()
            self[piece] = ids
        return ids

    def _encode(self, piece: bytes) -> tuple[int, ...]:
        vocabulary = self._vocabulary
        if (whole := vocabulary.id_of_whole_piece.get(piece)) is not None:
            return (whole,)
        ids = [vocabulary.id_of_byte[byte] for byte in piece]
        return tuple(merge(ids, vocabulary.rank_of_pair, vocabulary.merged_id))
