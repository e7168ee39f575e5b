"""The book's own byte pair encoding: one list of merges, learned once, shared by all pages.

A vocabulary of 512 tokens is the start of one of 2,048 tokens, so one file serves every size.
Made by ``python -m llm_lib.book_tokenizer``; see ``data/README.md``.
"""

from __future__ import annotations

import json
from functools import cache

from llm_lib.atomic_write import write_text
from llm_lib.tales import corpus
from llm_lib.texts import data_dir, load_text
from llm_lib.tokenizers import BPETokenizer

FILE = "book-merges.json"
LARGEST = 2048  # tokens: 256 bytes, 1,791 merges and <|endoftext|>
END_OF_TEXT = "<|endoftext|>"


def book_tokenizer(vocab_size: int = LARGEST) -> BPETokenizer:
    """The book's tokenizer at a size of its choice.

    Args:
        vocab_size: 257 (bytes and ``<|endoftext|>``) to 2,048.

    Raises:
        ValueError: a size that cannot be had.
    """
    merges = _merges()
    most = 257 + len(merges)
    if not 257 <= vocab_size <= most:
        raise ValueError(f"vocab_size={vocab_size}: the book's tokenizer has 257 to {most} tokens")
    pieces = [bytes([byte]) for byte in range(256)]
    pairs = []
    for left, right in merges[: vocab_size - 257]:
        pairs.append((pieces[left], pieces[right]))
        pieces.append(pieces[left] + pieces[right])
    return BPETokenizer.from_merges(pairs, special_tokens=(END_OF_TEXT,))


@cache
def _merges() -> list[list[int]]:
    return json.loads((data_dir() / FILE).read_text("utf-8"))["merges"]


def train() -> list[list[int]]:
    """Learn the merges from the book's own texts: the short story, and as much of Tales.

    Returns:
        Pairs of ids in the order learned; ids 0 to 255 are the bytes, merge *r* makes 256 + *r*.
    """
    story = load_text("follow-copy")
    tales = corpus(len(story) // 500, seed=0, split="train")
    tokenizer = BPETokenizer.train([story, tales], LARGEST, special_tokens=(END_OF_TEXT,))
    ids = {token: id_ for id_, token in enumerate(tokenizer.vocab[: 256 + len(tokenizer.merges)])}
    return [[ids[left], ids[right]] for left, right in tokenizer.merges]


def main() -> None:
    """Write ``data/book-merges.json``."""
    about = "Byte pair merges of the book's tokenizer; made by: python -m llm_lib.book_tokenizer"
    merges = train()
    rows = ",\n".join(json.dumps(pair, separators=(",", ":")) for pair in merges)
    target = data_dir() / FILE
    write_text(target, f'{{"about": {json.dumps(about)},\n"merges": [\n{rows}\n]}}\n')
    print(f"{target}: {len(merges)} merges")


if __name__ == "__main__":
    main()
