"""The training loop: read a batch, measure the loss, follow its gradient one step, again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from llm_lib.training.schedule import Schedule


class Batches(Protocol):
    """Anything that has a batch for each step, such as the classes of ``training.windows``."""

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs ``(B, T)`` and targets, as a model takes them, of a step, counted from 0."""


class Step(NamedTuple):
    """What one step did."""

    number: int  # from 0
    loss: float  # of its batch before the update, nats per token
    lr: float
    gradient_norm: float  # before clipping


def training_steps(
    model: nn.Module,
    batches: Batches,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    clip: float = 1.0,
    start: int = 0,
) -> Iterator[Step]:
    """Train, one step each time the iterator is asked for the next.

    Between two steps the caller may evaluate, save, print, or stop. Gradients are scaled down to a
    length of at most ``clip`` (Pascanu et al., "On the difficulty of training recurrent neural
    networks", 2013), so one strange batch cannot throw the model far. ``start`` numbers the first
    step: above 0 for a run that is taken up again.

    Raises:
        RuntimeError: the loss is no longer a finite number. The weights are those before that step.
    """
    for number in range(start, schedule.steps):
        model.train()
        lr = schedule(number)
        for group in optimizer.param_groups:
            group["lr"] = lr
        _, loss = model(*batches.batch(number))
        value = loss.item()
        if not torch.isfinite(loss):
            raise RuntimeError(
                f"the loss is {value} at step {number}: lower the learning rate ({lr:g})."
            )
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        yield Step(number, value, lr, float(norm))
