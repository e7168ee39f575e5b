"""Cutting a text that arrives in chunks, so that the chunk borders leave no trace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from llm_lib.tokenizers.pretokenize import PreTokenizer, well_formed
from llm_lib.tokenizers.special_tokens import refuse_special_tokens, special_token_regex

# How much text is cut at a time, in characters: enough to be fast, little enough to be small.
BLOCK_SIZE = 1 << 16

# How far past its own end a pattern may look, in characters, to decide where a piece ends.
# GPT-2's pattern looks at two characters, and past any run of white space at one more.
LOOKAHEAD = 64


class StreamSplitter:
    """Cuts text that arrives in (clean) chunks exactly as if it had arrived whole.

    The end of what has arrived is not the end of the text: `walk` may become `walking`, and a
    space may belong to the next word. So the last pieces are held back until enough text follows
    them that nothing later can change them. Memory is bounded by a block, or by the longest piece
    if that is longer. Patterns must not look behind a piece, nor further ahead than `LOOKAHEAD`
    characters beyond the white space that follows it.
    """

    def __init__(self, pretokenizer: PreTokenizer, special_tokens: Collection[str] = ()) -> None:
        self._pretokenizer = pretokenizer
        self._special_tokens = frozenset(special_tokens)
        self._longest_special = max(map(len, self._special_tokens), default=1)
        self._held = ""  # text that has arrived but is not settled yet

    def split(self, chunks: Iterable[str]) -> Iterator[list[str] | str]:
        """Yields lists of pieces and, between them, special tokens as plain strings."""
        waiting: list[str] = []
        n_waiting = 0
        for chunk in chunks:
            waiting.append(chunk)
            n_waiting += len(chunk)
            # A piece longer than a block is cut anew only when its length has doubled:
            # otherwise a long text without a space would take quadratic time.
            if n_waiting >= max(BLOCK_SIZE, len(self._held)):
                self._held += "".join(waiting)
                waiting, n_waiting = [], 0
                yield from self._settle(is_end=False)
        self._held += "".join(waiting)
        yield from self._settle(is_end=True)

    def _settle(self, is_end: bool) -> Iterator[list[str] | str]:
        """Yields all that is certain, and keeps the rest in `_held`."""
        text = self._held
        # From here on, a special token could still begin, or turn into a longer one.
        open_from = len(text) if is_end else len(text) - self._longest_special + 1
        start = 0
        if self._special_tokens:
            for match in special_token_regex(self._special_tokens).finditer(text):
                if match.start() >= open_from:
                    break
                yield self._pretokenizer.split(text[start : match.start()])
                yield match[0]
                start = match.end()
        rest = text[start : max(start, open_from)]
        pieces = self._pretokenizer.split(rest)
        if not is_end:
            pieces = pieces[: _count_settled(pieces)]
        self._held = text[start + sum(map(len, pieces)) :]
        yield pieces


def _count_settled(pieces: list[str]) -> int:
    """How many of the first pieces stay as they are, whatever text follows the last one."""
    n_after = 0
    only_space_after = True
    for n_settled in range(len(pieces), 0, -1):
        if n_after >= LOOKAHEAD and not only_space_after:
            return n_settled
        last = pieces[n_settled - 1]
        n_after += len(last)
        only_space_after = only_space_after and last.isspace()
    return 0


def clean_chunks(chunks: Iterable[str], disallowed_special: Collection[str] = ()) -> Iterator[str]:
    """Passes chunks on in small parts, lone surrogates replaced, disallowed tokens refused.

    Raises:
        TypeError: a chunk is not a string.
        ValueError: a disallowed special token stands in the text, in one chunk or across several.
    """
    n_overlap = max(map(len, disallowed_special), default=1) - 1
    overlap = high_surrogate = ""
    for position, chunk in enumerate(chunks):
        if not isinstance(chunk, str):
            raise TypeError(
                f"chunk {position} must be a string, not {type(chunk).__name__}: "
                "open files in text mode, open(path, encoding='utf-8')"
            )
        for start in range(0, len(chunk), BLOCK_SIZE):
            text = high_surrogate + chunk[start : start + BLOCK_SIZE]
            # The second half of the character may be in the next part.
            high_surrogate = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
            text = well_formed(text.removesuffix(high_surrogate))
            overlap += text
            refuse_special_tokens(overlap, disallowed_special)
            overlap = overlap[len(overlap) - n_overlap :] if n_overlap < len(overlap) else overlap
            yield text
    yield well_formed(high_surrogate)
