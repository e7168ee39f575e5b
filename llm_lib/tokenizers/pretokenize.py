"""Pre-tokenization: cutting text into pieces (words, numbers, spaces) that merges never cross."""

from __future__ import annotations

import re

import regex

# Radford et al. (2019), GPT-2: contractions, words, numbers, other marks (each with the space
# before it), and white space, which leaves its last space to the word that follows.
GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# As published with OpenAI's cl100k_base: numbers in groups of three digits, line breaks apart.
GPT4_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# Every character is matched by these, so no text can be left out.
GAPLESS_PATTERNS = (GPT2_PATTERN, GPT4_PATTERN)

# GPT2_PATTERN as it acts on ASCII text, for Python's own `re`, which is twice as fast. Commonest
# first: only contractions and other marks can start alike, and these keep their order.
_GPT2_ASCII = re.compile(
    r" ?[A-Za-z]+|'(?:[sdmt]|ll|ve|re)| ?[0-9]+| ?[^ \t-\rA-Za-z0-9]+"
    r"|[ \t-\r]+(?![^ \t-\r])|[ \t-\r]+"
)


class PreTokenizer:
    """Cuts text into the pieces that a regular expression finds.

    No text is ever lost: what the pattern does not match becomes a piece of its own, so joining
    the pieces always gives the text back. (`tokenizers` does the same; tiktoken drops such text.)
    """

    def __init__(self, pattern: str = GPT2_PATTERN) -> None:
        """Compiles `pattern`, in the syntax of the `regex` package.

        Raises:
            TypeError: the pattern is not a string.
            ValueError: it is not a valid pattern, or it has capturing groups.
        """
        if not isinstance(pattern, str):
            raise TypeError(f"pattern must be a string, not {pattern!r}")
        try:
            compiled = regex.compile(pattern)
        except regex.error as error:
            raise ValueError(
                f"pattern {pattern!r} is not a regular expression: {error}; "
                "GPT2_PATTERN is an example that works"
            ) from error
        if compiled.groups:
            raise ValueError(
                f"pattern {pattern!r} has {compiled.groups} capturing group(s), and a piece is "
                "always the whole match: write (?:…) in place of (…)"
            )
        self.pattern = pattern
        self._compiled = compiled

    def split(self, text: str) -> list[str]:
        """The pieces of `text`, in order. Joined, they are `text`."""
        if self.pattern == GPT2_PATTERN and text.isascii():
            return _GPT2_ASCII.findall(text)
        pieces = self._compiled.findall(text)
        if self.pattern in GAPLESS_PATTERNS or len("".join(pieces)) == len(text):
            return pieces
        return self._split_with_gaps(text)

    def _split_with_gaps(self, text: str) -> list[str]:
        pieces = []
        end = 0
        for match in self._compiled.finditer(text):
            pieces += [text[end : match.start()], match[0]]
            end = match.end()
        pieces.append(text[end:])
        return [piece for piece in pieces if piece]


def well_formed(text: str) -> str:
    """Replaces lone surrogates, which have no UTF-8 form, by U+FFFD (�), as tiktoken does.

    Python strings may hold half a surrogate pair (from broken JSON, or `errors="surrogateescape"`).
    Two halves in a row make the character they spell. JavaScript's `toWellFormed` is the same rule.

    Raises:
        TypeError: not a string.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"text must be a string, not {type(text).__name__}; decode bytes first, for instance "
            "with data.decode('utf-8')"
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
