"""Chapter 7: the reference solutions, and the wrong answers that graders must catch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Part = Callable[[Tensor], Tensor]

# --- block.layer_norm ------------------------------------------------------------------------


def _normed(x: Tensor, dims: tuple[int, ...], eps: float, correction: int = 0) -> Tensor:
    variance = x.var(dim=dims, keepdim=True, correction=correction)
    return (x - x.mean(dim=dims, keepdim=True)) / (variance + eps).sqrt()


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return _normed(x, (-1,), eps) * weight + bias


def layer_norm_over_all(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return (x - x.mean()) / (x.std() + eps) * weight + bias


def layer_norm_over_tokens(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return _normed(x, (-2,), eps) * weight + bias


def layer_norm_over_batch(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return _normed(x, (0,), eps) * weight + bias


def layer_norm_unbiased(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return _normed(x, (-1,), eps, correction=1) * weight + bias


def layer_norm_without_weight(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return _normed(x, (-1,), eps)


def layer_norm_not_rooted(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred / (centred.square().mean(dim=-1, keepdim=True) + eps) * weight + bias


def layer_norm_eps_outside(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    spread = x.std(dim=-1, keepdim=True, correction=0)
    return (x - x.mean(dim=-1, keepdim=True)) / (spread + eps) * weight + bias


def layer_norm_no_eps(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    return layer_norm(x, weight, bias, 0.0)


# --- block.parameters ------------------------------------------------------------------------


def parameters(n_embd: int) -> int:
    attention = n_embd * 3 * n_embd + 3 * n_embd + n_embd * n_embd + n_embd
    feed_forward = n_embd * 4 * n_embd + 4 * n_embd + 4 * n_embd * n_embd + n_embd
    return attention + feed_forward + 2 * 2 * n_embd


def parameters_matrices(n_embd: int) -> int:
    return 12 * n_embd**2


def parameters_no_norms(n_embd: int) -> int:
    return parameters(n_embd) - 4 * n_embd


def parameters_no_biases(n_embd: int) -> int:
    return 12 * n_embd**2 + 4 * n_embd


def parameters_one_norm(n_embd: int) -> int:
    return parameters(n_embd) - 2 * n_embd


def parameters_no_projection(n_embd: int) -> int:
    return parameters(n_embd) - n_embd**2 - n_embd


# --- block.residual --------------------------------------------------------------------------


def residual(x: Tensor, norm: Part, part: Part) -> Tensor:
    return x + part(norm(x))


def residual_of_normed(x: Tensor, norm: Part, part: Part) -> Tensor:
    x = norm(x)
    return x + part(x)


def residual_post_norm(x: Tensor, norm: Part, part: Part) -> Tensor:
    return norm(x + part(x))


def residual_none(x: Tensor, norm: Part, part: Part) -> Tensor:
    return part(norm(x))


def residual_no_norm(x: Tensor, norm: Part, part: Part) -> Tensor:
    return x + part(x)


def residual_norm_after(x: Tensor, norm: Part, part: Part) -> Tensor:
    return x + norm(part(x))


def residual_in_place(x: Tensor, norm: Part, part: Part) -> Tensor:
    x += part(norm(x))
    return x


# --- block.larger ----------------------------------------------------------------------------

Weights = tuple[Tensor, Tensor, Tensor]


def larger() -> Weights:
    first = torch.tensor([[1.0, 0.0, 0.0], [-1.0, 1.0, -1.0]])  # a - b, b, -b
    return first, torch.zeros(3), torch.tensor([[1.0], [1.0], [-1.0]])


def larger_mean() -> Weights:
    return torch.eye(2), torch.zeros(2), torch.full((2, 1), 0.5)


def larger_positive_only() -> Weights:
    first = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])  # a - b, b
    return first, torch.zeros(2), torch.ones(2, 1)


def larger_too_wide() -> Weights:
    first, _, second = larger()
    return torch.cat([first, first], 1), torch.zeros(6), torch.cat([second, second]) / 2


def larger_transposed() -> Weights:
    first, threshold, second = larger()
    return first.T, threshold, second.T
