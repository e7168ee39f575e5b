"""The tables of a byte pair encoder: what each id stands for, and which merge makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import index as as_index

from llm_lib.tokenizers.merging import Pair, merge


class Vocabulary:
    """Tokens and merges, checked against each other, as the tables that encoding looks up.

    Attributes:
        tokens: the bytes of every token, by id; of a special token, its UTF-8 text.
        merges: pairs of tokens, in the order learned.
        id_of_byte: for each of the 256 bytes, its id. (Not the byte itself: GPT-2 shuffles them.)
        rank_of_pair: for each pair of ids that merges, when it was learned, from 0.
        merged_id: for each rank, the id that the merge makes.
        id_of_whole_piece: pieces of which it is known, without merging, that they are one token.
    """

    def __init__(
        self,
        tokens: Sequence[bytes],
        merges: Sequence[tuple[bytes, bytes]],
        special_tokens: Mapping[str, int],
    ) -> None:
        """Builds the tables.

        Raises:
            ValueError: a token is missing, twice there or unreachable, or a merge has no parts.
        """
        self.tokens = list(tokens)
        self.merges = list(merges)
        id_of = self._number_tokens(special_tokens)
        self.id_of_byte = [id_of[bytes([byte])] for byte in range(256)]
        self.rank_of_pair: dict[Pair, int] = {}
        self.merged_id: list[int] = []
        self._rank_merges(id_of)
        # Merges as training finds them rebuild each of their own tokens, and most pieces of a text
        # are one token: looking them up saves the merging. Merges made by hand may be in an order
        # in which a token is never reached; such tokens must not be found here.
        self.id_of_whole_piece = {
            token: id_ for token, id_ in id_of.items() if self._merge_bytes(token) == [id_]
        }

    @property
    def rebuilds_every_token(self) -> bool:
        """Whether each token, encoded, is itself: true of all merges that were trained."""
        return len(self.id_of_whole_piece) == 256 + len(self.merges)

    def bytes_of(self, ids: Iterable[int]) -> list[bytes]:
        """The bytes of each id.

        Raises:
            TypeError: an id is not an integer.
            ValueError: an id is outside the vocabulary.
        """
        ids = list(ids)
        try:
            numbers = list(map(as_index, ids))
        except TypeError as error:
            raise TypeError(
                f"ids must be integers, and {ids!r:.60} holds something else ({error}): "
                "pass a flat list, such as tensor.tolist()"
            ) from None
        least, greatest = min(numbers, default=0), max(numbers, default=0)
        if least < 0 or greatest >= len(self.tokens):
            raise ValueError(
                f"id {least if least < 0 else greatest} is not in the vocabulary: "
                f"ids go from 0 to {len(self.tokens) - 1}; decode with the tokenizer that made them"
            )
        return [self.tokens[number] for number in numbers]

    def _number_tokens(self, special_tokens: Mapping[str, int]) -> dict[bytes, int]:
        """The ids of all tokens that are not special."""
        for token, id_ in special_tokens.items():
            if not 0 <= id_ < len(self.tokens) or self.tokens[id_] != token.encode():
                raise ValueError(f"special token {token!r} has id {id_}, which is not its own")
        special_ids = set(special_tokens.values())
        id_of: dict[bytes, int] = {}
        for id_, token in enumerate(self.tokens):
            if id_ in special_ids:
                continue
            if token in id_of:
                raise ValueError(
                    f"token {token!r} has two ids, {id_of[token]} and {id_}: remove one, "
                    "and the merge that makes it a second time"
                )
            id_of[token] = id_
        missing = [byte for byte in range(256) if bytes([byte]) not in id_of]
        if missing:
            raise ValueError(
                f"the vocabulary lacks {len(missing)} of the 256 bytes, first 0x{missing[0]:02x}: "
                "not every text could be encoded; train it on an alphabet of all bytes"
            )
        return id_of

    def _rank_merges(self, id_of: Mapping[bytes, int]) -> None:
        """Fills `rank_of_pair` and `merged_id`, in the order in which tokens come into being."""
        made = {bytes([byte]) for byte in range(256)}
        for rank, (left, right) in enumerate(self.merges):
            for part in (left, right):
                if part not in made:
                    raise ValueError(
                        f"merge {rank} joins {left!r} and {right!r}, but {part!r} is neither a "
                        "byte nor made by an earlier merge: keep merges in the order learned"
                    )
            token = left + right
            if token in made:
                raise ValueError(
                    f"merge {rank} of {left!r} and {right!r} makes {token!r}, which an earlier "
                    "merge makes already: remove one of the two"
                )
            if token not in id_of:
                raise ValueError(
                    f"merge {rank} makes {token!r}, which is not in the vocabulary: "
                    "vocabulary and merges do not belong together"
                )
            made.add(token)
            self.rank_of_pair[id_of[left], id_of[right]] = rank
            self.merged_id.append(id_of[token])
        if len(made) < len(id_of):
            orphan = next(token for token in id_of if token not in made)
            raise ValueError(
                f"token {orphan!r} (id {id_of[orphan]}) is neither a byte, nor made by a merge, "
                "nor a special token: vocabulary and merges do not belong together"
            )

    def _merge_bytes(self, token: bytes) -> list[int]:
        return merge([self.id_of_byte[b] for b in token], self.rank_of_pair, self.merged_id)
