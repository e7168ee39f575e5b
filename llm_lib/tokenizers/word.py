"""The seed of the book: a tokenizer whose tokens are words and punctuation marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from llm_lib.tokenizers.special_tokens import check_special_tokens, split_on_special_tokens

END_OF_TEXT = "<|endoftext|>"
UNKNOWN = "<unk>"

# A word (don't, well-known), a dash typed as two hyphens, or one punctuation mark.
WORD_OR_MARK = re.compile(r"\w+(?:[-'’]\w+)*|--|[^\w\s]")

NO_SPACE_BEFORE = set(".,;:!?)]}”’…%")
NO_SPACE_AFTER = set("([{“‘")


class WordTokenizer:
    """Maps each word or punctuation mark to an id.

    Attributes:
        token_to_id: the vocabulary, ids 0, 1, 2, … in order.
        id_to_token: the same the other way round.
        special_tokens: tokens that are matched as they stand, never split.
    """

    def __init__(
        self,
        token_to_id: Mapping[str, int],
        special_tokens: Sequence[str] = (END_OF_TEXT, UNKNOWN),
    ) -> None:
        if sorted(token_to_id.values()) != list(range(len(token_to_id))):
            raise ValueError(
                "the ids of a vocabulary must be 0, 1, 2, … without gaps or repeats: "
                "number the tokens with enumerate()"
            )
        self.token_to_id = dict(token_to_id)
        self.id_to_token = {id_: token for token, id_ in self.token_to_id.items()}
        self.special_tokens = tuple(t for t in special_tokens if t in self.token_to_id)

    @classmethod
    def from_text(
        cls, text: str, special_tokens: Sequence[str] = (END_OF_TEXT, UNKNOWN)
    ) -> WordTokenizer:
        """Builds a vocabulary from every distinct word of `text`, sorted, specials last.

        Raises:
            ValueError: `text` holds no word, or a special token is empty or repeated.
        """
        special_tokens = check_special_tokens(special_tokens)
        words = set(split_words(text, special_tokens)) - set(special_tokens)
        if not words:
            raise ValueError(
                f"cannot build a vocabulary from {text[:40]!r}: it holds no word; "
                "give a text with at least one word"
            )
        vocabulary = [*sorted(words), *special_tokens]
        return cls({token: id_ for id_, token in enumerate(vocabulary)}, special_tokens)

    @property
    def vocab_size(self) -> int:
        """The number of tokens, special tokens included."""
        return len(self.token_to_id)

    def encode(self, text: str) -> list[int]:
        """Turns text into ids. A word outside the vocabulary becomes `<unk>`.

        Raises:
            ValueError: a word is unknown and the vocabulary has no `<unk>`.
        """
        unknown_id = self.token_to_id.get(UNKNOWN)
        ids = [
            self.token_to_id.get(token, unknown_id)
            for token in split_words(text, self.special_tokens)
        ]
        if None in ids:
            word = split_words(text, self.special_tokens)[ids.index(None)]
            raise ValueError(
                f"{word!r} is not among the {self.vocab_size} tokens of the vocabulary, which has "
                f"no {UNKNOWN!r} to stand for it: build the vocabulary from a text that holds "
                f"{word!r}, or with special_tokens=({UNKNOWN!r},)"
            )
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Turns ids into text, with one space between words and none before a comma.

        The original spacing is lost: line breaks and double spaces come back as one space.

        Raises:
            ValueError: an id is outside the vocabulary.
        """
        ids = list(ids)
        for id_ in ids:
            if id_ not in self.id_to_token:
                raise ValueError(
                    f"id {id_!r} is not in the vocabulary: ids go from 0 to {self.vocab_size - 1}; "
                    "decode with the tokenizer that made the ids"
                )
        return join_words([self.id_to_token[id_] for id_ in ids])


def split_words(text: str, special_tokens: Sequence[str] = ()) -> list[str]:
    """Cuts text into words, punctuation marks and the special tokens found in it."""
    tokens: list[str] = []
    for part, is_special in split_on_special_tokens(text, special_tokens):
        tokens += [part] if is_special else WORD_OR_MARK.findall(part)
    return tokens


def join_words(tokens: Sequence[str]) -> str:
    """Writes tokens as a sentence: `["Well", ",", "yes"]` gives `"Well, yes"`."""
    text = ""
    glue_next = True  # nothing to separate the first token from
    inside_quotes = False
    for token in tokens:
        closes_quote = token == '"' and inside_quotes
        if not (glue_next or closes_quote or token in NO_SPACE_BEFORE):
            text += " "
        text += token
        glue_next = token in NO_SPACE_AFTER or (token == '"' and not inside_quotes)
        inside_quotes ^= token == '"'  # a straight quote opens, the next one closes
    return text
