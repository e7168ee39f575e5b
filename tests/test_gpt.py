"""llm_lib.gpt: GPT-2's architecture, initial weights, loss, and one answer on every path."""

import math
import random

import pytest
import torch

from llm_lib.gpt import GPT, Block
from llm_lib.gpt_config import GPTConfig
from llm_lib.layers import gelu_tanh, layer_norm

TINY = GPTConfig.from_name("tiny")


def random_gpt(config=TINY, seed=0):
    """A model whose weights are large enough for every part to matter, norms and biases too."""
    torch.manual_seed(seed)
    model = GPT(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def random_ids(*shape, vocab_size=TINY.vocab_size, seed=0):
    return torch.randint(vocab_size, shape, generator=torch.Generator().manual_seed(seed))


def unchanged(name, value):
    return value


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
    )


# What it computes


def written_out(model, ids):
    """GPT-2 by plain matrix products, one head at a time, from the weights alone."""
    weights, config = model.state_dict(), model.config

    def linear(x, name):
        bias = weights.get(f"{name}.bias", torch.zeros(()))
        return x @ weights[f"{name}.weight"].T + bias

    def norm(x, name):
        return layer_norm(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    x = weights["embedding.token.weight"][ids] + weights["embedding.position.weight"][: len(ids)]
    hidden = torch.ones(len(ids), len(ids)).triu(1) == 1
    for i in range(config.n_layer):
        at = f"blocks.{i}"
        parts = linear(norm(x, f"{at}.norm1"), f"{at}.attention.qkv").split(config.n_embd, dim=-1)
        heads = []
        for q, k, v in zip(*(part.split(config.head_size, dim=-1) for part in parts), strict=True):
            scores = (q @ k.T / math.sqrt(config.head_size)).masked_fill(hidden, -torch.inf)
            heads.append(scores.softmax(-1) @ v)
        x = x + linear(torch.cat(heads, dim=-1), f"{at}.attention.projection")
        neurons = gelu_tanh(linear(norm(x, f"{at}.norm2"), f"{at}.feed_forward.expand"))
        x = x + linear(neurons, f"{at}.feed_forward.projection")
    return norm(x, "norm") @ weights["head.weight"].T


def test_equals_the_architecture_written_out_for_random_configs():
    rng = random.Random(0)
    for seed in range(10):
        config = randomly_sized(rng)
        model = random_gpt(config, seed)
        ids = random_ids(rng.randint(1, config.block_size), vocab_size=config.vocab_size)
        expected = written_out(model, ids)
        torch.testing.assert_close(model(ids)[0].detach(), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("leading", [(), (3,), (2, 3)])
def test_the_hooked_path_equals_the_fast_one(leading):
    model = random_gpt()
    ids = random_ids(*leading, 7)
    logits, loss = model(ids)
    assert logits.shape == (*leading, 7, TINY.vocab_size) and loss is None
    torch.testing.assert_close(model(ids, hook=unchanged)[0], logits, atol=1e-5, rtol=1e-4)


def test_the_future_changes_no_logit_before_it():
    model = random_gpt()
    ids = random_ids(9)
    before = model(ids)[0]
    for position in range(9):
        changed = ids.clone()
        changed[position] = (ids[position] + 1) % TINY.vocab_size
        after = model(changed)[0]
        torch.testing.assert_close(after[:position], before[:position], atol=1e-6, rtol=1e-5)
        assert not torch.allclose(after[position], before[position])


def test_block_adds_to_the_stream():
    torch.manual_seed(0)
    block = Block(TINY)
    x = torch.randn(2, 5, TINY.n_embd)
    mid = x + block.attention(block.norm1(x))
    torch.testing.assert_close(block(x), mid + block.feed_forward(block.norm2(mid)))


# Cache


def test_read_in_pieces_equals_read_at_once():
    rng = random.Random(1)
    for seed in range(10):
        config = randomly_sized(rng)
        model = random_gpt(config, seed)
        leading = rng.choice([(), (3,), (2, 2)])
        ids = random_ids(*leading, config.block_size, vocab_size=config.vocab_size)
        whole = model(ids)[0]
        hook = rng.choice([None, unchanged])
        cache, pieces, start = model.new_cache(*leading), [], 0
        while start < config.block_size:
            end = min(start + rng.randint(1, 6), config.block_size)
            pieces.append(model(ids[..., start:end], cache=cache, hook=hook)[0])
            start = end
            assert cache.length == end
        torch.testing.assert_close(torch.cat(pieces, dim=-2), whole, atol=1e-5, rtol=1e-4)


def test_a_cache_that_does_not_fit():
    model = random_gpt()
    with pytest.raises(ValueError, match=r"the cache has 1 layers and the model 2: make it with"):
        other = GPT(GPTConfig.from_name("tiny", n_layer=1))
        model(random_ids(3), cache=other.new_cache())
    with pytest.raises(ValueError, match=r"the cache is for \(batch..., heads\) \(4, 2\)"):
        model(random_ids(3, 5), cache=model.new_cache(4))
    cache = model.new_cache()
    model(random_ids(60), cache=cache)
    with pytest.raises(ValueError, match="5 tokens from position 60 do not fit in block_size 64"):
        model(random_ids(5), cache=cache)
    assert cache.length == 60


# Loss


def test_loss_is_the_mean_cross_entropy_of_the_targets_that_count():
    model = random_gpt()
    ids, targets = random_ids(2, 6), random_ids(2, 6, seed=1)
    targets[0, :3] = -1
    logits, loss = model(ids, targets)
    rows = logits.log_softmax(-1).flatten(0, 1)
    by_hand = [-rows[i, t] for i, t in enumerate(targets.flatten()) if t != -1]
    assert len(by_hand) == 9
    assert loss.item() == pytest.approx(torch.stack(by_hand).mean().item(), rel=1e-5)


def test_a_new_model_knows_nothing():
    torch.manual_seed(0)
    ids = random_ids(4, 33)
    loss = GPT(TINY)(ids[:, :-1], ids[:, 1:])[1]
    assert loss.item() == pytest.approx(math.log(TINY.vocab_size), abs=0.05)


@pytest.mark.parametrize("tied", [True, False])
def test_gradients_equal_finite_differences(tied):
    config = GPTConfig(vocab_size=5, block_size=4, n_layer=2, n_head=2, n_embd=4, tie_weights=tied)
    model = random_gpt(config).double()
    ids, targets = random_ids(4, vocab_size=5), random_ids(4, vocab_size=5, seed=1)
    model(ids, targets)[1].backward()
    rng = random.Random(0)
    for name, parameter in model.named_parameters():
        at = rng.randrange(parameter.numel())
        flat, step, losses = parameter.data.view(-1), 1e-6, []
        for change in (step, -2 * step):
            flat[at] += change
            losses.append(model(ids, targets)[1].item())
        flat[at] += step
        slope = (losses[0] - losses[1]) / (2 * step)
        assert parameter.grad.view(-1)[at].item() == pytest.approx(slope, abs=1e-8), name


def test_it_learns_a_text_by_heart():
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=32))
    ids = random_ids(17, vocab_size=11)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        loss = model(ids[:-1], ids[1:])[1]
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
    assert model(ids[:-1])[0].argmax(-1).tolist() == ids[1:].tolist()


# Initial weights


def test_initial_weights_are_those_of_gpt2():
    torch.manual_seed(0)
    config = GPTConfig(vocab_size=500, block_size=300, n_layer=8, n_head=4, n_embd=64)
    scale = {"token": 0.02, "position": 0.01, "projection": 0.02 / math.sqrt(16)}
    for name, parameter in GPT(config).named_parameters():
        *_, layer, kind = name.split(".")
        if parameter.ndim == 2:
            std = scale.get(layer, 0.02)
            assert parameter.std().item() == pytest.approx(std, rel=0.06), name
            assert abs(parameter.mean().item()) < std / 20, name
        else:
            assert (parameter == (0 if kind == "bias" else 1)).all(), name


def test_residual_scaling_keeps_the_stream_from_growing_with_depth():
    added = []
    for n_layer in (2, 32):
        torch.manual_seed(0)
        model = GPT(GPTConfig(vocab_size=50, block_size=32, n_layer=n_layer, n_head=2, n_embd=64))
        seen = {}
        model(random_ids(32, vocab_size=50), hook=lambda n, v, seen=seen: seen.setdefault(n, v))
        growth = seen[f"blocks.{n_layer - 1}.residual_out"] - seen["embedding"]
        added.append(growth.var().item())
    assert added[1] == pytest.approx(added[0], rel=0.5)


@pytest.mark.parametrize("tied", [True, False])
def test_tying_makes_the_head_the_token_table(tied):
    model = GPT(GPTConfig.from_name("tiny", tie_weights=tied))
    assert (model.head.weight is model.embedding.token.weight) == tied
    n_parameters = sum(p.numel() for p in model.parameters())
    table = TINY.vocab_size * TINY.n_embd
    assert n_parameters == 43_904 + (0 if tied else table)


@pytest.mark.parametrize("bias", [True, False])
def test_without_bias_no_part_has_one(bias):
    model = GPT(GPTConfig.from_name("tiny", bias=bias))
    assert any("bias" in name for name, _ in model.named_parameters()) == bias


def test_dropout_only_while_training():
    model = GPT(GPTConfig.from_name("tiny", dropout=0.5))
    ids = random_ids(8)
    assert not torch.equal(model(ids)[0], model(ids)[0])
    model.eval()
    assert torch.equal(model(ids)[0], model(ids)[0])


# Bad input


def test_bad_ids_and_targets():
    model = GPT(TINY)
    with pytest.raises(ValueError, match="65 tokens from position 0 do not fit in block_size 64"):
        model(random_ids(65))
    with pytest.raises(IndexError, match="token id 512 is not in the vocabulary"):
        model(torch.tensor([1, 512]))
    with pytest.raises(TypeError, match=r"ids has dtype torch.float32"):
        model(torch.ones(3))
    for ids, kind in (([1, 2], "a list"), (torch.tensor(3), "one number")):
        with pytest.raises(TypeError, match=rf"ids is {kind}; give a tensor of ids \(..., T\)"):
            model(ids)
    with pytest.raises(ValueError, match=r"targets has shape \(5,\) and ids \(6,\): each id needs"):
        model(random_ids(6), random_ids(5))


def test_one_graph_under_compile():
    model = random_gpt()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    ids = random_ids(2, 5)
    torch.testing.assert_close(compiled(ids, ids)[1], model(ids, ids)[1])


# The config


def test_the_four_sizes_of_gpt2():
    sizes = {
        name: (c.n_layer, c.n_head, c.n_embd, c.block_size, c.vocab_size)
        for name in GPTConfig.names()
        if name.startswith("gpt2")
        for c in [GPTConfig.from_name(name)]
    }
    assert sizes == {
        "gpt2": (12, 12, 768, 1024, 50257),
        "gpt2-medium": (24, 16, 1024, 1024, 50257),
        "gpt2-large": (36, 20, 1280, 1024, 50257),
        "gpt2-xl": (48, 25, 1600, 1024, 50257),
    }
    assert GPTConfig.from_name("gpt2") == GPTConfig()
    assert GPTConfig.from_name("gpt2-xl", n_layer=2, dropout=0.1).n_layer == 2


@pytest.mark.parametrize("field", ["vocab_size", "block_size", "n_layer", "n_head", "n_embd"])
@pytest.mark.parametrize("value", [0, -1, 2.0, True, "8"])
def test_sizes_below_one_or_not_whole(field, value):
    with pytest.raises(ValueError, match=rf"{field} is {value!r}; it must be a whole number"):
        GPTConfig(**{field: value})


def test_other_bad_configs():
    with pytest.raises(ValueError, match=r"n_embd is 768 and n_head 7: .* 768 allows 1, 2, 3, 4"):
        GPTConfig(n_head=7)
    with pytest.raises(ValueError, match=r"dropout is 1.0; it must be at least 0 and below 1"):
        GPTConfig(dropout=1.0)
    with pytest.raises(ValueError, match=r"norm_eps is 0; it must be above 0"):
        GPTConfig(norm_eps=0)
    with pytest.raises(ValueError, match=r"no size is named 'gpt3'; there are tiny, storyteller"):
        GPTConfig.from_name("gpt3")
