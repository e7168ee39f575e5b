"""How far each step goes: the learning rate rises, stays, and at the end falls to nothing.

The three stages of Hu et al., "MiniCPM" (2024), section 4, with the fall of Hägele et al.,
"Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations" (2024): steep at first,
so that most of it is spent at small rates, where what is rare or faint is learned. AdamW's
estimates of the gradient's size are poor at first, so the first steps are kept short (Vaswani et
al., 2017, section 5.3). The fall at the end lets the weights settle. How long the middle lasts need
not be known beforehand, so a run can be made longer without starting again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """``schedule(step)`` is the learning rate of a step, counted from 0.

    Args:
        peak: the highest learning rate.
        warmup: the number of steps in which it rises in a straight line to ``peak``.
        steps: the number of steps in all.
        decay: the number of steps, the last ones, in which it falls to 0: after a share x of them
            it is ``peak`` times 1 - √x.

    Raises:
        ValueError: a peak that is not a finite number above 0, or stages longer than the whole.
    """

    peak: float
    warmup: int
    steps: int
    decay: int

    def __post_init__(self) -> None:
        if not 0 < self.peak < math.inf:
            raise ValueError(f"the learning rate is {self.peak}; it must be above 0, like 0.001.")
        if self.steps < 1 or min(self.warmup, self.decay) < 0:
            raise ValueError(
                f"steps is {self.steps}, warmup {self.warmup}, decay {self.decay}: there must be "
                "at least 1 step, and no stage can be shorter than 0."
            )
        if self.warmup + self.decay > self.steps:
            raise ValueError(
                f"warmup ({self.warmup}) and decay ({self.decay}) together are longer than the "
                f"{self.steps} steps of the run: shorten them."
            )

    def __call__(self, step: int) -> float:
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        fallen = max(0, self.decay + 1 - self.steps + step) / (self.decay + 1)
        return self.peak * (1 - math.sqrt(fallen))
