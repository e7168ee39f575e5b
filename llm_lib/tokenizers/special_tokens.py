"""Special tokens: strings such as `<|endoftext|>` that are one token and are never split."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Literal

SpecialTokenChoice = Literal["all"] | Collection[str]


def check_special_tokens(special_tokens: Iterable[str]) -> tuple[str, ...]:
    """Returns the special tokens as a tuple, or says which of them cannot be one.

    Raises:
        TypeError: a bare string, or something that is not a string.
        ValueError: an empty or repeated token, or one that is not valid Unicode.
    """
    if isinstance(special_tokens, str):
        raise TypeError(
            f"special_tokens must be a sequence of strings, not the string {special_tokens!r}: "
            f"write ({special_tokens!r},)"
        )
    special_tokens = tuple(special_tokens)
    for position, token in enumerate(special_tokens):
        if not isinstance(token, str):
            raise TypeError(f"special token {position} must be a string, not {token!r}")
        if not token:
            raise ValueError(
                f"special token {position} is empty: every text holds the empty string "
                "everywhere; remove it, or give it a name such as '<|endoftext|>'"
            )
        if token in special_tokens[:position]:
            raise ValueError(
                f"special token {token!r} is given twice: each needs an id of its own; remove one"
            )
        if any("\ud800" <= char <= "\udfff" for char in token):
            raise ValueError(
                f"special token {token!r} holds half a surrogate pair, which has no UTF-8 form: "
                "use whole characters"
            )
    return special_tokens


@lru_cache(maxsize=64)
def special_token_regex(special_tokens: frozenset[str]) -> re.Pattern[str]:
    """A regex that finds any of the tokens; where two start at one place, the longest wins."""
    longest_first = sorted(special_tokens, key=lambda token: (-len(token), token))
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")


def split_on_special_tokens(text: str, special_tokens: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yields the non-empty parts of `text` in order, each with "is it a special token?"."""
    special_tokens = frozenset(special_tokens)
    if not special_tokens:
        if text:
            yield text, False
        return
    # re.split with one group alternates: ordinary, special, ordinary, …, ordinary.
    for index, part in enumerate(special_token_regex(special_tokens).split(text)):
        if part:
            yield part, index % 2 == 1


def choose_special_tokens(
    known: Collection[str], allowed: SpecialTokenChoice, disallowed: SpecialTokenChoice
) -> tuple[set[str], set[str]]:
    """The special tokens to encode as such, and those to refuse, by tiktoken's rules."""
    for name, tokens in (("allowed", allowed), ("disallowed", disallowed)):
        if isinstance(tokens, str) and tokens != "all":
            raise TypeError(
                f"{name}_special must be 'all' or a set of tokens, not the string {tokens!r}: "
                f"write {{{tokens!r}}}"
            )
    allowed_set = set(known) if allowed == "all" else set(known) & set(allowed)
    disallowed_set = set(known) - allowed_set if disallowed == "all" else set(disallowed)
    return allowed_set, disallowed_set


def refuse_special_tokens(text: str, disallowed: Iterable[str]) -> None:
    """Raises ValueError where `text` holds a disallowed special token.

    Text from a user that spells `<|endoftext|>` should not be able to end a document. So, as in
    tiktoken, a special token inside ordinary text is an error until the caller has decided.
    """
    found = [token for token in disallowed if token in text]
    if found:
        token = min(found, key=lambda token: (text.find(token), -len(token)))
        raise ValueError(
            f"the text holds the special token {token!r}, which is not allowed here. "
            f"To encode it as a special token, pass allowed_special={{{token!r}}}; "
            "to encode it as ordinary text, pass disallowed_special=()"
        )
