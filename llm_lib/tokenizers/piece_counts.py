"""Counting the pieces of a text, wherever it comes from: all that training needs to know of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence

from llm_lib.tokenizers.files import read_text_chunks
from llm_lib.tokenizers.pretokenize import GPT2_PATTERN, PreTokenizer
from llm_lib.tokenizers.streaming import StreamSplitter, clean_chunks


def count_pieces(
    text: str | os.PathLike[str] | Iterable[str],
    special_tokens: Sequence[str] = (),
    pattern: str = GPT2_PATTERN,
) -> Counter[str]:
    """How often each piece stands in the text, in order of first occurrence.

    Takes what `BPETokenizer.train` takes. Special tokens cut the text and are not counted.

    Raises:
        ValueError: there is no text, or only special tokens.
    """
    if isinstance(text, str):
        documents: Iterable[Iterable[str]] = [[text]]
    elif isinstance(text, os.PathLike):
        documents = [read_text_chunks(text)]
    else:
        documents = ([document] for document in text)
    pretokenizer = PreTokenizer(pattern)
    counts: Counter[str] = Counter()
    for chunks in documents:
        for part in StreamSplitter(pretokenizer, special_tokens).split(clean_chunks(chunks)):
            if not isinstance(part, str):
                counts.update(part)
    if not counts:
        raise ValueError(
            f"there is no text to learn from in {text!r:.60}: give at least one character besides "
            "special tokens"
        )
    return counts
