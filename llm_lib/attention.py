"""Attention: each position looks at others and takes a weighted mixture of what they hold.

Vaswani et al., "Attention Is All You Need" (2017), section 3.2. Four classes, each one idea more
than the last: scaled dot-product attention, self-attention with trainable projections, the causal
mask and dropout, several heads at once.

Every input may have any number of leading batch dimensions: ``(..., T, C)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.arguments import require_equal_heads, require_positive, require_probability
from llm_lib.kv_cache import LayerCache

Hook: TypeAlias = Callable[[str, Tensor], Tensor]
"""Gets the name and the value of an intermediate, returns the value to go on with."""


def causal_mask(length: int, past: int = 0, device: torch.device | None = None) -> Tensor:
    """Which key each query may look at: bool ``(length, past + length)``, True where it may.

    Query ``i`` stands at position ``past + i`` and sees keys 0 to ``past + i``: itself and what
    came before it, nothing after.
    """
    if length < 0 or past < 0:
        raise ValueError(f"length is {length} and past {past}; both must be 0 or more.")
    return torch.ones(length, past + length, dtype=torch.bool, device=device).tril(past)


def attention_scores(queries: Tensor, keys: Tensor) -> Tensor:
    """Dot product of each query with each key, over √d: ``(..., T, d)``, ``(..., S, d)`` to
    ``(..., T, S)``.

    A dot product of d independent numbers of variance 1 has variance d. Divided by √d it has
    variance 1 again, whatever the width, and the softmax that follows is not driven to a corner.
    """
    return queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])


def scaled_dot_product_attention(
    queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None, dropout: float = 0.0
) -> tuple[Tensor, Tensor]:
    """``softmax(Q Kᵀ / √d) V``, with the weights it used.

    Args:
        queries: ``(..., T, d)``.
        keys: ``(..., S, d)``.
        values: ``(..., S, d_v)``.
        mask: bool, broadcast to ``(..., T, S)``, True where a query may look. A query that may
            look nowhere takes nothing: its weights and its mixture are zeros.
        dropout: the share of weights set to 0, the others scaled up by ``1 / (1 - dropout)``.

    Returns:
        The mixtures ``(..., T, d_v)`` and the weights ``(..., T, S)``, after dropout.

    Raises:
        ValueError: widths or lengths that do not fit, or a dropout not in [0, 1).
        TypeError: a mask that is not bool.
    """
    _check_shapes(queries, keys, values)
    require_probability("dropout", dropout)
    weights = attention_weights(attention_scores(queries, keys), mask)  # (..., T, S)
    weights = F.dropout(weights, dropout, training=dropout > 0)
    return weights @ values, weights  # (..., T, d_v), (..., T, S)


def attention_weights(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last dimension of the scores ``(..., T, S)``, where the mask is True."""
    if mask is None:
        return scores.softmax(dim=-1)
    if mask.dtype != torch.bool:
        raise TypeError(
            f"mask has dtype {mask.dtype}; give a bool tensor, True where a query may look: "
            "causal_mask(T), or mask.bool()."
        )
    weights = scores.masked_fill(~mask, -math.inf).softmax(dim=-1)
    # A row with nothing to look at is softmax of nothing, 0/0: take nothing instead of NaN.
    return weights.masked_fill(~mask, 0.0)


class SelfAttention(nn.Module):
    """One head: queries, keys and values are three learned projections of the same vectors.

    ``(..., T, n_embd)`` to ``(..., T, head_size)``. Every position sees every other.
    """

    def __init__(self, n_embd: int, head_size: int, bias: bool = False) -> None:
        super().__init__()
        require_positive(n_embd=n_embd, head_size=head_size)
        self.query = nn.Linear(n_embd, head_size, bias=bias)
        self.key = nn.Linear(n_embd, head_size, bias=bias)
        self.value = nn.Linear(n_embd, head_size, bias=bias)

    def forward(self, x: Tensor, return_weights: bool = False) -> Tensor | tuple[Tensor, Tensor]:
        """The mixtures ``(..., T, head_size)``, and on request the weights ``(..., T, T)``."""
        mixed, weights = scaled_dot_product_attention(
            self.query(x), self.key(x), self.value(x), self.mask(x), self.dropout_now()
        )
        return (mixed, weights) if return_weights else mixed

    def mask(self, x: Tensor) -> Tensor | None:
        return None

    def dropout_now(self) -> float:
        return 0.0


class CausalAttention(SelfAttention):
    """One head that sees only the past: a language model must not read what it has to guess.

    ``dropout`` is the probability of leaving out a weight while training (Srivastava et al.,
    "Dropout", 2014), so that no position can lean on a single other.
    """

    def __init__(
        self, n_embd: int, head_size: int, bias: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__(n_embd, head_size, bias)
        self.dropout = require_probability("dropout", dropout)

    def mask(self, x: Tensor) -> Tensor:
        return causal_mask(x.shape[-2], device=x.device)

    def dropout_now(self) -> float:
        return self.dropout if self.training else 0.0


class MultiHeadAttention(nn.Module):
    """Several causal heads at once, each on its own slice of the width: (..., T, C) to the same.

    One matrix makes the queries, keys and values of all heads; a reshape, not a loop, gives each
    head its ``C / n_head`` columns. The mixtures are laid side by side again and go through one
    more projection. Section 3.2.2 of the paper; the layout is GPT-2's.

    Args:
        n_embd: C, the width of the vectors.
        n_head: the number of heads; it divides ``n_embd``.
        bias: whether the two projections add a learned vector (GPT-2's do).
        dropout: probability of leaving out a weight, and a number of the result, while training.
        causal: whether a position sees only itself and what came before it.
    """

    def __init__(
        self,
        n_embd: int,
        n_head: int,
        bias: bool = True,
        dropout: float = 0.0,
        causal: bool = True,
    ) -> None:
        super().__init__()
        require_equal_heads(n_embd, n_head)
        self.n_head = n_head
        self.causal = causal
        self.dropout = require_probability("dropout", dropout)
        self.qkv = nn.Linear(n_embd, 3 * n_embd, bias=bias)
        self.projection = nn.Linear(n_embd, n_embd, bias=bias)

    def forward(
        self, x: Tensor, cache: LayerCache | None = None, hook: Hook | None = None
    ) -> Tensor:
        """Mix the positions of ``x`` ``(..., T, C)``.

        Args:
            x: the vectors of T positions.
            cache: keys and values of the positions before these; those of ``x`` are added to it.
            hook: called with each intermediate; makes this take the path that holds the weights.
        """
        queries, keys, values = (self.split_heads(part) for part in self.qkv(x).chunk(3, dim=-1))
        if hook is not None:
            queries, keys = hook("queries", queries), hook("keys", keys)
            values = hook("values", values)  # each (..., h, T, d)
        if cache is not None:
            keys, values = cache.append(keys, values)  # (..., h, past + T, d)
        mixed = self.mix(queries, keys, values, hook)  # (..., h, T, d)
        out = self.projection(mixed.transpose(-3, -2).flatten(-2))  # (..., T, C)
        return F.dropout(out, self.dropout, training=self.training) if self.dropout else out

    def mix(self, queries: Tensor, keys: Tensor, values: Tensor, hook: Hook | None) -> Tensor:
        """The mixtures of all heads ``(..., h, T, d)``: fused, or step by step for a hook."""
        dropout = self.dropout if self.training else 0.0
        length, past = queries.shape[-2], keys.shape[-2] - queries.shape[-2]
        if hook is not None:
            mask = causal_mask(length, past, queries.device) if self.causal else None
            scores = hook("scores", attention_scores(queries, keys))  # (..., h, T, past + T)
            weights = hook("weights", attention_weights(scores, mask))
            weights = F.dropout(weights, dropout, training=dropout > 0)
            return hook("heads", weights @ values)  # (..., h, T, d)
        # A single query sees everything before it; a whole text needs the triangle; a piece of a
        # text after a past needs the triangle moved to the right, which has to be spelt out.
        plain = not self.causal or length == 1
        mask = None if plain or past == 0 else causal_mask(length, past, queries.device)
        return F.scaled_dot_product_attention(
            queries, keys, values, mask, dropout, is_causal=not plain and past == 0
        )

    def split_heads(self, x: Tensor) -> Tensor:
        """``(..., T, C)`` to ``(..., h, T, C / h)``: the columns dealt out, nothing computed."""
        return x.unflatten(-1, (self.n_head, -1)).transpose(-3, -2)

    def extra_repr(self) -> str:
        return f"n_head={self.n_head}, causal={self.causal}, dropout={self.dropout}"


def _check_shapes(queries: Tensor, keys: Tensor, values: Tensor) -> None:
    shapes = (
        f"queries {tuple(queries.shape)}, keys {tuple(keys.shape)}, values {tuple(values.shape)}"
    )
    if queries.shape[-1] != keys.shape[-1]:
        raise ValueError(f"{shapes}: queries and keys must have the same width to be multiplied.")
    if keys.shape[-2] != values.shape[-2]:
        raise ValueError(f"{shapes}: each key needs one value, so T must be the same in both.")
