"""Cosines, neighbours and planes of fixed random vectors, by PyTorch in float64."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from llm_lib.embeddings import nearest_neighbours, pca, sinusoidal_positions
from llm_lib.widgets.embedding_explorer import NEIGHBOURS, pack, unpack

FILE = "embeddings.json"
TOKENS = tuple("abcdefg")
LABELS = ("before training", "after training")
WIDTH = 4  # C
PLACES = 5  # T
TOLERANCE = 1e-6


def build(seed: int = 0) -> dict[str, Any]:
    """The figure's inputs, and for each of its views what PyTorch makes of them."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(-30, 31, (len(LABELS), len(TOKENS), WIDTH), generator=generator) / 10
    packed = [pack(vectors.numpy()) for vectors in drawn]
    places = pack(sinusoidal_positions(PLACES, WIDTH).numpy())
    # What travels to the page is rounded: PyTorch computes with the same rounded numbers.
    snapshots = [torch.from_numpy(unpack(vectors)) for vectors in packed]  # (V, C) each
    positions = torch.from_numpy(unpack(places))  # (T, C)
    return {
        "against": "PyTorch's float64",
        "tolerance": TOLERANCE,
        "inputs": {
            "tokens": TOKENS,
            "groups": {},
            "snapshots": [{"label": x, **y} for x, y in zip(LABELS, packed, strict=True)],
            "positions": places,
        },
        "nearest": [_nearest(vectors) for vectors in snapshots],
        **_planes(snapshots, positions),
        "sums": _rounded(snapshots[-1][0] + positions),  # (T, C), of the first token
    }


def _nearest(vectors: Tensor) -> dict[str, list]:
    found = [nearest_neighbours(vectors, i, NEIGHBOURS) for i in range(len(vectors))]
    return {
        "ids": [[id_ for id_, _ in row] for row in found],
        "cosines": [[round(cosine, 8) for _, cosine in row] for row in found],
    }


def _planes(snapshots: list[Tensor], positions: Tensor) -> dict[str, Any]:
    """The places of tokens, as directions, on the last snapshot's plane; of positions on theirs."""
    directions = [F.normalize(vectors, dim=1) for vectors in snapshots]
    basis, places = pca(directions[-1]), pca(positions)
    mean = directions[-1].mean(dim=0)
    return {
        "layouts": [_rounded((rows - mean) @ basis.components.T) for rows in directions],
        "shares": _rounded(basis.variance_share),
        "positions": _rounded(places.coordinates),
        "position_shares": _rounded(places.variance_share),
    }


def _rounded(numbers: Tensor) -> list:
    return (numbers * 1e8).round().div(1e8).add(0.0).tolist()
