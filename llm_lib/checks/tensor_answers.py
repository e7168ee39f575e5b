"""What graders ask of answers that are tensors, and the random tensors they ask with."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from llm_lib.checks.exercise import Mistake


def seeded(*shape: int, seed: int = 0) -> Tensor:
    """Standard normal numbers of this shape, the same on every call."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def close(got: Tensor, right: Tensor, atol: float = 1e-5) -> bool:
    """Whether two tensors have one shape and, as far as rounding allows, the same numbers."""
    if got.shape != right.shape:
        return False
    return torch.allclose(got.double(), right.double(), atol=atol)


def require_tensor(got: Any, given: str, shape: tuple[int, ...] | None = None) -> Tensor:
    """The answer again; ``given`` says in words what it was given.

    Raises:
        Mistake: it is no tensor, or has another shape than the one asked for.
    """
    if not isinstance(got, Tensor):
        raise Mistake(f"for {given} you return a {type(got).__name__}; a tensor is asked for")
    if shape is not None and tuple(got.shape) != shape:
        raise Mistake(f"for {given} your shape is {tuple(got.shape)}; {shape} is asked for")
    return got
