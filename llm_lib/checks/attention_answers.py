"""Chapter 5: the reference solutions, and the wrong answers that graders must catch."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# --- attention.weights -----------------------------------------------------------------------


def dots(queries: Tensor, keys: Tensor) -> Tensor:
    return queries @ keys.transpose(-2, -1)  # (..., T, S)


def weights(queries: Tensor, keys: Tensor) -> Tensor:
    return (dots(queries, keys) / math.sqrt(queries.shape[-1])).softmax(dim=-1)


def weights_scores(queries: Tensor, keys: Tensor) -> Tensor:
    return dots(queries, keys) / math.sqrt(queries.shape[-1])


def weights_unscaled(queries: Tensor, keys: Tensor) -> Tensor:
    return dots(queries, keys).softmax(dim=-1)


def weights_by_width(queries: Tensor, keys: Tensor) -> Tensor:
    return (dots(queries, keys) / queries.shape[-1]).softmax(dim=-1)


def weights_by_columns(queries: Tensor, keys: Tensor) -> Tensor:
    return weights_scores(queries, keys).softmax(dim=-2)


# --- attention.mixture -----------------------------------------------------------------------


def mixture(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return weights(queries, keys) @ values


def mixture_by_value_width(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return (dots(queries, keys) / math.sqrt(values.shape[-1])).softmax(dim=-1) @ values


def mixture_unnormalised(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return (dots(queries, keys) / math.sqrt(queries.shape[-1])).exp() @ values


def mixture_unscaled(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return dots(queries, keys).softmax(dim=-1) @ values


def mixture_transposed(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return weights(queries, keys).transpose(-2, -1) @ values


def mixture_average(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return values.mean(dim=-2, keepdim=True).expand(*queries.shape[:-1], values.shape[-1])


def mixture_one_text(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = queries @ keys.transpose(0, 1) / math.sqrt(queries.shape[-1])
    return scores.softmax(dim=-1) @ values


def mixture_overflow(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    powers = (dots(queries, keys) / math.sqrt(queries.shape[-1])).exp()
    return powers / powers.sum(dim=-1, keepdim=True) @ values


# --- attention.axis --------------------------------------------------------------------------


def self_attention(x: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return mixture(x @ queries, x @ keys, x @ values)


def attend_over(axis: int, x: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = dots(x @ queries, x @ keys) / math.sqrt(queries.shape[-1])
    return scores.softmax(dim=axis) @ (x @ values)


def attend_scaled_by(
    width: int, x: Tensor, queries: Tensor, keys: Tensor, values: Tensor
) -> Tensor:
    scores = dots(x @ queries, x @ keys) / math.sqrt(width)
    return scores.softmax(dim=-1) @ (x @ values)


def axis_one(x: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return attend_over(1, x, queries, keys, values)  # right for (T, C), wrong for (B, T, C)


def axis_zero(x: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return attend_over(0 if x.ndim == 3 else 1, x, queries, keys, values)


def axis_wide(x: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return attend_scaled_by(x.shape[-1], x, queries, keys, values)


def axis_swapped(x: Tensor, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return self_attention(x, keys, queries, values)


# --- attention.previous ----------------------------------------------------------------------


def previous(length: int) -> tuple[Tensor, Tensor]:
    keys = 10.0 * math.sqrt(length) * torch.eye(length)  # (T, d), d = T: place t is direction t
    queries = torch.eye(length).roll(-1, dims=1)  # (T, d): place t asks for direction t - 1
    return queries, keys


def previous_itself(length: int) -> tuple[Tensor, Tensor]:
    _, keys = previous(length)
    return torch.eye(length), keys


def previous_next(length: int) -> tuple[Tensor, Tensor]:
    _, keys = previous(length)
    return torch.eye(length).roll(1, dims=1), keys


def previous_timid(length: int) -> tuple[Tensor, Tensor]:
    queries, _ = previous(length)
    return queries, torch.eye(length)


def previous_even(length: int) -> tuple[Tensor, Tensor]:
    return torch.ones(length, 4), torch.ones(length, 4)
