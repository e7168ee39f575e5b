"""Batches as PyTorch's ``DataLoader`` gives them, and what they add up to, for a few settings."""

from __future__ import annotations

from typing import Any

import torch

from llm_lib.datasets import TokenDataset, create_dataloader

FILE = "batches.json"
_PLAIN = {"drop_last": True, "shuffle": False, "seed": 0}
SETTINGS = (
    {"length": 24, "context_size": 4, "stride": 4, "batch_size": 2, **_PLAIN},
    {"length": 12, "context_size": 4, "stride": 1, "batch_size": 3, **_PLAIN},
    {"length": 24, "context_size": 4, "stride": 7, "batch_size": 2, **_PLAIN},
    {"length": 20, "context_size": 5, "stride": 3, "batch_size": 4, **_PLAIN, "drop_last": False},
    {"length": 32, "context_size": 3, "stride": 3, "batch_size": 4, **_PLAIN, "shuffle": True},
    {"length": 32, "context_size": 2, "stride": 2, "batch_size": 5, "drop_last": False,
     "shuffle": True, "seed": 2**32 - 1},
)  # fmt: skip


def build() -> dict[str, Any]:
    """Each setting with its batches ``[inputs (B, T), targets (B, T)]`` and its sums.

    Token *i* of a text has the id *i*, so that an id says where it stood.
    """
    return {
        "against": "PyTorch's DataLoader",
        "cases": [{"setting": setting, **_batches(**setting)} for setting in SETTINGS],
    }


def _batches(length: int, context_size: int, stride: int, **setting: Any) -> dict[str, Any]:
    tokens = torch.arange(length)
    batches = list(create_dataloader(tokens, context_size, stride, **setting))
    targets = torch.cat([targets.flatten() for _, targets in batches])
    sums = {
        "predictions": targets.numel(),
        "distinctTargets": targets.unique().numel(),
        "leftOver": TokenDataset(tokens, context_size, stride).left_over,
    }
    return {"batches": [[x.tolist(), y.tolist()] for x, y in batches], "sums": sums}
