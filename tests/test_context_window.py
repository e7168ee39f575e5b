"""llm_lib.context_window: the window stands where it should, and a cache changes nothing."""

from itertools import pairwise

import pytest
import torch
from small_gpt import add_hook, random_gpt

from llm_lib.context_window import WindowReader, window_start


@pytest.mark.parametrize("block_size", [1, 2, 3, 4, 7, 8])
def test_the_window_is_never_too_long_and_keeps_half_a_context(block_size):
    starts = [window_start(length, block_size) for length in range(1, 60)]
    for length, start in enumerate(starts, 1):
        assert 0 < length - start <= block_size
        if start:
            assert length - start > block_size - max(1, block_size // 2)
    moves = {b - a for a, b in pairwise(starts)} - {0}
    assert moves == {max(1, block_size // 2)}


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("block_size", [1, 5, 8])
def test_logits_are_those_of_the_window_read_alone(block_size, use_cache):
    model = random_gpt(block_size=block_size)
    rows = torch.randint(61, (2, 30)).tolist()
    reader = WindowReader(model, use_cache)
    for length in range(3, 31):
        window = [row[window_start(length, block_size) : length] for row in rows]
        expected, _ = model(torch.tensor(window))
        ours = reader.read(rows, length)
        torch.testing.assert_close(ours, expected[:, -1], rtol=1e-4, atol=1e-4)


def test_between_two_moves_every_token_is_read_once(monkeypatch):
    model = random_gpt(block_size=8)
    add_hook(model)  # so that the model itself reads, and can be listened to
    n_read = []
    forward = model.forward
    monkeypatch.setattr(
        model, "forward", lambda ids, **kw: n_read.append(ids.shape[-1]) or forward(ids, **kw)
    )
    reader = WindowReader(model)
    for length in range(4, 18):
        reader.read([list(range(20))], length)
    #                 4        8  9: window 4…9          13: window 8…13         17
    assert n_read == [4, 1, 1, 1, 1, 5, 1, 1, 1, 5, 1, 1, 1, 5]


def test_hooks_of_the_model_are_heard():
    plain, hooked = random_gpt(), random_gpt()
    add_hook(hooked)
    rows = [[1, 2, 3, 4]]
    reader, deaf = WindowReader(hooked), WindowReader(plain)
    for length in (3, 4):
        expected = hooked(torch.tensor([rows[0][:length]]))[0][:, -1]
        ours = reader.read(rows, length)
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)
        assert not torch.allclose(deaf.read(rows, length), ours, atol=1e-2)


@pytest.mark.parametrize("use_cache", [True, False])
def test_every_part_gets_its_mode_back_and_dropout_is_off(use_cache):
    model = random_gpt(dropout=0.5)
    expected = model(torch.tensor([[1, 2, 3]]))[0][:, -1]
    model.train()
    model.blocks[1].eval()
    modes = [module.training for module in model.modules()]
    ours = WindowReader(model, use_cache).read([[1, 2, 3]], 3)
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)
    assert [module.training for module in model.modules()] == modes
    assert not ours.requires_grad


def test_modes_come_back_after_an_error():
    model = random_gpt().train()
    with pytest.raises(IndexError):
        WindowReader(model).read([[61]], 1)
    assert all(module.training for module in model.modules())
