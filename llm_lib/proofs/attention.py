"""Cases of attention computed by PyTorch.

They are random but fixed, in float64, with and without scale, mask and projections. −∞ is written
as null.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from llm_lib.attention import (
    attention_scores,
    attention_weights,
    causal_mask,
    scaled_dot_product_attention,
)

FILE = "attention.json"
CASES = 12
TOLERANCE = 1e-6


def build(count: int = CASES, seed: int = 0) -> dict:
    """The contents of the file: ``cases`` of inputs, scores, weights and mixtures."""
    generator = torch.Generator().manual_seed(seed)
    return {
        "against": "llm_lib.attention in PyTorch, float64",
        "tolerance": TOLERANCE,
        "cases": [_case(i, generator) for i in range(count)],
    }


def _case(index: int, generator: torch.Generator) -> dict:
    def draw(*shape: int) -> Tensor:
        tenths = torch.randint(-30, 31, shape, generator=generator)
        return tenths.double() / 10

    vectors = draw(3, 2)  # (T, C)
    weights = {name: draw(2, 2) if index % 3 else None for name in ("query", "key", "value")}
    scale, causal = index % 4 != 1, index % 2 == 1
    rows = {name: vectors if w is None else vectors @ w for name, w in weights.items()}
    # The library always divides by √d; √d times the queries is the same as leaving that out.
    queries = rows["query"] * (1 if scale else math.sqrt(2))  # (T, d), d = 2
    mask = causal_mask(3) if causal else None
    scores = attention_scores(queries, rows["key"])  # (T, T)
    mixtures, shares = scaled_dot_product_attention(queries, rows["key"], rows["value"], mask)
    assert torch.equal(shares, attention_weights(scores, mask))
    hidden = scores if mask is None else scores.masked_fill(~mask, -math.inf)
    return {
        "inputs": {
            "vectors": vectors.tolist(),
            "weights": {name: None if w is None else w.tolist() for name, w in weights.items()},
            "scale": scale,
            "causal": causal,
        },
        "scores": _rounded(hidden),
        "weights": _rounded(shares),
        "mixtures": _rounded(mixtures),
    }


def _rounded(matrix: Tensor) -> list[list[float | None]]:
    return [
        [None if number == -math.inf else round(number, 9) + 0.0 for number in row]
        for row in matrix.tolist()
    ]
