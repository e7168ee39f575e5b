"""The vocabulary of chapter 1: every word of the book's short story, numbered.

The figures need it in the page, so it is kept as a file. Made by ``python -m llm_lib.book_words``;
see ``data/README.md``.
"""

from __future__ import annotations

import json
from functools import cache

from llm_lib.atomic_write import write_text
from llm_lib.texts import data_dir, load_text
from llm_lib.tokenizers import WordTokenizer

FILE = "book-words.json"


@cache
def book_word_tokenizer() -> WordTokenizer:
    """The word tokenizer whose vocabulary is that of the story, special tokens last."""
    words = json.loads((data_dir() / FILE).read_text("utf-8"))["words"]
    return WordTokenizer({word: id_ for id_, word in enumerate(words)})


def build() -> list[str]:
    """The words of the story in the order of their ids, as chapter 1 numbers them."""
    return list(WordTokenizer.from_text(load_text("follow-copy")).token_to_id)


def main() -> None:
    """Write ``data/book-words.json``."""
    about = "The words of follow-copy.txt, by id; made by: python -m llm_lib.book_words"
    words = build()
    text = json.dumps({"about": about, "words": words}, ensure_ascii=False, separators=(",", ":"))
    target = data_dir() / FILE
    write_text(target, text + "\n")
    print(f"{target}: {len(words)} words")


if __name__ == "__main__":
    main()
