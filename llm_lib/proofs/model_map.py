"""What real GPTs cost, counted and not calculated.

The four GPT-2 sizes are built with PyTorch on the meta device (tensors with shapes and no numbers)
and their parameters summed, tied and untied; a small one is built in memory and the FLOPs of its
forward pass are counted with ``FlopCounterMode``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from llm_lib.gpt_config import GPTConfig

FILE = "model_map.json"
_SMALL = {"vocab_size": 512, "block_size": 64, "n_layer": 2, "n_head": 2, "n_embd": 32}
_BATCH, _TOKENS = 2, 48


def build() -> dict[str, Any]:
    """The counts, as they stand in the file."""
    names = [name for name in GPTConfig.names() if name.startswith("gpt2")]
    configs = [
        GPTConfig.from_name(name, tie_weights=tied) for name in names for tied in (True, False)
    ]
    labels = [f"{name}, {tied}" for name in names for tied in ("tied", "untied")]
    parameters = [
        {"label": label, "config": _numbers(config), "count": _count_parameters(config)}
        for label, config in zip(labels, configs, strict=True)
    ]
    return {"parameters": parameters, "flops": _count_flops(GPTConfig(**_SMALL))}


def _numbers(config: GPTConfig) -> dict[str, int | bool]:
    names = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd")
    sizes = {name: value for name, value in asdict(config).items() if name in names}
    return {**sizes, "tie_weights": config.tie_weights, "bias": config.bias}


def _count_parameters(config: GPTConfig) -> int:
    import torch

    from llm_lib.gpt import GPT

    with torch.device("meta"):
        model = GPT(config)
    return sum(parameter.numel() for parameter in model.parameters())


def _count_flops(config: GPTConfig) -> dict[str, Any]:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from llm_lib.gpt import GPT

    model = GPT(config)
    with FlopCounterMode(display=False) as counter:
        # A hook makes attention spell out its products; the counter does not know the CPU's kernel.
        model(torch.zeros(_BATCH, _TOKENS, dtype=torch.long), hook=lambda _, value: value)
    return {
        "label": f"FLOPs of a small one reading {_BATCH} × {_TOKENS} tokens",
        "config": _numbers(config),
        "n_tokens": _TOKENS,
        "batch_size": _BATCH,
        "count": counter.get_total_flops(),
    }
