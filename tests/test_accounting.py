"""llm_lib.accounting against real tensors, PyTorch's FLOP counter and what autograd keeps."""

import random
import subprocess
import sys

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from llm_lib import accounting
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig

PUBLISHED = {  # tied: the numbers of `transformers`' four models
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
}


def randomly_sized(rng):
    n_head = rng.randint(1, 4)
    return GPTConfig(
        vocab_size=rng.randint(2, 500),
        block_size=rng.randint(8, 40),
        n_layer=rng.randint(1, 3),
        n_head=n_head,
        n_embd=n_head * rng.randint(1, 16),
        bias=rng.random() < 0.5,
        tie_weights=rng.random() < 0.5,
    )


CONFIGS = [randomly_sized(random.Random(seed)) for seed in range(10)]


def meta_model(config):
    with torch.device("meta"):
        return GPT(config)


# Parameters


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_four_sizes_of_gpt2(name):
    config = GPTConfig.from_name(name)
    assert accounting.count_parameters(config) == PUBLISHED[name]
    assert sum(p.numel() for p in meta_model(config).parameters()) == PUBLISHED[name]


@pytest.mark.parametrize("config", CONFIGS)
def test_every_part_has_the_shape_of_its_tensors(config):
    counted = 0
    named = dict(meta_model(config).named_parameters())
    for part in accounting.parts(config):
        for copy in range(part.copies):
            name = part.name.replace("*", str(copy))
            weight, bias = named[f"{name}.weight"], named.get(f"{name}.bias")
            assert weight.numel() + (0 if bias is None else bias.numel()) == part.parameters
            assert sorted(weight.shape) == sorted(part.shape)
            assert (0 if bias is None else bias.numel()) == part.bias
            counted += part.parameters
    assert counted == sum(p.numel() for p in named.values()) == accounting.count_parameters(config)
    assert sum(accounting.parameters_by_group(config).values()) == counted


def test_the_formula_of_the_docstring():
    config = GPTConfig(n_layer=5)
    v, t, n, c = config.vocab_size, config.block_size, config.n_layer, config.n_embd
    assert accounting.count_parameters(config) == v * c + t * c + n * (12 * c**2 + 13 * c) + 2 * c


def test_tying_saves_the_head():
    tied, untied = GPTConfig(), GPTConfig(tie_weights=False)
    assert accounting.parameters_by_group(tied)["head"] == 0
    assert accounting.parameters_by_group(untied)["head"] == 50257 * 768
    assert accounting.count_parameters(untied) - PUBLISHED["gpt2"] == 50257 * 768


# FLOPs


def counted_flops(model, ids, **kwargs):
    # The explicit attention path: the counter knows products of matrices, not the CPU's fused one.
    with FlopCounterMode(display=False) as counter:
        _, loss = model(ids, hook=lambda name, value: value, **kwargs)
        if loss is not None:
            loss.backward()
    return counter.get_total_flops()


@pytest.mark.parametrize("config", CONFIGS)
def test_flops_equal_what_pytorch_counts(config):
    model = GPT(config)
    ids = torch.zeros(3, 8, dtype=torch.long)
    flops = accounting.forward_flops(config, n_tokens=8, batch_size=3)
    assert counted_flops(model, ids) == sum(flops.values())
    trained = accounting.training_flops(config, n_tokens=8, batch_size=3)
    assert counted_flops(model, ids, targets=ids) == trained


@pytest.mark.parametrize("config", CONFIGS[:3])
def test_flops_of_one_step_with_a_cache(config):
    model = GPT(config)
    cache = model.new_cache()
    model(torch.zeros(5, dtype=torch.long), cache=cache)
    expected = sum(accounting.forward_flops(config, n_tokens=1, past=5).values())
    assert counted_flops(model, torch.zeros(1, dtype=torch.long), cache=cache) == expected


def test_the_flops_of_each_product_by_hand():
    config = GPTConfig(vocab_size=10, block_size=8, n_layer=1, n_head=2, n_embd=4)
    assert accounting.forward_flops(config, n_tokens=3, past=2) == {
        "attention.qkv": 2 * 3 * 4 * 12,
        "attention.scores": 2 * 2 * 3 * 2 * 5,  # two heads, (3, 2) times (2, 5)
        "attention.mixture": 2 * 2 * 3 * 5 * 2,
        "attention.projection": 2 * 3 * 4 * 4,
        "feed_forward.expand": 2 * 3 * 4 * 16,
        "feed_forward.projection": 2 * 3 * 16 * 4,
        "head": 2 * 3 * 4 * 10,
    }


# Memory


def kept_by_autograd(model, ids):
    """Bytes of distinct tensors kept for the way back, weights and ids aside."""
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if tensor.is_floating_point() and storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(ids, ids)
    return sum(storage.nbytes() for storage in kept.values())


@pytest.mark.parametrize("config", CONFIGS)
def test_activations_equal_what_autograd_keeps(config):
    ids = torch.zeros(3, 8, dtype=torch.long)
    expected = accounting.memory(config, n_tokens=8, batch_size=3)["activations"]
    kept = kept_by_autograd(GPT(config), ids)
    assert kept == pytest.approx(expected, abs=4)  # the sum of the loss's weights is one number


def test_activations_in_bfloat16_within_1_percent():
    config = GPTConfig(vocab_size=501, block_size=96, n_layer=3, n_head=4, n_embd=64)
    expected = accounting.memory(config, 80, 3, "bfloat16")["activations"]
    kept = kept_by_autograd(GPT(config).bfloat16(), torch.zeros(3, 80, dtype=torch.long))
    assert kept == pytest.approx(expected, rel=0.01)  # the sums of the heads stay float32


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_rest_equals_the_bytes_of_the_real_tensors(dtype):
    config = CONFIGS[0]
    model = GPT(config).to(getattr(torch, dtype))
    optimizer = torch.optim.AdamW(model.parameters())
    ids = torch.zeros(3, 8, dtype=torch.long)
    model(ids, ids)[1].backward()
    optimizer.step()
    parameters = list(model.parameters())
    moments = [optimizer.state[p][name] for p in parameters for name in ("exp_avg", "exp_avg_sq")]
    bill = accounting.memory(config, n_tokens=8, batch_size=3, dtype=dtype)
    assert bill["weights"] == sum(p.nbytes for p in parameters)
    assert bill["gradients"] == sum(p.grad.nbytes for p in parameters)
    assert bill["optimizer"] == sum(moment.nbytes for moment in moments)
    whole = accounting.memory(config, batch_size=3, dtype=dtype)
    assert whole["kv_cache"] == model.new_cache(3).n_bytes
    assert bill["kv_cache"] * config.block_size == whole["kv_cache"] * 8


# The frame


def test_summary_shows_each_part_and_the_sum():
    lines = accounting.summary(GPTConfig()).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].split() == ["embedding.token", "50,257", "×", "768", "0", "1", "38,597,376"]
    assert lines[-1].split() == ["all", "124,439,808"]


def test_bad_arguments():
    config = GPTConfig.from_name("tiny")
    with pytest.raises(ValueError, match="60 tokens after 5 do not fit in block_size 64"):
        accounting.forward_flops(config, 60, past=5)
    with pytest.raises(ValueError, match="n_tokens is 0; it must be a whole number"):
        accounting.training_flops(config, 0)
    with pytest.raises(ValueError, match="batch_size is 0; it must be a whole number"):
        accounting.memory(config, batch_size=0)
    with pytest.raises(ValueError, match="dtype is 'float64'; there are float32, float16, bfloat"):
        accounting.memory(config, dtype="float64")


def test_it_needs_no_torch():
    code = "import sys, llm_lib.accounting, llm_lib.gpt2_format; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
