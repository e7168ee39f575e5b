"""The other parts of a Transformer block: LayerNorm, GELU and the feed-forward layer."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.arguments import require_positive, require_probability
from llm_lib.attention import Hook


class LayerNorm(nn.Module):
    """Each vector moved to mean 0 and variance 1, then stretched and shifted by learned numbers.

    ``(..., C)`` to the same. Ba, Kiros and Hinton, "Layer Normalization" (2016). The variance is
    that of the vector itself (divided by C, not C - 1), and ``eps`` keeps a vector of equal numbers
    from a division by zero.
    """

    def __init__(self, n_embd: int, bias: bool = True, eps: float = 1e-5) -> None:
        super().__init__()
        require_positive(n_embd=n_embd)
        if not eps > 0:
            raise ValueError(f"eps is {eps}; it must be above 0, like 1e-5.")
        self.weight = nn.Parameter(torch.ones(n_embd))  # (C,)
        self.bias = nn.Parameter(torch.zeros(n_embd)) if bias else None  # (C,)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        # Fused; layer_norm below is the same sum spelt out, and a test holds them together.
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, bias={self.bias is not None}, eps={self.eps}"


def layer_norm(
    x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """What ``LayerNorm`` computes, spelt out: ``(..., C)`` to the same."""
    mean = x.mean(dim=-1, keepdim=True)  # (..., 1)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)  # (..., 1)
    normed = (x - mean) / (variance + eps).sqrt()  # (..., C)
    normed = normed if weight is None else normed * weight
    return normed if bias is None else normed + bias


def gelu(x: Tensor) -> Tensor:
    """``x`` times the probability that a standard normal number lies below ``x``.

    Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016). A soft gate: large numbers pass,
    large negative ones become 0, and in between the slope changes without a corner.
    """
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x: Tensor) -> Tensor:
    """The form GPT-2 was trained with: the normal distribution approximated by a tanh.

    It differs from :func:`gelu` by less than 0.0005 everywhere (section 2 of the same paper).
    """
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


class GELU(nn.Module):
    """:func:`gelu` or, with ``approximate="tanh"``, :func:`gelu_tanh`, as one fused operation."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(
                f'approximate is {approximate!r}; use "none" (exact) or "tanh" (GPT-2).'
            )
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class FeedForward(nn.Module):
    """Expansion, GELU, compression, at each position alone: ``(..., C)`` to the same.

    Vaswani et al. (2017), section 3.3; four times as wide inside, with GPT-2's GELU. Each of the
    ``4 C`` hidden numbers is a *neuron*: it looks for one direction, and writes one back.
    """

    def __init__(
        self, n_embd: int, bias: bool = True, dropout: float = 0.0, expansion: int = 4
    ) -> None:
        super().__init__()
        require_positive(n_embd=n_embd, expansion=expansion)
        self.expand = nn.Linear(n_embd, expansion * n_embd, bias=bias)
        self.activation = GELU(approximate="tanh")
        self.projection = nn.Linear(expansion * n_embd, n_embd, bias=bias)
        self.dropout = require_probability("dropout", dropout)

    def forward(self, x: Tensor, hook: Hook | None = None) -> Tensor:
        hidden = self.expand(x)  # (..., 4C)
        if hook is not None:
            hidden = hook("hidden", hidden)
        active = self.activation(hidden)  # (..., 4C)
        if hook is not None:
            active = hook("active", active)
        out = self.projection(active)  # (..., C)
        return F.dropout(out, self.dropout, training=self.training) if self.dropout else out
