"""The tokenizer of chapter 1: words, punctuation, special tokens, and clear errors."""

import subprocess
import sys

import pytest

from llm_lib.tokenizers import WordTokenizer
from llm_lib.tokenizers.word import join_words, split_words

END = "<|endoftext|>"
TEXT = 'The lamps were lit -- at last. "Don\'t wait," she said; (he waited.)'


@pytest.fixture
def tokenizer():
    return WordTokenizer.from_text(TEXT)


def test_splits_words_and_punctuation():
    assert split_words("Don't wait, well-known friend--please!") == [
        *["Don't", "wait", ",", "well-known", "friend", "--", "please", "!"]
    ]
    assert split_words("naïve 你好… 3.5") == ["naïve", "你好", "…", "3", ".", "5"]
    assert split_words(" \n\t") == []
    assert split_words(f"a{END}b <unk>", (END, "<unk>")) == ["a", END, "b", "<unk>"]


def test_vocabulary_is_sorted_with_specials_last(tokenizer):
    tokens = list(tokenizer.token_to_id)
    assert tokens[:-2] == sorted(tokens[:-2]) and tokens[-2:] == [END, "<unk>"]
    assert list(tokenizer.token_to_id.values()) == list(range(tokenizer.vocab_size))
    assert all(tokenizer.id_to_token[id_] == t for t, id_ in tokenizer.token_to_id.items())


def test_round_trip(tokenizer):
    assert tokenizer.decode(tokenizer.encode(TEXT)) == TEXT
    assert tokenizer.decode([]) == "" and tokenizer.encode("") == []


@pytest.mark.parametrize(
    "text",
    ["Well, yes!", 'He said "no" and "yes".', "a (b) [c] “d” ‘e’", "x: y; 5%", '"Ah," he said.'],
)
def test_spacing(text):
    assert join_words(split_words(text)) == text


def test_unknown_words_become_unk(tokenizer):
    unknown = tokenizer.token_to_id["<unk>"]
    assert tokenizer.encode("The zebra waited") == [
        tokenizer.token_to_id["The"],
        unknown,
        tokenizer.token_to_id["waited"],
    ]
    assert tokenizer.decode(tokenizer.encode("The zebra")) == "The <unk>"


def test_special_tokens_are_one_token(tokenizer):
    ids = tokenizer.encode(f"The lamps {END} The lamps")
    assert ids[2] == tokenizer.token_to_id[END] and len(ids) == 5
    assert WordTokenizer.from_text(f"a {END} b").vocab_size == 4


def test_unknown_word_without_unk():
    tokenizer = WordTokenizer.from_text("a b c", special_tokens=())
    with pytest.raises(ValueError, match=r"'zebra' is not among the 3 tokens.*special_tokens="):
        tokenizer.encode("a zebra")


@pytest.mark.parametrize("id_", [-1, 99, "a"])
def test_ids_outside_the_vocabulary(tokenizer, id_):
    with pytest.raises(ValueError, match=r"is not in the vocabulary: ids go from 0 to \d+"):
        tokenizer.decode([0, id_])


@pytest.mark.parametrize("text", ["", " \n", END])
def test_no_words(text):
    with pytest.raises(ValueError, match="holds no word"):
        WordTokenizer.from_text(text)


@pytest.mark.parametrize(("specials", "message"), [(("", "x"), "empty"), (("x", "x"), "twice")])
def test_bad_special_tokens(specials, message):
    with pytest.raises(ValueError, match=message):
        WordTokenizer.from_text("a b", specials)


@pytest.mark.parametrize("vocabulary", [{"a": 1}, {"a": 0, "b": 0}, {"a": 0, "b": 2}])
def test_ids_must_be_dense(vocabulary):
    with pytest.raises(ValueError, match="without gaps or repeats"):
        WordTokenizer(vocabulary)


def test_importing_the_tokenizers_imports_no_torch():
    program = "import sys, llm_lib.tokenizers; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    assert not {"torch", "tiktoken", "tokenizers", "numpy"} & set(output.stdout.split())
