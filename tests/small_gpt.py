"""Small GPTs with random weights, for tests of what is built on them."""

from __future__ import annotations

import torch

from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig

SIZES = {"vocab_size": 61, "block_size": 24, "n_layer": 3, "n_head": 3, "n_embd": 24}


def random_gpt(seed: int = 0, **changes: object) -> GPT:
    """A GPT in evaluation mode, its weights large enough for every part to matter."""
    torch.manual_seed(seed)
    model = GPT(GPTConfig(**{**SIZES, **changes})).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.15)
    return model


def add_hook(model: GPT) -> None:
    """Make the model another one by a hook that only calls of its modules can hear."""
    model.blocks[0].norm1.register_forward_hook(lambda module, args, out: out * 2)
