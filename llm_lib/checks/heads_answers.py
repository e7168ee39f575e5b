"""Chapter 6: the reference solutions, and the wrong answers that graders must catch."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Look = Callable[[Tensor], Tensor]

# --- heads.causal_mask -----------------------------------------------------------------------


def causal_mask(length: int, past: int = 0) -> Tensor:
    return torch.ones(length, past + length, dtype=torch.bool).tril(past)


def mask_of_hidden(length: int, past: int = 0) -> Tensor:
    return ~causal_mask(length, past)


def mask_of_future(length: int, past: int = 0) -> Tensor:
    return torch.ones(length, past + length, dtype=torch.bool).triu(past)


def mask_without_itself(length: int, past: int = 0) -> Tensor:
    return torch.ones(length, past + length, dtype=torch.bool).tril(past - 1)


def mask_unmoved(length: int, past: int = 0) -> Tensor:
    return torch.ones(length, past + length, dtype=torch.bool).tril()


def mask_square(length: int, past: int = 0) -> Tensor:
    return torch.ones(length, length, dtype=torch.bool).tril()


def mask_of_numbers(length: int, past: int = 0) -> Tensor:
    return torch.ones(length, past + length).tril(past)


# --- heads.split -----------------------------------------------------------------------------


def split(x: Tensor, n_head: int) -> Tensor:
    return x.unflatten(-1, (n_head, -1)).transpose(-3, -2)


def split_by_view(x: Tensor, n_head: int) -> Tensor:
    *leading, length, width = x.shape
    return x.reshape(*leading, n_head, length, width // n_head)


def split_interleaved(x: Tensor, n_head: int) -> Tensor:
    return x.unflatten(-1, (-1, n_head)).transpose(-1, -2).transpose(-3, -2)


def split_untransposed(x: Tensor, n_head: int) -> Tensor:
    return x.unflatten(-1, (n_head, -1))


def split_one_text(x: Tensor, n_head: int) -> Tensor:
    return x.reshape(x.shape[0], n_head, -1).permute(1, 0, 2)


# --- heads.merge -----------------------------------------------------------------------------


def merge(heads: Tensor) -> Tensor:
    return heads.transpose(-3, -2).flatten(-2)


def merge_by_view(heads: Tensor) -> Tensor:
    *leading, n_head, length, head_size = heads.shape
    return heads.reshape(*leading, length, n_head * head_size)


def merge_interleaved(heads: Tensor) -> Tensor:
    return heads.movedim(-3, -1).flatten(-2)


def merge_by_sum(heads: Tensor) -> Tensor:
    return heads.sum(dim=-3)


def merge_one_text(heads: Tensor) -> Tensor:
    return heads.permute(1, 0, 2).reshape(heads.shape[1], -1)


# --- heads.masked ----------------------------------------------------------------------------


def _scores(queries: Tensor, keys: Tensor) -> Tensor:
    return queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])


def _seen(scores: Tensor) -> Tensor:
    return causal_mask(scores.shape[-1])


def masked(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = _scores(queries, keys)
    return scores.masked_fill(~_seen(scores), -math.inf).softmax(dim=-1) @ values


def masked_after(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return _scores(queries, keys).softmax(dim=-1).tril() @ values


def masked_with_zero(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return _scores(queries, keys).tril().softmax(dim=-1) @ values


def masked_and_divided(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    weights = _scores(queries, keys).softmax(dim=-1).tril()
    return weights / weights.sum(dim=-1, keepdim=True) @ values


def masked_past(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = _scores(queries, keys)
    return scores.masked_fill(~_seen(scores).T, -math.inf).softmax(dim=-1) @ values


def masked_nothing(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return _scores(queries, keys).softmax(dim=-1) @ values


# --- heads.leaks -----------------------------------------------------------------------------


@torch.no_grad()
def leaks(look: Look, x: Tensor) -> bool:
    before = look(x)
    for place in range(1, x.shape[-2]):
        changed = x.clone()
        changed[..., place, :] += 1.0
        if not torch.allclose(look(changed)[..., :place, :], before[..., :place, :], atol=1e-5):
            return True
    return False


def leaks_last_on_first(look: Look, x: Tensor) -> bool:
    changed = x.clone()
    changed[..., -1, :] += 1.0
    return not torch.allclose(look(changed)[..., 0, :], look(x)[..., 0, :], atol=1e-5)


def leaks_anywhere(look: Look, x: Tensor) -> bool:
    changed = x.clone()
    changed[..., -1, :] += 1.0
    return not torch.allclose(look(changed), look(x), atol=1e-5)


def leaks_backwards(look: Look, x: Tensor) -> bool:
    changed = x.clone()
    changed[..., 0, :] += 1.0
    return not torch.allclose(look(changed)[..., 1:, :], look(x)[..., 1:, :], atol=1e-5)


def leaks_in_place(look: Look, x: Tensor) -> bool:
    before = look(x)
    x[..., -1, :] += 1.0
    return not torch.allclose(look(x)[..., :-1, :], before[..., :-1, :], atol=1e-5)


def leaks_to_the_digit(look: Look, x: Tensor) -> bool:
    whole = look(x)
    return not all(
        torch.equal(look(x[..., :place, :]), whole[..., :place, :])
        for place in range(1, x.shape[-2])
    )
