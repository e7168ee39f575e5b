"""llm_lib.kv_cache: what is stored, how much room it takes, and what does not fit."""

import pytest
import torch

from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.kv_cache import KVCache, LayerCache


def layer_cache(batch=(2,), n_head=3, room=8, width=4):
    return LayerCache(*torch.zeros(2, *batch, n_head, room, width))


def test_append_gives_back_all_so_far_and_copies_nothing():
    cache = layer_cache()
    keys, values = torch.randn(2, 2, 3, 8, 4)
    for start, end in ((0, 3), (3, 4), (4, 8)):
        all_keys, all_values = cache.append(keys[..., start:end, :], values[..., start:end, :])
        assert cache.length == end
        assert torch.equal(all_keys, keys[..., :end, :])
        assert torch.equal(all_values, values[..., :end, :])
        assert all_keys.data_ptr() == cache.keys.data_ptr()


def test_what_does_not_fit_changes_nothing():
    cache = layer_cache()
    cache.append(torch.ones(2, 3, 6, 4), torch.ones(2, 3, 6, 4))
    with pytest.raises(ValueError, match="holds 6 of 8 positions; 3 more do not fit"):
        cache.append(torch.ones(2, 3, 3, 4), torch.ones(2, 3, 3, 4))
    for shape in ((2, 2, 1, 4), (1, 3, 1, 4), (3, 1, 4), (2, 3, 1, 5)):
        with pytest.raises(ValueError, match=r"the cache is for .*\(2, 3\) with 4 numbers each"):
            cache.append(torch.ones(shape), torch.ones(shape))
    assert cache.length == 6 and (cache.keys[..., 6:, :] == 0).all()


def test_no_gradient_flows_into_what_is_kept():
    cache = layer_cache()
    keys = torch.ones(2, 3, 1, 4, requires_grad=True)
    kept, _ = cache.append(keys, keys)
    assert not kept.requires_grad


def test_truncate_forgets_the_end():
    torch.manual_seed(0)
    model = GPT(GPTConfig.from_name("tiny"))
    ids = torch.randint(512, (2, 12))
    cache = model.new_cache(2)
    model(ids, cache=cache)
    cache.truncate(5)
    assert cache.length == 5
    other = torch.randint(512, (2, 3))
    expected = model(torch.cat([ids[:, :5], other], dim=1))[0][:, 5:]
    torch.testing.assert_close(model(other, cache=cache)[0], expected, atol=1e-5, rtol=1e-4)
    for length in (-1, 9):
        with pytest.raises(ValueError, match=f"length is {length}; the cache holds 0 to 8"):
            cache.truncate(length)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_models_cache_has_its_sizes_and_dtype(dtype):
    model = GPT(GPTConfig.from_name("tiny")).to(dtype)
    cache = model.new_cache(2, 3)
    assert cache.storage.shape == (2, 2, 2, 3, 2, 64, 16) and cache.storage.dtype == dtype
    assert cache.n_bytes == 2 * 2 * 6 * 64 * 32 * dtype.itemsize
    assert cache.length == 0 and cache.block_size == 64
    logits, _ = model(torch.randint(512, (2, 3, 4)), cache=cache)
    assert logits.dtype == dtype and cache.length == 4


def test_one_text_needs_no_batch_dimension():
    assert KVCache(2, 3, 4, 8).storage.shape == (2, 2, 3, 8, 4)
