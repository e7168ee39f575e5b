"""From token ids to vectors: one learned row per token, one per position, and their sum.

Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2, 2019), for the learned
positions and the initial scales; Vaswani et al., "Attention Is All You Need" (2017), section 3.5,
for the sinusoidal ones.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.arguments import require_positive


class TokenEmbedding(nn.Module):
    """A table with one row per token: ids ``(..., T)`` to vectors ``(..., T, C)``.

    Looking row ``i`` up is the same as multiplying a one-hot vector by the table, without the
    multiplications by zero. Rows begin as small random numbers (standard deviation 0.02, as in
    GPT-2).
    """

    def __init__(self, vocab_size: int, n_embd: int) -> None:
        super().__init__()
        require_positive(vocab_size=vocab_size, n_embd=n_embd)
        self.weight = nn.Parameter(torch.empty(vocab_size, n_embd))  # (V, C)
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """Raises TypeError unless ids are int64 or int32, IndexError if one is out of range.

        The range is checked where the lookup itself checks it, on the CPU. On a GPU a check would
        make the CPU wait for the ids at every step; there CUDA stops with "device-side assert".
        """
        if ids.dtype not in (torch.int64, torch.int32):
            raise TypeError(
                f"ids has dtype {ids.dtype}; token ids are int64 (or int32): pass ids.long()."
            )
        try:
            return F.embedding(ids, self.weight)  # (..., T, C)
        except IndexError as error:
            raise IndexError(_out_of_range(ids, len(self.weight))) from error

    def extra_repr(self) -> str:
        vocab_size, n_embd = self.weight.shape
        return f"vocab_size={vocab_size}, n_embd={n_embd}"


class PositionalEmbedding(nn.Module):
    """A table with one learned row per position: T to vectors ``(T, C)``.

    Rows begin at standard deviation 0.01, as in GPT-2. There is no row for a position that the
    table does not hold, which is why such a model cannot read past ``block_size``.
    """

    def __init__(self, block_size: int, n_embd: int) -> None:
        super().__init__()
        require_positive(block_size=block_size, n_embd=n_embd)
        self.weight = nn.Parameter(torch.empty(block_size, n_embd))  # (block_size, C)
        nn.init.normal_(self.weight, std=0.01)

    def forward(self, length: int, start: int = 0) -> Tensor:
        """The vectors of positions ``start`` to ``start + length - 1``, shape (length, C).

        Raises:
            ValueError: a position outside ``0 … block_size - 1``.
        """
        block_size = len(self.weight)
        if start < 0 or length < 0 or start + length > block_size:
            raise ValueError(
                f"{length} tokens from position {start} do not fit in block_size {block_size}. "
                f"Keep the last {block_size} tokens, ids[..., -{block_size}:], "
                "or make a model with a larger block_size."
            )
        return self.weight[start : start + length]  # (T, C)

    def extra_repr(self) -> str:
        block_size, n_embd = self.weight.shape
        return f"block_size={block_size}, n_embd={n_embd}"


class InputEmbedding(nn.Module):
    """Token vector plus position vector, the input of the first block: (..., T) to (..., T, C).

    The same position vectors are added to every row of a batch. ``dropout`` is the probability of
    setting a number of the sum to zero while training.
    """

    def __init__(self, vocab_size: int, block_size: int, n_embd: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.token = TokenEmbedding(vocab_size, n_embd)
        self.position = PositionalEmbedding(block_size, n_embd)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, start: int = 0) -> Tensor:
        """``start`` is the position of the first id: above 0 when a text is read in pieces."""
        tokens = self.token(ids)  # (..., T, C)
        positions = self.position(ids.shape[-1], start)  # (T, C)
        return self.dropout(tokens + positions)  # (..., T, C)


def sinusoidal_positions(block_size: int, n_embd: int) -> Tensor:
    """The fixed position vectors of Vaswani et al. (2017), section 3.5: (block_size, n_embd).

    Column ``2i`` holds ``sin(position / 10000 ** (2i / n_embd))`` and column ``2i + 1`` the cosine
    of the same angle, so each pair of columns turns like the hand of a clock, the first pair a
    radian per position and each later pair more slowly.

    Raises:
        ValueError: ``n_embd`` is odd: sines and cosines come in pairs.
    """
    require_positive(block_size=block_size, n_embd=n_embd)
    if n_embd % 2:
        raise ValueError(
            f"n_embd is {n_embd}; it must be even, a sine and a cosine to each frequency: "
            f"use {n_embd + 1}."
        )
    # In float64, since float32 would lose digits of the angle at far positions.
    position = torch.arange(block_size, dtype=torch.float64)  # (T,)
    pair = torch.arange(0, n_embd, 2, dtype=torch.float64)  # (C/2,), the values of 2i
    angle = position[:, None] / 10000 ** (pair / n_embd)  # (T, C/2)
    return torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1).float()  # (T, C)


def nearest_neighbours(weight: Tensor, token_id: int, k: int = 5) -> list[tuple[int, float]]:
    """The ``k`` other rows of ``weight`` (V, C) that point most nearly the same way.

    Returns ``(id, cosine)`` pairs, the nearest first; equal cosines by the lower id. A row of zeros
    points nowhere: its cosine is 0.
    """
    vocab_size = len(weight)
    if not 0 <= token_id < vocab_size:
        raise IndexError(_bad_id(token_id, vocab_size))
    if not 1 <= k < vocab_size:
        raise ValueError(f"k is {k}; with {vocab_size} rows it must be from 1 to {vocab_size - 1}.")
    unit = F.normalize(weight.detach().double(), dim=1)  # (V, C), rows of length 1
    cosines = unit @ unit[token_id]  # (V,)
    cosines[token_id] = -torch.inf  # not its own neighbour
    nearest = torch.sort(cosines, descending=True, stable=True).indices[:k]
    return [(int(i), float(cosines[i])) for i in nearest]


class PCA(NamedTuple):
    """Principal components of V points in C dimensions."""

    coordinates: Tensor  # (V, k) the points along the components
    components: Tensor  # (k, C) orthonormal directions, the widest spread first
    variance_share: Tensor  # (k,) the share of all variance along each


def pca(weight: Tensor, n_components: int = 2) -> PCA:
    """The directions in which the rows of ``weight`` (V, C) differ most, and their places there.

    By singular value decomposition of the centred rows, in float64. A direction and its opposite
    are equally good, so the sign is a convention: the largest entry (in absolute value) of each
    component is positive.
    """
    points = weight.detach().double()
    largest = min(points.shape)
    if not 1 <= n_components <= largest:
        raise ValueError(
            f"n_components is {n_components}; {tuple(points.shape)} points allow 1 to {largest}."
        )
    centred = points - points.mean(dim=0)  # (V, C)
    _, singular, directions = torch.linalg.svd(centred, full_matrices=False)
    components = directions[:n_components]  # (k, C)
    pivot = components.abs().argmax(dim=1, keepdim=True)  # (k, 1)
    components = components * components.gather(1, pivot).sign()
    variance = singular.square()
    share = variance[:n_components] / variance.sum().clamp_min(torch.finfo(variance.dtype).tiny)
    return PCA(centred @ components.T, components, share)


def _out_of_range(ids: Tensor, vocab_size: int) -> str:
    flat = ids.flatten().tolist()
    return _bad_id(next(i for i in flat if not 0 <= i < vocab_size), vocab_size)


def _bad_id(token_id: int, vocab_size: int) -> str:
    return (
        f"token id {token_id} is not in the vocabulary: ids run from 0 to {vocab_size - 1}. "
        "Use the tokenizer that the model was made for, or a larger vocab_size."
    )
