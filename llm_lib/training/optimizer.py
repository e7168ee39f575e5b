"""AdamW, with weight decay on the matrices of the blocks only.

Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.
"""

from __future__ import annotations

import torch

from llm_lib.gpt import GPT


def create_optimizer(
    model: GPT, lr: float, weight_decay: float = 0.1, betas: tuple[float, float] = (0.9, 0.95)
) -> torch.optim.AdamW:
    """An optimizer of all of the model's parameters, in two groups.

    Decay pulls a weight towards 0 at every step. That is wanted where many weights are multiplied
    and added, in the matrices of the blocks. Biases, norms and the rows of the two embedding tables
    stay as they learn to be: a row that is seldom used would only fade.
    """
    decayed = [p for p in model.blocks.parameters() if p.ndim == 2]
    matrices = {id(p) for p in decayed}
    others = [p for p in model.parameters() if id(p) not in matrices]
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, betas=betas, fused=True)
