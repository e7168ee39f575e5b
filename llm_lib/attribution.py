"""Which part of a GPT spoke for a token: its logit, as a sum over all that wrote to the stream."""

from __future__ import annotations

import torch
from torch import Tensor

from llm_lib.gpt import GPT
from llm_lib.hooks import PARTS
from llm_lib.layers import LayerNorm


@torch.no_grad()
def logit_attribution(model: GPT, recorded: dict[str, Tensor], token_id: int) -> dict[str, Tensor]:
    """What the embedding and each part of each block add to one token's logit: ``(..., T)`` each.

    The last norm divides the whole stream by one number per position. With that number held fixed,
    the logit is a sum over all that was ever added to the stream, and the entries of this add up to
    it (with ``"norm.bias"``, what the norm itself adds). Elhage et al., "A Mathematical Framework
    for Transformer Circuits" (2021).

    Args:
        recorded: ``record(model, ids)``, of at least ``embedding``, all ``attention`` and
            ``feed_forward``, and the last ``residual_out``, with no edit of the stream itself.
    """
    last = recorded[f"blocks.{len(model.blocks) - 1}.residual_out"]
    deviation = (last.var(dim=-1, correction=0) + model.norm.eps).sqrt()  # (..., T)
    direction = model.head.weight[token_id]  # (C,)
    added = ["embedding", *(f"blocks.{i}.{p}" for i in range(len(model.blocks)) for p in PARTS)]
    shares = {
        name: _centred(recorded[name]) @ (model.norm.weight * direction) / deviation
        for name in added
    }
    return {**shares, "norm.bias": _bias_share(model.norm, direction).expand(deviation.shape)}


def _centred(x: Tensor) -> Tensor:
    return x - x.mean(dim=-1, keepdim=True)


def _bias_share(norm: LayerNorm, direction: Tensor) -> Tensor:
    return norm.bias @ direction if norm.bias is not None else direction.new_zeros(())
