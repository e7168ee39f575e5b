"""Files: what is saved comes back, other libraries read it and agree, damage is named."""

import copy
import json
import os
import random
from pathlib import Path

import pytest

from llm_lib.tokenizers import GPT2_PATTERN, GPT4_PATTERN, BPETokenizer
from llm_lib.tokenizers.byte_alphabet import BYTE_TO_CHAR, spell, unspell

END = "<|endoftext|>"
STORY = (
    "It wasn't late: the lamps, 1,234 of them, had not been lit. “Oui, c'est très bien 😀”\n\n " * 3
)
PATTERNS = [GPT2_PATTERN, GPT4_PATTERN, r"\w+| ?[^\w\s]+|\s+", r"[a-z]+"]
DATA = Path(os.environ.get("LLM_LIB_DATA", "/absent"))


@pytest.fixture
def tokenizer():
    return BPETokenizer.train(STORY, 300, [END, "<|a|>"])


@pytest.fixture
def saved(tokenizer, tmp_path):
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    return path


def texts():
    rng = random.Random(0)
    for _ in range(300):
        yield "".join(rng.choices([*STORY, " ", "\n", END, "<|a|>", "日本", "é"], k=30))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_save_and_load(tmp_path, pattern):
    tokenizer = BPETokenizer.train(STORY, 280, [END, "Ωmega 1"], pattern)
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = BPETokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.vocab == tokenizer.vocab
    assert loaded.merges == tokenizer.merges
    assert loaded.special_tokens == tokenizer.special_tokens
    assert loaded.pattern == tokenizer.pattern == pattern


@pytest.mark.parametrize("pattern", PATTERNS)
def test_tokenizers_loads_it_and_agrees(tmp_path, pattern):
    tokenizers = pytest.importorskip("tokenizers")
    ours = BPETokenizer.train(STORY, 280, [END, "<|a|>", "<|a|><|b|>"], pattern)
    ours.save(tmp_path / "tokenizer.json")
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert theirs.get_vocab_size() == ours.vocab_size
    for text in texts():
        ids = ours.encode(text, allowed_special="all")
        assert theirs.encode(text).ids == ids, text
        assert theirs.decode(ids, skip_special_tokens=False) == text


def test_a_file_that_tokenizers_trained_loads(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    theirs = tokenizers.Tokenizer(tokenizers.models.BPE())
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    theirs.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=290,
        special_tokens=[END],  # which gets id 0
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    theirs.train_from_iterator([STORY], trainer)
    theirs.save(str(tmp_path / "theirs.json"))
    ours = BPETokenizer.load(tmp_path / "theirs.json")
    assert ours.special_tokens == {END: 0} and ours.pattern == GPT2_PATTERN
    ours.save(tmp_path / "ours.json")
    again = tokenizers.Tokenizer.from_file(str(tmp_path / "ours.json"))
    encoding = ours.to_tiktoken()
    for text in texts():
        ids = theirs.encode(text).ids
        assert ours.encode(text, allowed_special="all", disallowed_special=()) == ids
        assert again.encode(text).ids == ids
        assert encoding.encode(text, allowed_special="all") == ids


@pytest.mark.skipif(not (DATA / "gpt2/vocab.bpe").is_file(), reason="set LLM_LIB_DATA (gpt2/)")
def test_gpt2_survives_tokenizer_json(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    gpt2 = BPETokenizer.from_gpt2_files(DATA / "gpt2/encoder.json", DATA / "gpt2/vocab.bpe")
    gpt2.save(tmp_path / "tokenizer.json")
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert BPETokenizer.load(tmp_path / "tokenizer.json").vocab == gpt2.vocab
    for text in texts():
        assert theirs.encode(text).ids == gpt2.encode(text, "all", ())


def test_saving_twice_gives_the_same_bytes(tokenizer, saved, tmp_path):
    BPETokenizer.load(saved).save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == saved.read_bytes()


def test_byte_alphabet():
    assert len(set(BYTE_TO_CHAR.values())) == 256
    assert spell(b" the\n") == "ĠtheĊ" and unspell("ĠtheĊ") == b" the\n"
    assert unspell(spell(bytes(range(256)))) == bytes(range(256))
    with pytest.raises(ValueError, match="'😀', which stands for no byte"):
        unspell("a😀")


def corrupt(content, how):
    """Damages the content of a tokenizer.json in place."""
    model = content["model"]
    match how:
        case "no model":
            del content["model"]
        case "no merges":
            del model["merges"]
        case "no vocab":
            del model["vocab"]
        case "no added_tokens":
            del content["added_tokens"]
        case "vocab is a list":
            model["vocab"] = list(model["vocab"])
        case "model is null":
            content["model"] = None
        case "part unknown":
            model["merges"].insert(0, "zz q")
        case "merge unknown":
            model["merges"].append("q Q")
        case "merge of three":
            model["merges"][3] = "a b c"
        case "merge is a number":
            model["merges"][3] = 7
        case "id missing":
            model["vocab"]["a"] = 1000
        case "id twice":
            model["vocab"]["a"] = model["vocab"]["b"]
        case "id is text":
            model["vocab"]["a"] = "one"
        case "byte missing":
            model["vocab"]["aa"] = model["vocab"].pop("Ā")
        case "merge dropped":
            model["merges"].pop()
        case "strange character":
            model["vocab"]["a😀"] = model["vocab"].pop("a")
        case "WordPiece":
            model["type"] = "WordPiece"
        case "normalizer":
            content["normalizer"] = {"type": "NFC"}
        case "dropout":
            model["dropout"] = 0.1
        case "prefix space":
            content["pre_tokenizer"]["pretokenizers"][1]["add_prefix_space"] = True
        case "bad pattern":
            content["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "("
        case "special id":
            content["added_tokens"][0]["id"] = 5


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("no model", "'model' is missing"),
        ("no merges", "'merges' is missing"),
        ("no vocab", "'vocab' is missing"),
        ("no added_tokens", "'added_tokens' is missing"),
        ("vocab is a list", "it is not a tokenizer.json"),
        ("model is null", "it is not a tokenizer.json"),
        ("part unknown", "b'zz' is neither a byte nor made by an earlier merge"),
        ("merge unknown", "b'qQ', which is not in the vocabulary"),
        ("merge of three", "'a b c' is not a merge"),
        ("merge is a number", "it is not a tokenizer.json"),
        ("id missing", "no token has id"),
        ("id twice", "no token has id"),
        ("id is text", "no token has id"),
        ("byte missing", "lacks 1 of the 256 bytes, first 0x00"),
        ("merge dropped", "is neither a byte, nor made by a merge"),
        ("strange character", "'😀', which stands for no byte"),
        ("WordPiece", "only byte-level 'BPE' is supported"),
        ("normalizer", "its setting normalizer is"),
        ("dropout", "its setting dropout is 0.1"),
        ("prefix space", "only ByteLevel without prefix space is supported"),
        ("bad pattern", "is not a regular expression"),
        ("special id", "no token has id"),
    ],
)
def test_corrupt_tokenizer_json(saved, how, message):
    content = json.loads(saved.read_text(encoding="utf-8"))
    before = copy.deepcopy(content)
    corrupt(content, how)
    assert content != before
    saved.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        BPETokenizer.load(saved)
    assert str(saved) in str(caught.value)


@pytest.mark.parametrize("keep", [0, 1, 100, -10])
def test_tokenizer_json_cut_short(saved, keep):
    saved.write_bytes(saved.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"tokenizer.json: it is not JSON .* get the file again"):
        BPETokenizer.load(saved)


def test_tokenizer_json_that_is_something_else(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("[1, 2]")
    with pytest.raises(ValueError, match="must hold a JSON object"):
        BPETokenizer.load(path)
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(ValueError, match="not UTF-8: byte 0"):
        BPETokenizer.load(path)
    with pytest.raises(FileNotFoundError):
        BPETokenizer.load(tmp_path / "absent.json")


@pytest.mark.parametrize("step", ["os.fsync", "os.replace"])
def test_a_failing_disk_leaves_the_old_file(saved, monkeypatch, step):
    old = saved.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(step, full)
    with pytest.raises(OSError, match=r"No space left on device.*nothing was changed"):
        BPETokenizer.train(STORY, 260).save(saved)
    assert saved.read_bytes() == old
    assert [path.name for path in saved.parent.iterdir()] == ["tokenizer.json"]


def test_a_read_only_file_is_left_alone(saved, monkeypatch):
    old = saved.read_bytes()
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anything
    with pytest.raises(PermissionError, match=r"the file is read-only.*that you may write to"):
        BPETokenizer.train(STORY, 260).save(saved)
    assert saved.read_bytes() == old


def test_saving_where_there_is_no_file_to_be(tokenizer, tmp_path):
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        tokenizer.save(tmp_path)
    with pytest.raises(FileNotFoundError, match="an existing folder"):
        tokenizer.save(tmp_path / "absent" / "tokenizer.json")
    assert list(tmp_path.iterdir()) == []


def test_saving_through_a_link_keeps_the_link(saved, tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to(saved)
    BPETokenizer.train(STORY, 260).save(link)
    assert link.is_symlink() and BPETokenizer.load(saved).vocab_size == 260


def test_a_special_token_that_cannot_be_saved(tmp_path):
    tokenizer = BPETokenizer.train("abc", 257, ["Ġ"])
    with pytest.raises(ValueError, match="special token 'Ġ' cannot be saved"):
        tokenizer.save(tmp_path / "tokenizer.json")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def gpt2_like_files(tmp_path):
    """Two small files laid out as OpenAI's are, bytes shuffled in the same way."""
    tokens = [*BYTE_TO_CHAR.values(), "Ġt", "Ġth", END]
    encoder, vocab = tmp_path / "encoder.json", tmp_path / "vocab.bpe"
    encoder.write_text(json.dumps({token: id_ for id_, token in enumerate(tokens)}))
    vocab.write_text("#version: 0.2\nĠ t\nĠt h\n", encoding="utf-8")
    return encoder, vocab


def test_from_gpt2_files(gpt2_like_files):
    tokenizer = BPETokenizer.from_gpt2_files(*gpt2_like_files)
    assert tokenizer.encode("!") == [0] and tokenizer.encode(" th!") == [257, 0]
    assert tokenizer.special_tokens == {END: 258}


def test_gpt2_files_swapped_or_damaged(gpt2_like_files):
    encoder, vocab = gpt2_like_files
    with pytest.raises(ValueError, match=r"it is not JSON"):
        BPETokenizer.from_gpt2_files(vocab, encoder)
    with pytest.raises(ValueError, match="not with '#version'"):
        BPETokenizer.from_gpt2_files(encoder, encoder)
    vocab.write_text("#version: 0.2\nĠ t\nĠt\n", encoding="utf-8")
    with pytest.raises(ValueError, match="'Ġt' is not a merge"):
        BPETokenizer.from_gpt2_files(encoder, vocab)
    vocab.write_text("#version: 0.2\nĠ t\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"b' th'.*nor made by a merge"):
        BPETokenizer.from_gpt2_files(encoder, vocab)


def test_tiktoken_missing(tokenizer, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tiktoken", None)
    with pytest.raises(ImportError, match="pip install tiktoken"):
        tokenizer.to_tiktoken()
