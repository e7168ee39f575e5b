"""llm_lib.layers against torch's own LayerNorm, GELU and a feed-forward made of torch's parts."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from llm_lib.layers import GELU, FeedForward, LayerNorm, gelu, gelu_tanh, layer_norm

WIDTHS = [8, 31, 64, 128, 768]
LEADING = [(), (3,), (2, 3, 4)]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randomized(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return module


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("bias", [True, False])
def test_layer_norm_equals_torch_and_its_spelt_out_form(width, bias):
    ours = randomized(LayerNorm(width, bias))
    theirs = nn.LayerNorm(width, bias=bias)
    theirs.load_state_dict(ours.state_dict())
    for leading in LEADING:
        x = torch.randn(*leading, width)
        assert (ours(x) - theirs(x)).abs().max() <= 1e-6
        assert (layer_norm(x, ours.weight, ours.bias) - theirs(x)).abs().max() <= 1e-6
    x = x.double() * 30 + 10
    ours, theirs = ours.double(), theirs.double()
    assert (layer_norm(x, ours.weight, ours.bias) - theirs(x)).abs().max() <= 1e-12


def test_layer_norm_by_hand():
    # Mean 5, deviations -3, -1, 1, 3, variance (9 + 1 + 1 + 9) / 4 = 5.
    normed = layer_norm(torch.tensor([2.0, 4.0, 6.0, 8.0]), eps=1e-12)
    assert normed.tolist() == pytest.approx([d / math.sqrt(5) for d in (-3, -1, 1, 3)])


def test_layer_norm_of_equal_numbers_is_its_bias():
    norm = randomized(LayerNorm(8))
    assert torch.equal(norm(torch.full((2, 8), 7.0)), norm.bias.expand(2, 8))
    assert (layer_norm(torch.full((2, 8), 7.0)) == 0).all()


def test_layer_norm_starts_as_a_pure_norm():
    x = torch.randn(5, 64) * 4 - 2
    y = LayerNorm(64)(x)
    torch.testing.assert_close(y.mean(-1), torch.zeros(5), atol=1e-6, rtol=0)
    torch.testing.assert_close(y.var(-1, correction=0), torch.ones(5), atol=1e-4, rtol=0)


@pytest.mark.parametrize("width", WIDTHS)
def test_gelu_equals_torch(width):
    x = torch.randn(10, width)
    for values, tolerance in ((x, 1e-6), (x.double() * 10, 1e-13)):
        assert (gelu(values) - F.gelu(values)).abs().max() <= tolerance
        assert (gelu_tanh(values) - F.gelu(values, approximate="tanh")).abs().max() <= tolerance
    assert torch.equal(GELU()(x), F.gelu(x))
    assert torch.equal(GELU("tanh")(x), F.gelu(x, approximate="tanh"))


def test_the_two_forms_differ_by_less_than_the_docstring_says():
    x = torch.linspace(-20, 20, 100_001, dtype=torch.float64)
    largest = (gelu(x) - gelu_tanh(x)).abs().max().item()
    assert 1e-4 < largest < 5e-4


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("bias", [True, False])
def test_feed_forward_equals_torch(width, bias):
    ours = FeedForward(width, bias)
    theirs = nn.Sequential(
        nn.Linear(width, 4 * width, bias),
        nn.GELU(approximate="tanh"),
        nn.Linear(4 * width, width, bias),
    )
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    for leading in LEADING:
        x = torch.randn(*leading, width)
        assert (ours(x) - theirs(x)).abs().max() <= 1e-6


def test_feed_forward_sees_each_position_alone():
    feed_forward = FeedForward(8)
    x = torch.randn(5, 8)
    torch.testing.assert_close(feed_forward(x)[2], feed_forward(x[2]))


def test_feed_forward_hook_sees_and_changes_the_neurons():
    feed_forward = FeedForward(8, expansion=2)
    seen = {}

    def only_neuron_3(name, value):
        seen[name] = value
        return value * (torch.arange(16) == 3) if name == "active" else value

    x = torch.randn(5, 8)
    out = feed_forward(x, only_neuron_3)
    assert list(seen) == ["hidden", "active"] and seen["hidden"].shape == (5, 16)
    torch.testing.assert_close(seen["active"], gelu_tanh(seen["hidden"]))
    written = feed_forward.projection.weight[:, 3]
    expected = seen["active"][:, 3:4] * written + feed_forward.projection.bias
    torch.testing.assert_close(out, expected)


def test_dropout_only_while_training():
    feed_forward = FeedForward(64, dropout=0.25)
    x = torch.randn(100, 64)
    dropped = feed_forward(x)
    still = feed_forward.eval()(x)
    kept = dropped != 0
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.03)
    torch.testing.assert_close(dropped[kept], still[kept] / 0.75)


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"eps is 0; it must be above 0"):
        LayerNorm(8, eps=0)
    with pytest.raises(ValueError, match=r"n_embd is 0; it must be a whole number"):
        LayerNorm(0)
    with pytest.raises(ValueError, match=r"approximate is 'sigmoid'; use \"none\""):
        GELU("sigmoid")
    with pytest.raises(ValueError, match=r"expansion is 0; it must be a whole number"):
        FeedForward(8, expansion=0)


def test_repr_shows_the_sizes():
    assert repr(LayerNorm(8, bias=False)) == "LayerNorm(8, bias=False, eps=1e-05)"
    assert repr(GELU("tanh")) == "GELU(approximate='tanh')"
