"""Training: the same merges as the definition gives, and clear errors."""

import random

import naive_bpe
import pytest

from llm_lib.tokenizers import GPT2_PATTERN, GPT4_PATTERN, BPETokenizer, BPETrainer

END = "<|endoftext|>"
# Few letters make many ties and long runs of one letter; the rest are separators and 2–4 byte text.
ALPHABETS = ["ab", "aab ", "abc ", "a \n", "abcdefgh  ", "aé😀 ", "ab1 2'.\n", "xy<|>"]
PATTERNS = [GPT2_PATTERN, GPT4_PATTERN, r"\S+|\s+"]
SPECIALS = [[], [END], ["ab"], ["<|a|>", "<|a|><|b|>"], ["a", "aa", "aab"]]


def random_case(seed):
    rng = random.Random(seed)
    special_tokens = rng.choice(SPECIALS)
    letters = list(rng.choice(ALPHABETS)) + special_tokens
    text = "".join(rng.choices(letters, k=rng.randint(1, 120))) + "z"
    return text, rng.randint(0, 25), special_tokens, rng.choice(PATTERNS)


@pytest.mark.parametrize("tie_break", ["lexicographic", "first"])
def test_merges_equal_the_definition_on_1000_random_texts(tie_break):
    n_ties = 0
    for seed in range(1000):
        text, n_merges, special_tokens, pattern = random_case(seed)
        expected = naive_bpe.train(text, n_merges, special_tokens, pattern, tie_break)
        vocab_size = 256 + len(expected) + len(special_tokens)
        tokenizer = BPETokenizer.train(text, vocab_size, special_tokens, pattern, tie_break)
        assert tokenizer.merges == expected, (seed, text)
        other = "first" if tie_break == "lexicographic" else "lexicographic"
        n_ties += expected != naive_bpe.train(text, n_merges, special_tokens, pattern, other)
    assert n_ties > 300  # the cases do tell the two rules apart


def test_lexicographic_ties_go_to_the_greater_pair_of_bytes():
    # "ab", "ba" and "b" + "aa" would sort differently as joined strings.
    assert BPETokenizer.train("ab ba", 257).merges == [(b"b", b"a")]
    assert BPETokenizer.train("ab ba", 257, tie_break="first").merges == [(b"a", b"b")]


def test_a_longer_token_is_greater_than_its_beginning():
    tokenizer = BPETokenizer.train("xaxaxa xaa", 258, pattern=r"\S+|\s+")
    assert tokenizer.merges[0] == (b"x", b"a")
    assert tokenizer.merges[1] == (b"xa", b"xa")


def test_merge_steps_carry_their_counts():
    steps = list(BPETrainer({"low": 5, "lower": 2}).steps())
    assert steps[0] == ((b"o", b"w"), 7)
    assert steps[1] == ((b"l", b"ow"), 7)
    assert steps[2].count == 2
    assert len(steps) == 4  # until each word is one token


def test_text_file_and_iterable_give_the_same_merges(tmp_path):
    text = "the cat sat on the mat.\r\nthe dog sat, too — été 😀\n" * 3000
    (tmp_path / "text.txt").write_bytes(text.encode())
    whole = BPETokenizer.train(text, 270, [END])
    assert BPETokenizer.train(tmp_path / "text.txt", 270, [END]).merges == whole.merges
    assert BPETokenizer.train(iter([text]), 270, [END]).merges == whole.merges


def test_documents_of_an_iterable_do_not_touch():
    assert BPETokenizer.train(["ab", "ba", "ab"], 257).merges == [(b"a", b"b")]
    with pytest.raises(ValueError, match="only 0"):
        BPETokenizer.train(["a", "b"] * 9, 257)


def test_special_tokens_are_boundaries_and_get_the_last_ids():
    tokenizer = BPETokenizer.train(f"ab{END}ab{END}ab", 258, [END])
    assert tokenizer.merges == [(b"a", b"b")]
    assert tokenizer.special_tokens == {END: 257}
    with pytest.raises(ValueError, match="only 1"):
        BPETokenizer.train(f"ab{END}ab{END}ab", 259, [END])


def test_tokens_have_no_double():
    text = "".join(random.Random(0).choices("ab ", k=3000))
    tokenizer = BPETokenizer.train(text, 400)
    assert len(set(tokenizer.vocab)) == tokenizer.vocab_size == tokenizer.n_vocab == 400
    assert tokenizer.rebuilds_every_token


def test_nul_and_lone_surrogates_are_text():
    assert BPETokenizer.train("\0\0\0\0", 257).merges == [(b"\0", b"\0")]
    lone = BPETokenizer.train("\ud800\ud800\ud800", 257)
    assert lone.merges == BPETokenizer.train("\ufffd\ufffd\ufffd", 257).merges


@pytest.mark.parametrize("nothing", ["", END, END * 3, [], [""], iter(["", END])])
def test_no_text_is_an_error(nothing):
    with pytest.raises(ValueError, match="no text to learn from"):
        BPETokenizer.train(nothing, 270, [END])


def test_vocab_size_too_small():
    with pytest.raises(ValueError, match=r"vocab_size=256 .* at least 257"):
        BPETokenizer.train("hello hello", 256, [END])
    assert BPETokenizer.train("hello", 257, [END]).merges == []


def test_more_merges_than_pairs():
    with pytest.raises(ValueError, match=r"asks for 44 merges.*only 2.*at most 258"):
        BPETokenizer.train("abc abc", 300, pattern=r"\S+|\s+")
    assert BPETokenizer.train("abc abc", 258, pattern=r"\S+|\s+").vocab_size == 258


@pytest.mark.parametrize(
    ("special_tokens", "error", "message"),
    [
        ([END, END], ValueError, "given twice"),
        (["", END], ValueError, "is empty"),
        (["\ud800"], ValueError, "surrogate"),
        (END, TypeError, r"write \('<\|endoftext\|>',\)"),
        ([3], TypeError, "must be a string"),
    ],
)
def test_special_tokens_that_cannot_be(special_tokens, error, message):
    with pytest.raises(error, match=message):
        BPETokenizer.train("hello hello", 300, special_tokens)


def test_unknown_tie_break():
    with pytest.raises(ValueError, match="tie_break must be one of"):
        BPETokenizer.train("hello", 256, tie_break="random")


@pytest.mark.parametrize(
    ("pattern", "error", "message"),
    [
        ("(", ValueError, "not a regular expression"),
        (r"(\w)+", ValueError, "capturing group"),
        (None, TypeError, "must be a string"),
    ],
)
def test_patterns_that_cannot_be(pattern, error, message):
    with pytest.raises(error, match=message):
        BPETokenizer.train("hello", 256, pattern=pattern)


def test_invalid_utf8_in_a_file_is_named_by_its_byte(tmp_path):
    path = tmp_path / "latin.txt"
    for position in (0, 5, 65535, 65536, 200_000):
        path.write_bytes(b"a" * position + b"\xe9t\xe9")
        with pytest.raises(ValueError, match=rf"latin.txt is not UTF-8: byte {position} is 0xe9"):
            BPETokenizer.train(path, 257)
    path.write_bytes(b"a" * 65535 + "é".encode() + b"\xc3")  # a character across chunks; then half
    with pytest.raises(ValueError, match="byte 65537 is 0xc3"):
        BPETokenizer.train(path, 257)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        BPETokenizer.train(tmp_path / "absent.txt", 300)


def test_vocab_size_must_be_an_integer():
    with pytest.raises(TypeError, match="vocab_size must be an int"):
        BPETokenizer.train("hello", 300.5)
