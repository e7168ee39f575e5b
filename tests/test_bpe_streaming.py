"""Streaming: the same ids wherever chunks are cut, in bounded memory."""

import random
import tracemalloc

import pytest

from llm_lib.tokenizers import GPT2_PATTERN, GPT4_PATTERN, BPETokenizer, streaming
from llm_lib.tokenizers.pretokenize import PreTokenizer
from llm_lib.tokenizers.streaming import StreamSplitter

END = "<|endoftext|>"
SPECIALS = [END, "<|a|>", "<|a|><|b|>", "|><"]
SNIPPETS = ["don't", " we'll", "'", "'l", "l", "  ", " " * 90, "\n", "\r\n", " \n ", "!", "?!", "."]
SNIPPETS += [" the", "walking", "12345", "😀", "\ud83d", "\ude00", "é", "你好", "a" * 90, "!" * 90]
SNIPPETS += [*SPECIALS, "<|end", "<|", "of", "text|>", "<|a|", ">", "<|a|><", "|b|>"]


def random_chunks(text, rng):
    chunks = []
    while text:
        n = rng.choice([0, 1, 1, 2, 3, 10, 100])
        chunks.append(text[:n])
        text = text[n:]
    return chunks


@pytest.mark.parametrize("pattern", [GPT2_PATTERN, GPT4_PATTERN, r"\w+|\W", r"[a-z]+"])
def test_chunk_borders_leave_no_trace(pattern, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 1)
    tokenizer = BPETokenizer.train(" the walking dead don't walk " * 9, 272, SPECIALS, pattern)
    rng = random.Random(0)
    for _ in range(600):
        text = "".join(rng.choices(SNIPPETS, k=rng.randint(0, 20)))
        chunks = random_chunks(text, rng)
        for allowed in ("all", {END}, ()):
            whole = tokenizer.encode(text, allowed_special=allowed, disallowed_special=())
            ids = tokenizer.encode_iterable(chunks, allowed, disallowed_special=())
            assert list(ids) == whole, (ascii(chunks), allowed)


@pytest.mark.parametrize("block_size", [1, 7, 64, 1000])
def test_blocks_leave_no_trace(block_size, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", block_size)
    rng = random.Random(1)
    pretokenizer = PreTokenizer(GPT2_PATTERN)
    text = "".join(rng.choices(SNIPPETS[:13], k=2000))
    parts = list(StreamSplitter(pretokenizer).split(random_chunks(text, rng)))
    assert [piece for part in parts for piece in part] == pretokenizer.split(text)
    assert len(parts) > 2


@pytest.mark.parametrize("pattern", [GPT2_PATTERN, GPT4_PATTERN])
def test_a_long_run_of_spaces_is_held_until_it_ends(pattern, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 1)
    pretokenizer = PreTokenizer(pattern)
    for end in ("\n", "x", " ", ""):
        text = "a\n" + " " * 300 + end
        parts = StreamSplitter(pretokenizer).split(iter(text))
        assert [piece for part in parts for piece in part] == pretokenizer.split(text)


def test_disallowed_specials_are_found_across_chunks():
    tokenizer = BPETokenizer.train("abc", 260, SPECIALS)
    text = f"some text {END} more"
    for cut in range(len(text)):
        with pytest.raises(ValueError, match="holds the special token"):
            list(tokenizer.encode_iterable([text[:cut], text[cut:]]))
    with pytest.raises(ValueError, match=r"'<\|a\|>'"):
        list(tokenizer.encode_iterable(["<|a", "|><|b|>"], {"<|a|><|b|>"}))


def test_ids_come_before_the_text_ends():
    tokenizer = BPETokenizer.train("one two three", 256)

    def endless():
        while True:
            yield "one two three "

    ids = tokenizer.encode_iterable(endless())
    assert [next(ids) for _ in range(100_000)] == list(("one two three " * 8000).encode())[:100_000]


def test_memory_does_not_grow_with_the_text():
    tokenizer = BPETokenizer.train("one two three four " * 9, 270)

    def peak(n_chunks):
        tracemalloc.start()
        n_ids = sum(
            1 for _ in tokenizer.encode_iterable("one two three. " * 9 for _ in range(n_chunks))
        )
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return n_ids, most

    peak(10)
    small_ids, small = peak(2_000)
    large_ids, large = peak(10_000)
    assert large_ids > 4 * small_ids
    assert large < small + 200_000


def test_one_long_piece_in_tiny_chunks_takes_linear_time(monkeypatch):
    n_characters_cut = 0
    split = PreTokenizer.split

    def counting_split(self, text):
        nonlocal n_characters_cut
        n_characters_cut += len(text)
        return split(self, text)

    monkeypatch.setattr(PreTokenizer, "split", counting_split)
    tokenizer = BPETokenizer.train("abc", 256)
    assert sum(1 for _ in tokenizer.encode_iterable("a" * 100 for _ in range(10_000))) == 1_000_000
    assert n_characters_cut < 4_000_000


def test_chunks_must_be_strings():
    tokenizer = BPETokenizer.train("abc", 256)
    with pytest.raises(TypeError, match="chunk 1 must be a string, not bytes"):
        list(tokenizer.encode_iterable(["a", b"b"]))


def test_a_surrogate_pair_cut_in_two_is_one_character():
    tokenizer = BPETokenizer.train("abc", 256)
    assert list(tokenizer.encode_iterable(["\ud83d", "\ude00"])) == list("😀".encode())
    assert list(tokenizer.encode_iterable(["\ud83d", "", "x\ud83d"])) == list(
        "\ufffdx\ufffd".encode()
    )
