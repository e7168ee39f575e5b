"""llm_lib.decoding: the short way through a GPT gives what the model itself gives."""

import pytest
import torch
from small_gpt import add_hook, random_gpt
from torch import nn

from llm_lib import decoding
from llm_lib.decoding import Decoder, packed_linear
from llm_lib.generation import generate, stream

CONFIGS = [
    {},
    {"n_head": 1, "n_layer": 1},
    {"tie_weights": False},
    {"bias": False},
    {"norm_eps": 0.1},
    {"n_embd": 120, "n_head": 8},
    {"n_embd": 288, "n_head": 4, "n_layer": 1},  # some matrices above the limit of SMALL
]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
@pytest.mark.parametrize("n_texts", [1, 3])
@torch.inference_mode()
def test_read_and_steps_equal_the_model(config, n_texts):
    model = random_gpt(**config)
    ids = torch.randint(61, (n_texts, 24))
    logits, _ = model(ids)  # (B, T, V), all at once and without a cache
    decoder, cache = Decoder(model), model.new_cache(n_texts)
    torch.testing.assert_close(decoder.read(ids[:, :5], cache), logits[:, 4], rtol=1e-4, atol=1e-4)
    for t in range(5, 24):
        after = decoder.step(ids[:, t], cache)
        torch.testing.assert_close(after, logits[:, t], rtol=1e-4, atol=1e-4)
    assert cache.length == 24


@torch.inference_mode()
def test_a_longer_piece_after_a_past_equals_the_model():
    model = random_gpt()
    ids = torch.randint(61, (2, 20))
    decoder, cache = Decoder(model), model.new_cache(2)
    for begin, end in [(0, 7), (7, 8), (8, 15), (15, 20)]:
        after = decoder.read(ids[:, begin:end], cache)
    torch.testing.assert_close(after, model(ids)[0][:, -1], rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_bfloat16_rounds_as_the_model_does():
    model = random_gpt(n_embd=48).bfloat16()
    exact = random_gpt(n_embd=48)
    ids = torch.randint(61, (1, 20))
    decoder, cache = Decoder(model), model.new_cache(1)
    ours = torch.stack([decoder.step(ids[:, t], cache) for t in range(20)], dim=1).float()
    error = (ours - exact(ids)[0]).abs().mean()
    error_of_model = (model(ids)[0].float() - exact(ids)[0]).abs().mean()
    assert error < 1.5 * error_of_model


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(16, 40), (700, 500)])
@pytest.mark.parametrize("bias", [True, False])
@torch.inference_mode()
def test_packed_products_are_those_of_the_layer(dtype, shape, bias):
    linear = nn.Linear(*shape, bias=bias).to(dtype)
    for n_rows in (1, 4):
        x = torch.randn(n_rows, shape[0]).to(dtype)
        tolerance = 1e-5 if dtype == torch.float32 else 2e-2
        ours = packed_linear(linear)(x)
        assert ours.dtype == dtype
        torch.testing.assert_close(ours, linear(x), rtol=tolerance, atol=tolerance)


@torch.inference_mode()
def test_a_full_cache_and_an_unknown_id_are_refused():
    model = random_gpt(block_size=2)
    decoder, cache = Decoder(model), model.new_cache(1)
    decoder.read(torch.tensor([[1, 2]]), cache)
    with pytest.raises(ValueError, match="do not fit in block_size 2"):
        decoder.step(torch.tensor([3]), cache)
    cache.truncate(0)
    with pytest.raises(IndexError):
        decoder.step(torch.tensor([61]), cache)


class Doubled(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


def with_another_class(model):
    model.blocks[1].feed_forward.expand = Doubled(24, 96)


def with_pre_hook(model):
    model.head.register_forward_pre_hook(lambda module, args: (args[0] * 2,))


def with_another_forward(model):
    model.norm.forward = lambda x: x


def with_sight_of_the_future(model):
    model.blocks[2].attention.causal = False


@pytest.mark.parametrize(
    "change",
    [
        with_another_class,
        add_hook,
        with_pre_hook,
        with_another_forward,
        with_sight_of_the_future,
    ],
)
def test_models_that_it_might_misread_are_refused(change):
    model = random_gpt()
    assert Decoder.fits(model)
    change(model)
    assert not Decoder.fits(model)
    with pytest.raises(TypeError, match="changed parts or hooks"):
        Decoder(model)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("use_cache", [True, False])
def test_generation_takes_a_decoder_in_place_of_its_model(dtype, use_cache, monkeypatch):
    model = random_gpt().to(dtype)
    options = {"temperature": 0, "use_cache": use_cache}
    expected = generate(model, [[1, 2], [3]], 30, **options)
    writer = Decoder(model)
    monkeypatch.setattr(decoding, "packed_linear", None)  # from here on nothing can be packed
    assert generate(writer, [[1, 2], [3]], 30, **options) == expected
    first = stream(writer, [1, 2], 30, **options)
    assert list(first) == expected[0][2:]


def test_a_decoder_whose_model_has_changed_is_refused():
    model = random_gpt()
    writer = Decoder(model)
    generate(writer, [1], 2)
    with torch.no_grad():
        model.blocks[0].attention.qkv.bias[0] += 1
    with pytest.raises(ValueError, match="make a new one"):
        generate(writer, [1], 2)
    generate(Decoder(model), [1], 2)
    model.norm.weight.data = torch.zeros_like(model.norm.weight)
    with pytest.raises(ValueError, match="have changed"):
        generate(writer, [1], 2)
