"""The book's tokenizers: what is stored is what the documented command makes."""

from __future__ import annotations

import json

import pytest

from llm_lib import book_tokenizer as module
from llm_lib import book_words
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.texts import data_dir, load_text


def test_the_stored_merges_are_those_of_the_command() -> None:
    assert module._merges() == module.train()


def test_the_stored_words_are_those_of_the_command() -> None:
    stored = json.loads((data_dir() / book_words.FILE).read_text("utf-8"))["words"]
    assert stored == book_words.build()


@pytest.mark.parametrize("size", [257, 512, 1024, 2048])
def test_every_size_gives_the_text_back(size: int) -> None:
    tokenizer = book_tokenizer(size)
    story = load_text("follow-copy")
    assert tokenizer.vocab_size == size
    assert tokenizer.decode(tokenizer.encode(story)) == story
    assert tokenizer.encode("<|endoftext|>", allowed_special="all") == [size - 1]


def test_a_larger_vocabulary_continues_a_smaller_one() -> None:
    assert book_tokenizer(2048).merges[:255] == book_tokenizer(512).merges
    lengths = [len(book_tokenizer(n).encode(load_text("follow-copy"))) for n in (257, 512, 2048)]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("size", [0, 256, 2049])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"vocab_size={size}"):
        book_tokenizer(size)
