"""Encoding and decoding: equal to the definition and to tiktoken, and clear errors."""

import os
import pickle
import random
import sys
import unicodedata
from functools import lru_cache
from pathlib import Path

import naive_bpe
import pytest
import regex

from llm_lib.tokenizers import GPT2_PATTERN, GPT4_PATTERN, BPETokenizer
from llm_lib.tokenizers.merging import merge_long, merge_short
from llm_lib.tokenizers.pretokenize import PreTokenizer

END = "<|endoftext|>"
DATA = Path(os.environ.get("LLM_LIB_DATA", "/absent"))
STORY = (
    "It was a quiet evening, and the lamps had not been lit. “You're early,” she said; he'd come "
    "12,345 miles, so it seemed.\n\n  Ĝis la revido! 你好，世界。 नमस्ते 😀👍🏽  naïve café\t\r\n"
) * 3

needs_gpt2 = pytest.mark.skipif(
    not (DATA / "gpt2/vocab.bpe").is_file(),
    reason="GPT-2's files are not in the repository: set LLM_LIB_DATA to a folder with gpt2/",
)


@pytest.fixture(scope="module")
def tokenizer():
    return BPETokenizer.train(STORY, 380, [END, "<|a|>", "<|a|><|b|>"])


@pytest.fixture(scope="module")
def gpt2():
    return BPETokenizer.from_gpt2_files(DATA / "gpt2/encoder.json", DATA / "gpt2/vocab.bpe")


@lru_cache
def characters_cut_alike():
    """All code points that `regex` and tiktoken put into the same class.

    They follow different versions of Unicode, so they differ on code points that one of them does
    not know yet: with regex 2026.11 (newer) and tiktoken 0.14, on 17,144 letters and 336 numbers,
    all unassigned in Unicode 14. None of them is a character of Unicode 3.2 (checked below).
    """
    import tiktoken

    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))
    ranks = {bytes([byte]): byte for byte in range(256)}
    differ = set()
    for kind in (r"\p{L}", r"\p{N}", r"\s"):
        encoding = tiktoken.Encoding(kind, pat_str=kind, mergeable_ranks=ranks, special_tokens={})
        # tiktoken leaves out what the pattern does not match.
        theirs = set(encoding.decode(encoding.encode_ordinary(everything)))
        differ |= theirs ^ set(regex.findall(kind, everything))
    assert not [char for char in differ if unicodedata.ucd_3_2_0.category(char) != "Cn"]
    assert len(differ) < 30_000
    return [char for char in everything if char not in differ]


def random_strings(n, seed):
    """Strings of all of Unicode, with plenty of what patterns care about."""
    rng = random.Random(seed)
    characters = characters_cut_alike()
    common = " \n\t'’sS.,!?0123456789aeiountrsl"
    snippets = [
        "'ll",
        "'re",
        "  ",
        "\r\n",
        " the",
        "\u00a0",
        "\u3000",
        "e\u0301",
        "😀",
        "👍🏽",
        "\0",
    ]
    snippets += [END, "<|", "ing", "你好", "١٢", "Ⅷ"]
    for _ in range(n):
        kinds = rng.choices(
            [common, snippets, characters],
            weights=[rng.random() for _ in range(3)],
            k=rng.randint(0, 40),
        )
        yield "".join(rng.choice(kind) for kind in kinds)


def test_ids_equal_the_definition(tokenizer):
    rng = random.Random(0)
    for _ in range(300):
        text = "".join(rng.choices(STORY, k=30))
        expected = [
            token
            for piece in regex.findall(GPT2_PATTERN, text)
            for token in naive_bpe.encode_piece(piece.encode(), tokenizer.merges)
        ]
        assert [tokenizer.vocab[id_] for id_ in tokenizer.encode(text)] == expected


def test_ids_equal_tiktoken_on_our_own_merges(tokenizer):
    tiktoken = pytest.importorskip("tiktoken")
    encoding = tokenizer.to_tiktoken()
    assert isinstance(encoding, tiktoken.Encoding) and encoding.n_vocab == tokenizer.n_vocab
    for text in random_strings(3000, seed=1):
        ids = tokenizer.encode(text, disallowed_special=())
        assert ids == encoding.encode(text, disallowed_special=()), ascii(text)
        assert tokenizer.decode(ids) == text
    text = f"so{END} it<|a|> goes"
    assert tokenizer.encode(text, allowed_special="all") == encoding.encode(
        text, allowed_special="all"
    )


def test_gpt4_pattern_equals_tiktoken():
    pytest.importorskip("tiktoken")
    tokenizer = BPETokenizer.train(STORY, 370, pattern=GPT4_PATTERN)
    encoding = tokenizer.to_tiktoken()
    for text in random_strings(3000, seed=2):
        assert tokenizer.encode_ordinary(text) == encoding.encode_ordinary(text), ascii(text)


@needs_gpt2
def test_ids_equal_tiktoken_with_gpt2_on_10000_strings(gpt2):
    tiktoken = pytest.importorskip("tiktoken")
    from tiktoken.load import data_gym_to_mergeable_bpe_ranks

    encoding = tiktoken.Encoding(
        "gpt2",
        explicit_n_vocab=50257,
        pat_str=GPT2_PATTERN,
        mergeable_ranks=data_gym_to_mergeable_bpe_ranks(
            vocab_bpe_file=str(DATA / "gpt2/vocab.bpe"),
            encoder_json_file=str(DATA / "gpt2/encoder.json"),
        ),
        special_tokens={END: 50256},
    )
    for text in random_strings(10_000, seed=3):
        ids = gpt2.encode(text, allowed_special="all")
        assert ids == encoding.encode(text, allowed_special="all"), ascii(text)
        assert gpt2.decode(ids) == text
    for text in ["\ud800", "a\udfffb", "\ud83d\ude00", "\ude00\ud83d x", "\ud835\ud400bc"]:
        assert gpt2.encode(text) == encoding.encode(text), ascii(text)


@needs_gpt2
def test_gpt2_ids(gpt2):
    assert gpt2.encode("Hello, world") == [15496, 11, 995]
    assert gpt2.encode(END, allowed_special={END}) == [50256]
    assert gpt2.n_vocab == gpt2.vocab_size == 50257
    assert gpt2.vocab[0] == b"!" and gpt2.vocab[220] == b" "
    assert gpt2.rebuilds_every_token


def test_ascii_shortcut_cuts_like_the_pattern():
    rng = random.Random(4)
    shortcut = PreTokenizer(GPT2_PATTERN)
    for _ in range(5000):
        common = rng.choice(["ab 'slv", "a1 \n\t!'", "".join(map(chr, range(128)))])
        text = "".join(rng.choices(common, k=rng.randint(0, 25)))
        assert shortcut.split(text) == regex.findall(GPT2_PATTERN, text), ascii(text)


def test_short_and_long_merging_agree(tokenizer):
    tables = tokenizer._vocabulary
    rng = random.Random(5)
    for length in (0, 1, 2, 3, 50, 1000):
        for letters in (b"a", b"ab", STORY.encode()):
            ids = [tables.id_of_byte[byte] for byte in rng.choices(letters, k=length)]
            args = tables.rank_of_pair, tables.merged_id
            assert merge_long(list(ids), *args) == merge_short(list(ids), *args)
    for token in tables.tokens[:-3]:  # every merge is used, from either side
        ids = [tables.id_of_byte[byte] for byte in b"t" + token * 3]
        assert merge_long(list(ids), *args) == merge_short(list(ids), *args)


def test_a_megabyte_without_a_space(tokenizer):
    text = "".join(random.Random(6).choices("andtheseq", k=1_000_000))
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert len(ids) < 950_000


def test_no_text_is_lost_when_the_pattern_leaves_gaps():
    tokenizer = BPETokenizer.train("ab, ab, ab", 258, pattern=r"[a-z]+")
    assert tokenizer.merges == [(b"a", b"b"), (b",", b" ")]
    for text in ["ab, ab", "??", "", "?ab?"]:
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_a_token_that_merges_never_reach_is_not_produced():
    # "bc" goes first, so "ab" + "c" never meet; by hand, then: a, bc.
    tokenizer = BPETokenizer.from_merges([(b"b", b"c"), (b"a", b"b"), (b"ab", b"c")])
    assert [tokenizer.vocab[id_] for id_ in tokenizer.encode("abc")] == [b"a", b"bc"]
    with pytest.raises(ValueError, match="order of the ids"):
        tokenizer.to_tiktoken()


def test_special_tokens_in_text_are_an_error_unless_allowed(tokenizer):
    text = f"one{END}two"
    end_id = tokenizer.special_tokens[END]
    with pytest.raises(ValueError, match=r"holds the special token '<\|endoftext\|>'"):
        tokenizer.encode(text)
    assert end_id in tokenizer.encode(text, allowed_special="all")
    assert end_id in tokenizer.encode(text, allowed_special={END})
    ordinary = tokenizer.encode(text, disallowed_special=())
    assert end_id not in ordinary and ordinary == tokenizer.encode_ordinary(text)
    with pytest.raises(ValueError, match="holds the special token"):
        tokenizer.encode(text, allowed_special="all", disallowed_special={END})
    with pytest.raises(TypeError, match=r"write \{'<\|endoftext"):
        tokenizer.encode(text, allowed_special=END)


def test_the_longest_special_token_wins(tokenizer):
    long, short = tokenizer.special_tokens["<|a|><|b|>"], tokenizer.special_tokens["<|a|>"]
    assert tokenizer.encode("<|a|><|b|><|a|>", allowed_special="all") == [long, short]
    ids = tokenizer.encode("<|a|><|b|>", allowed_special={"<|a|>"}, disallowed_special=())
    assert ids[0] == short and len(ids) > 1


def test_lone_surrogates_become_replacement_characters(tokenizer):
    assert tokenizer.encode("a\ud800b") == tokenizer.encode("a\ufffdb")
    assert tokenizer.encode("\ud83d\ude00") == tokenizer.encode("😀")
    assert tokenizer.decode(tokenizer.encode("\udfff")) == "\ufffd"


def test_nul_round_trips(tokenizer):
    assert tokenizer.decode(tokenizer.encode("a\0\0b")) == "a\0\0b"


def test_decoding_part_of_a_character(tokenizer):
    ids = BPETokenizer.train("a", 256).encode("😀")
    bytes_only = BPETokenizer.train("a", 256)
    assert len(ids) == 4
    assert bytes_only.decode(ids[:2]) == "\ufffd"
    assert bytes_only.decode(ids[:2], errors="ignore") == ""
    assert bytes_only.decode_bytes(ids[:2]) == "😀".encode()[:2]
    with pytest.raises(UnicodeDecodeError, match="the ids cut a character"):
        bytes_only.decode(ids[:2], errors="strict")


@pytest.mark.parametrize("id_", [-1, 380, 10**6])
def test_ids_out_of_range(tokenizer, id_):
    assert tokenizer.vocab_size == 380
    with pytest.raises(ValueError, match=rf"id {id_} is not in the vocabulary: .* 0 to 379"):
        tokenizer.decode([5, id_, 7])


@pytest.mark.parametrize("ids", [[1.0], ["a"], [[1, 2]], [None]])
def test_ids_that_are_not_integers(tokenizer, ids):
    with pytest.raises(TypeError, match="ids must be integers"):
        tokenizer.decode(ids)


def test_ids_too_large_for_a_machine_word(tokenizer):
    with pytest.raises(ValueError, match="not in the vocabulary"):
        tokenizer.decode([2**70])


def test_text_must_be_a_string(tokenizer):
    with pytest.raises(TypeError, match="text must be a string, not bytes"):
        tokenizer.encode(b"hello")


@pytest.mark.parametrize(
    ("merges", "message"),
    [
        ([(b"ab", b"c")], "b'ab' is neither a byte nor made by an earlier merge"),
        ([(b"a", b"b"), (b"a", b"b")], "two ids"),
        ([(b"", b"bc")], "b'' is neither"),
    ],
)
def test_merges_that_do_not_fit(merges, message):
    with pytest.raises(ValueError, match=message):
        BPETokenizer.from_merges(merges)


def test_from_merges_numbers_bytes_merges_specials():
    tokenizer = BPETokenizer.from_merges([(b"h", b"i")], [END])
    assert tokenizer.encode("hi" + END, allowed_special="all") == [256, 257]


def test_the_cache_stays_small_and_right(tokenizer, monkeypatch):
    monkeypatch.setattr("llm_lib.tokenizers.piece_cache.MAX_PIECES", 10)
    fresh = pickle.loads(pickle.dumps(tokenizer))
    words = [f" w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(100)]
    assert fresh.encode("".join(words * 2)) == tokenizer.encode("".join(words)) * 2
    assert len(fresh._ids_of_piece) <= 10


def test_pickle_gives_an_equal_tokenizer(tokenizer):
    copy = pickle.loads(pickle.dumps(tokenizer))
    assert copy.vocab == tokenizer.vocab and copy.encode(STORY) == tokenizer.encode(STORY)


def test_repr(tokenizer):
    assert repr(tokenizer).startswith("BPETokenizer(vocab_size=380")
