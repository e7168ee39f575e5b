"""llm_lib.attention: written out = fused = torch.nn.MultiheadAttention, and no look ahead."""

import math
import random

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from llm_lib.attention import (
    CausalAttention,
    MultiHeadAttention,
    SelfAttention,
    attention_scores,
    attention_weights,
    causal_mask,
    scaled_dot_product_attention,
)

LEADING = [(), (3,), (2, 3)]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


# The function


def test_three_tokens_by_hand():
    # The second query is (2, 0): its products with the keys are 2, 4 and 0, over √2.
    x = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    mixed, weights = scaled_dot_product_attention(x, x, x)
    powers = [math.exp(score / math.sqrt(2)) for score in (2, 4, 0)]
    expected = [power / sum(powers) for power in powers]
    assert weights[1].tolist() == pytest.approx(expected)
    assert mixed[1].tolist() == pytest.approx([expected[0] + 2 * expected[1], expected[2]])


@pytest.mark.parametrize("leading", LEADING)
@pytest.mark.parametrize("masked", [False, True])
def test_explicit_equals_torch_for_random_shapes(leading, masked):
    rng = random.Random(1)
    for _ in range(10):
        t, s, d, d_v = (rng.randint(1, 9) for _ in range(4))
        queries, keys = torch.randn(*leading, t, d), torch.randn(*leading, s, d)
        values = torch.randn(*leading, s, d_v)
        mask = (torch.rand(t, s) < 0.7) | (torch.arange(s) == 0) if masked else None
        mixed, weights = scaled_dot_product_attention(queries, keys, values, mask)
        assert mixed.shape == (*leading, t, d_v) and weights.shape == (*leading, t, s)
        reference = F.scaled_dot_product_attention(queries, keys, values, mask)
        torch.testing.assert_close(mixed, reference, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(weights.sum(-1), torch.ones(*leading, t))


def test_scores_have_variance_1_at_every_width():
    for d in (2, 32, 512):
        scores = attention_scores(torch.randn(300, d), torch.randn(300, d))
        assert scores.var().item() == pytest.approx(1, rel=0.1)


def test_causal_mask_by_hand():
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True] * 3]
    assert causal_mask(2, past=1).tolist() == [[True, True, False], [True, True, True]]
    assert causal_mask(0).shape == (0, 0)
    with pytest.raises(ValueError, match="length is -1 and past 0; both must be 0 or more"):
        causal_mask(-1)


def test_a_query_that_may_look_nowhere_takes_nothing():
    scores = torch.randn(2, 3, requires_grad=True)
    mask = torch.tensor([[True, False, True], [False, False, False]])
    weights = attention_weights(scores, mask)
    assert weights[1].tolist() == [0, 0, 0]
    assert weights[0].sum().item() == pytest.approx(1) and weights[0, 1] == 0
    (weights * torch.randn(2, 3)).sum().backward()
    assert torch.isfinite(scores.grad).all() and (scores.grad[1] == 0).all()
    x = torch.randn(2, 3, 4)
    mixed, _ = scaled_dot_product_attention(x, x, x, torch.zeros(3, 3, dtype=torch.bool))
    assert (mixed == 0).all()


def test_large_scores_do_not_overflow():
    weights = attention_weights(torch.tensor([[1e30, 0.0, -1e30]]))
    assert weights.tolist() == [[1, 0, 0]]


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    x = torch.randn(100, 40, 8) / 2
    _, whole = scaled_dot_product_attention(x, x, x)
    _, thinned = scaled_dot_product_attention(x, x, x, dropout=0.25)
    kept = thinned != 0
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.01)
    torch.testing.assert_close(thinned[kept], whole[kept] / 0.75)
    assert thinned.sum(-1).mean().item() == pytest.approx(1, abs=0.01)


def test_errors_name_the_shapes():
    x, wide, long = torch.randn(4, 8), torch.randn(4, 9), torch.randn(5, 8)
    with pytest.raises(ValueError, match=r"queries \(4, 8\), keys \(4, 9\).*the same width"):
        scaled_dot_product_attention(x, wide, x)
    with pytest.raises(ValueError, match=r"keys \(4, 8\), values \(5, 8\).*one value"):
        scaled_dot_product_attention(x, x, long)
    with pytest.raises(TypeError, match=r"mask has dtype torch.float32; give a bool tensor"):
        scaled_dot_product_attention(x, x, x, torch.zeros(4, 4))
    for dropout in (-0.1, 1.0):
        with pytest.raises(ValueError, match=rf"dropout is {dropout}; it must be at least 0"):
            scaled_dot_product_attention(x, x, x, dropout=dropout)


# One head


@pytest.mark.parametrize("leading", LEADING)
@pytest.mark.parametrize("kind", [SelfAttention, CausalAttention])
def test_one_head_equals_torch(leading, kind):
    head = kind(8, 4)
    x = torch.randn(*leading, 5, 8)
    causal = kind is CausalAttention
    expected = F.scaled_dot_product_attention(
        head.query(x), head.key(x), head.value(x), is_causal=causal
    )
    torch.testing.assert_close(head(x), expected)
    mixed, weights = head(x, return_weights=True)
    assert torch.equal(mixed, head(x)) and weights.shape == (*leading, 5, 5)
    assert (weights.triu(1) == 0).all() == causal


def test_attention_without_positions_does_not_see_order():
    head = SelfAttention(8, 4)
    x, order = torch.randn(6, 8), torch.randperm(6)
    torch.testing.assert_close(head(x[order]), head(x)[order])


def test_dropout_only_while_training():
    head = CausalAttention(8, 4, dropout=0.5)
    x = torch.randn(30, 8)
    assert not torch.equal(head(x), head(x))
    head.eval()
    assert torch.equal(head(x), head(x))
    with pytest.raises(ValueError, match=r"dropout is 1.5; it must be at least 0 and below 1"):
        CausalAttention(8, 4, dropout=1.5)


# Several heads


def copied(ours, n_embd, n_head, bias):
    theirs = nn.MultiheadAttention(n_embd, n_head, bias=bias, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.qkv.weight)
        theirs.out_proj.weight.copy_(ours.projection.weight)
        if bias:
            theirs.in_proj_bias.copy_(ours.qkv.bias)
            theirs.out_proj.bias.copy_(ours.projection.bias)
    return theirs


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_explicit_equals_fused_equals_torch_for_random_shapes(bias, causal):
    rng = random.Random(2)
    for _ in range(10):
        n_head, t = rng.randint(1, 4), rng.randint(1, 9)
        n_embd = n_head * rng.randint(1, 9)
        ours = MultiHeadAttention(n_embd, n_head, bias, causal=causal)
        x = torch.randn(2, t, n_embd)
        mask = ~causal_mask(t) if causal else None  # there True means hidden
        theirs = copied(ours, n_embd, n_head, bias)
        mixed, weights = theirs(x, x, x, attn_mask=mask, average_attn_weights=False)
        seen = {}
        explicit = ours(x, hook=lambda name, value, seen=seen: seen.setdefault(name, value))
        torch.testing.assert_close(explicit, mixed, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(ours(x), mixed, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(seen["weights"], weights, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("leading", LEADING)
def test_any_leading_dimensions_are_a_batch(leading):
    attention = MultiHeadAttention(12, 3)
    x = torch.randn(*leading, 5, 12)
    rows = torch.stack([attention(row) for row in x.reshape(-1, 5, 12)])
    for hook in (None, lambda name, value: value):
        torch.testing.assert_close(attention(x, hook=hook), rows.reshape(x.shape))


@pytest.mark.parametrize("hook", [None, lambda name, value: value], ids=["fused", "explicit"])
def test_the_future_changes_nothing_before_it(hook):
    attention = MultiHeadAttention(12, 3)
    x = torch.randn(2, 7, 12)
    before = attention(x, hook=hook)
    for position in range(7):
        changed = x.clone()
        changed[:, position] += 1
        after = attention(changed, hook=hook)
        assert torch.equal(after[:, :position], before[:, :position])
        assert not torch.allclose(after[:, position:], before[:, position:])


def test_without_the_mask_the_future_leaks():
    attention = MultiHeadAttention(12, 3, causal=False)
    x = torch.randn(2, 7, 12)
    changed = x.clone()
    changed[:, 6] += 1
    assert not torch.allclose(attention(changed)[:, 0], attention(x)[:, 0])


def test_gradients_of_both_paths_agree():
    attention = MultiHeadAttention(12, 3)
    x = torch.randn(2, 7, 12)
    gradients = []
    for hook in (None, lambda name, value: value):
        attention.zero_grad()
        attention(x, hook=hook).square().sum().backward()
        gradients.append([p.grad.clone() for p in attention.parameters()])
    for fused, explicit in zip(*gradients, strict=True):
        torch.testing.assert_close(fused, explicit, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("hook", [None, lambda name, value: value], ids=["fused", "explicit"])
def test_dropout_of_weights_and_result_keeps_the_mean(hook):
    attention = MultiHeadAttention(12, 3, dropout=0.5)
    x = torch.randn(1, 4, 12)
    still = attention.eval()(x, hook=hook)
    attention.train()
    outs = torch.stack([attention(x, hook=hook) for _ in range(1000)])
    assert (outs == 0).float().mean().item() == pytest.approx(0.5, abs=0.02)
    torch.testing.assert_close(outs.mean(0), still, atol=0.1, rtol=0)


def test_the_hook_sees_the_names_in_order_and_goes_on_with_what_it_returns():
    attention = MultiHeadAttention(12, 3)
    names = []

    def without_head_1(name, value):
        names.append(name)
        if name != "heads":
            return value
        kept = torch.tensor([1.0, 0.0, 1.0])[:, None, None]
        return value * kept

    x = torch.randn(2, 5, 12)
    edited = attention(x, hook=without_head_1)
    assert names == ["queries", "keys", "values", "scores", "weights", "heads"]
    with torch.no_grad():
        attention.projection.weight[:, 4:8] = 0  # the same head, cut off at the projection
    torch.testing.assert_close(edited, attention(x))


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match=r"n_head must divide n_embd. 12 allows 1, 2, 3, 4, 6, 12"):
        MultiHeadAttention(12, 5)
    with pytest.raises(ValueError, match=r"n_head is 0; it must be a whole number of at least 1"):
        MultiHeadAttention(12, 0)
    with pytest.raises(ValueError, match=r"dropout is 1"):
        MultiHeadAttention(12, 3, dropout=1)


def test_repr_shows_the_sizes():
    assert repr(MultiHeadAttention(12, 3)).startswith(
        "MultiHeadAttention(\n  n_head=3, causal=True, dropout=0.0"
    )
