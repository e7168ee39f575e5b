"""llm_lib.checkpoints: exchanged with transformers both ways; nothing half written, nothing run."""

import json
import os
import pickle
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from llm_lib import checkpoints
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.checkpoints import from_pretrained, load_weights, save_pretrained
from llm_lib.gpt import GPT
from llm_lib.gpt2_format import tensors_of
from llm_lib.gpt_config import GPTConfig

TINY = GPTConfig.from_name("tiny")


def random_gpt(config=TINY, seed=0):
    torch.manual_seed(seed)
    model = GPT(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def randomly_sized(rng):
    n_head = rng.randint(1, 4)
    return GPTConfig(
        vocab_size=rng.randint(2, 50),
        block_size=rng.randint(2, 20),
        n_layer=rng.randint(1, 3),
        n_head=n_head,
        n_embd=n_head * rng.randint(1, 8),
        bias=rng.random() < 0.5,
        tie_weights=rng.random() < 0.5,
        norm_eps=rng.choice([1e-5, 1e-3]),
    )


CONFIGS = [
    *(randomly_sized(random.Random(seed)) for seed in range(6)),
    GPTConfig.from_name("tiny", tie_weights=True, bias=True, dropout=0.1),
    GPTConfig.from_name("tiny", tie_weights=False, bias=False),
]


def ids_for(config, rows=2):
    shape = (rows, config.block_size)
    return torch.randint(config.vocab_size, shape, generator=torch.Generator().manual_seed(0))


def logits_of(model, ids):
    with torch.no_grad():
        return model(ids)[0]


def equal_weights(one, other):
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[n], theirs[n]) and ours[n].dtype == theirs[n].dtype for n in ours
    )


@pytest.fixture
def transformers():
    module = pytest.importorskip("transformers", reason="transformers is not installed")
    module.utils.logging.disable_progress_bar()
    return module


@pytest.fixture
def folder(tmp_path):
    """A saved tiny model, to be damaged."""
    save_pretrained(random_gpt(), tmp_path / "model")
    return tmp_path / "model"


def edit_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def edit_weights(folder, change):
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


# There and back


@pytest.mark.parametrize("config", CONFIGS)
def test_saved_and_loaded_is_the_same(config, tmp_path):
    model = random_gpt(config)
    model.save_pretrained(tmp_path / "deep" / "model")
    loaded = GPT.from_pretrained(str(tmp_path / "deep" / "model"))
    assert loaded.config == config and not loaded.training
    assert equal_weights(model, loaded)
    assert (loaded.head.weight is loaded.embedding.token.weight) == config.tie_weights
    assert all(p.requires_grad for p in loaded.parameters())
    assert sorted(os.listdir(tmp_path / "deep")) == ["model"]
    assert sorted(os.listdir(tmp_path / "deep" / "model")) == ["config.json", "model.safetensors"]


def test_what_is_loaded_does_not_hang_on_the_file(folder):
    loaded = from_pretrained(folder)
    (folder / "model.safetensors").write_bytes(b"")
    assert equal_weights(loaded, random_gpt())


@pytest.mark.parametrize("config", CONFIGS)
def test_transformers_loads_ours(config, tmp_path, transformers):
    model, ids = random_gpt(config), ids_for(config)
    save_pretrained(model, tmp_path / "model")
    theirs, report = transformers.GPT2LMHeadModel.from_pretrained(
        tmp_path / "model", output_loading_info=True
    )
    assert not any(report.values())  # nothing missing, unknown or of another shape
    assert theirs.config.tie_word_embeddings == config.tie_weights
    with torch.no_grad():
        logits = theirs.eval()(ids).logits
    assert (logits - logits_of(model, ids)).abs().max() <= 1e-4


@pytest.mark.parametrize("bare", [False, True], ids=["GPT2LMHeadModel", "GPT2Model"])
@pytest.mark.parametrize("config", CONFIGS)
def test_we_load_what_transformers_saves(config, bare, tmp_path, transformers):
    if bare and not config.tie_weights:
        config = GPTConfig.from_name("tiny")  # a bare GPT2Model has no head to save
    torch.manual_seed(0)
    theirs = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=config.vocab_size,
            n_positions=config.block_size,
            n_layer=config.n_layer,
            n_head=config.n_head,
            n_embd=config.n_embd,
            layer_norm_epsilon=config.norm_eps,
            tie_word_embeddings=config.tie_weights,
            initializer_range=0.2,
            bos_token_id=None,
            eos_token_id=None,
        )
    ).eval()
    (theirs.transformer if bare else theirs).save_pretrained(tmp_path)
    ours, ids = from_pretrained(tmp_path), ids_for(config)
    assert ours.config.dropout == 0.1 and ours.config.bias
    with torch.no_grad():
        logits = theirs(ids).logits
    assert (logits - logits_of(ours, ids)).abs().max() <= 1e-4


def test_transformers_keeps_our_keys(tmp_path, transformers):
    model = random_gpt(GPTConfig.from_name("tiny", bias=False))
    save_pretrained(model, tmp_path / "ours")
    theirs = transformers.GPT2LMHeadModel.from_pretrained(tmp_path / "ours")
    theirs.save_pretrained(tmp_path / "theirs")
    assert equal_weights(from_pretrained(tmp_path / "theirs"), model)


def test_old_files_with_masks_and_a_second_head_load(folder):
    def as_it_once_was(tensors):
        for name in list(tensors):
            tensors[name.removeprefix("transformer.")] = tensors.pop(name)
        tensors["h.0.attn.bias"] = torch.ones(1, 1, 64, 64).tril()
        tensors["h.1.attn.masked_bias"] = torch.tensor(-1e4)
        tensors["lm_head.weight"] = tensors["wte.weight"].clone()

    edit_weights(folder, as_it_once_was)
    assert equal_weights(from_pretrained(folder), random_gpt())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_files(dtype, tmp_path, transformers):
    half = random_gpt().to(dtype)
    save_pretrained(half, tmp_path)
    assert {t.dtype for t in load_file(tmp_path / "model.safetensors").values()} == {dtype}
    wide = from_pretrained(tmp_path)
    assert wide.norm.weight.dtype == torch.float32
    assert equal_weights(wide, random_gpt().to(dtype).float())
    assert equal_weights(from_pretrained(tmp_path, dtype), half)
    theirs = transformers.GPT2LMHeadModel.from_pretrained(tmp_path)
    assert theirs.dtype == dtype


def test_the_page_reads_shapes_without_torch(folder):
    tensors = load_file(folder / "model.safetensors")
    shapes = {f"transformer.{entry.name}": entry.shape for entry in tensors_of(TINY)}
    assert shapes == {name: tuple(tensor.shape) for name, tensor in tensors.items()}


# With a tokenizer


def test_the_tokenizer_comes_along(tmp_path, transformers):
    tokenizer = book_tokenizer(512)
    random_gpt().save_pretrained(tmp_path / "model", tokenizer)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    text = "Near the mill a fox is waiting.<|endoftext|>"
    assert theirs(text)["input_ids"] == tokenizer.encode(text, allowed_special="all")
    assert theirs.eos_token_id == tokenizer.special_tokens["<|endoftext|>"]
    assert theirs.model_max_length == 64
    config = transformers.GPT2Config.from_pretrained(tmp_path / "model")
    assert config.eos_token_id == config.bos_token_id == theirs.eos_token_id


def test_a_tokenizer_of_another_model(tmp_path):
    with pytest.raises(
        ValueError, match="the tokenizer has 1024 tokens and the model knows only 5"
    ):
        save_pretrained(random_gpt(), tmp_path / "model", book_tokenizer(1024))
    assert not os.listdir(tmp_path)


# Nothing half written


def test_saving_over_an_old_model_keeps_other_files(folder):
    (folder / "card.md").write_text("mine")
    model = random_gpt(GPTConfig.from_name("tiny", n_layer=1), seed=1)
    save_pretrained(model, folder)
    assert equal_weights(from_pretrained(folder), model)
    assert sorted(os.listdir(folder)) == ["card.md", "config.json", "model.safetensors"]


@pytest.mark.parametrize("old", [True, False])
def test_a_disk_that_fills_up_changes_nothing(old, folder, monkeypatch):
    target = folder if old else folder.with_name("new")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    real = checkpoints.replacing

    def full(path):
        if Path(path).name == "model.safetensors":
            raise OSError(28, "No space left on device")
        return real(path)

    monkeypatch.setattr(checkpoints, "replacing", full)
    with pytest.raises(OSError, match="No space left"):
        save_pretrained(random_gpt(GPTConfig.from_name("tiny", n_layer=1)), target)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert os.listdir(folder.parent) == [folder.name]


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "model").write_text("not a folder")
    with pytest.raises(NotADirectoryError):
        save_pretrained(random_gpt(), tmp_path / "model")
    assert (tmp_path / "model").read_text() == "not a folder"


# What does not load


class Malice:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("writer", [pickle.dump, torch.save])
def test_a_pickle_is_never_opened(writer, folder, tmp_path):
    trace = tmp_path / "it ran"
    with open(tmp_path / "evil", "wb") as file:
        writer({"transformer.wte.weight": Malice(trace)}, file)
    (tmp_path / "evil").replace(folder / "model.safetensors")
    with pytest.raises(
        ValueError, match=r"not a complete safetensors file .* nothing in it was run"
    ):
        from_pretrained(folder)
    assert not trace.exists()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(
        FileNotFoundError, match=r"pytorch_model.bin is a pickle, which can run code"
    ):
        from_pretrained(folder)
    assert not trace.exists()


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_a_file_cut_short(keep, folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"model.safetensors is not a complete safetensors file"):
        from_pretrained(folder)


def test_a_file_with_a_damaged_header(folder):
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[:8] = (2**62).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a complete safetensors file"):
        from_pretrained(folder)


def transpose(name):
    return lambda tensors: tensors.update({name: tensors[name].T.contiguous()})


WRONG_WEIGHTS = {
    r"h.0.ln_1.weight is missing": lambda t: t.pop("transformer.h.0.ln_1.weight"),
    r"h.0.attn.c_attn.bias, .* and 23 more are missing": lambda t: [
        t.pop(name) for name in list(t) if ".h." in name or "ln_f" in name
    ],
    r"h.2.ln_1.weight is not part": lambda t: t.update(
        {"transformer.h.2.ln_1.weight": torch.ones(32)}
    ),
    r"wpe.weight has shape \(63, 32\); the config asks for \(64, 32\)": lambda t: t.update(
        {"transformer.wpe.weight": torch.ones(63, 32)}
    ),
    r"h.1.attn.c_attn.weight has shape \(96, 32\); the config asks for \(32, 96\)": transpose(
        "transformer.h.1.attn.c_attn.weight"
    ),
    r"ln_f.bias has dtype torch.int8; weights are float32": lambda t: t.update(
        {"transformer.ln_f.bias": torch.ones(32, dtype=torch.int8)}
    ),
    r"lm_head.weight differs from wte.weight, though config.json says": lambda t: t.update(
        {"lm_head.weight": torch.ones(512, 32)}
    ),
    r"wte.weight is there twice": lambda t: t.update({"wte.weight": torch.ones(512, 32)}),
}


@pytest.mark.parametrize("message", WRONG_WEIGHTS)
def test_weights_that_do_not_fit_change_nothing(message, folder):
    edit_weights(folder, WRONG_WEIGHTS[message])
    model = random_gpt(seed=1)
    with pytest.raises(ValueError, match=rf"model.safetensors: ({message})"):
        load_weights(model, folder / "model.safetensors")
    assert equal_weights(model, random_gpt(seed=1))


def test_biases_for_a_model_without(folder):
    edit_config(folder, bias=False)
    with pytest.raises(ValueError, match=r"has no biases, but h.0.ln_1.bias is not zero. To keep"):
        from_pretrained(folder)


UNSUPPORTED = {
    "model_type": "llama",
    "activation_function": "relu",
    "scale_attn_weights": False,
    "scale_attn_by_inverse_layer_idx": True,
    "reorder_and_upcast_attn": True,
    "add_cross_attention": True,
    "n_inner": 100,
}


@pytest.mark.parametrize("option", UNSUPPORTED)
def test_options_that_gpt_does_not_compute(option, folder):
    edit_config(folder, **{option: UNSUPPORTED[option]})
    with pytest.raises(
        ValueError, match=rf"config.json has {option} = .* can only load models with"
    ):
        from_pretrained(folder)


def test_sizes_and_dropouts_of_a_config(folder):
    edit_config(folder, attn_pdrop=0.3)
    with pytest.raises(ValueError, match=r"three different dropouts.*write the same number in all"):
        from_pretrained(folder)
    edit_config(folder, attn_pdrop=0.0, n_head=5)
    with pytest.raises(ValueError, match="n_head must divide n_embd"):
        from_pretrained(folder)
    edit_config(folder, n_head="2")
    with pytest.raises(ValueError, match="n_head is '2'; it must be a whole number"):
        from_pretrained(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe{}"])
def test_a_damaged_config(content, folder):
    (folder / "config.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"config.json is damaged: "):
        from_pretrained(folder)


def test_a_config_of_nothing_in_particular(folder):
    (folder / "config.json").write_text('{"n_embd": 32}')
    with pytest.raises(ValueError, match=r'config.json has no "model_type"; it must be "gpt2"'):
        from_pretrained(folder)


def test_what_is_not_there(folder):
    with pytest.raises(FileNotFoundError, match=r"no folder gpt2: give one with config.json"):
        from_pretrained("gpt2")
    (folder / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"there is no model.safetensors in"):
        from_pretrained(folder)
    (folder / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"there is no config.json in"):
        from_pretrained(folder)
    with pytest.raises(FileNotFoundError, match=r"there is no file .*model.safetensors"):
        load_weights(random_gpt(), folder / "model.safetensors")
