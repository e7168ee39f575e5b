"""Windows of a long row of tokens, each from a place of its own, drawn anew at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from llm_lib.datasets import Tokens
from llm_lib.token_file import TokenFile

if TYPE_CHECKING:
    from llm_lib.training.loop import Batches


class RandomWindows:
    """``windows.batch(step)`` is ``(inputs (B, T), targets (B, T))``, int64, always the same.

    A window may begin anywhere, so a story is met at every position. (With every story at position
    0, a model learns first what stands at which position, and long after that to look.) The places
    depend on the seed and the step alone: a run that is taken up again goes on as it would have.

    Args:
        tokens: N ids, in memory or in a file.
        context_size: T, the number of inputs in a window.
        batch_size: B, the number of windows in a batch.
        seed: of the places.

    Raises:
        ValueError: fewer than T + 1 tokens, or a size below 1.
    """

    def __init__(self, tokens: Tokens, context_size: int, batch_size: int, seed: int = 0) -> None:
        if context_size < 1 or batch_size < 1:
            raise ValueError(
                f"context_size is {context_size} and batch_size {batch_size}; "
                "both must be at least 1."
            )
        if len(tokens) < context_size + 1:
            raise ValueError(
                f"the text has {len(tokens)} tokens; a window of context_size {context_size} "
                f"takes {context_size + 1}. Give more text, or a smaller context."
            )
        self.tokens = tokens if isinstance(tokens, TokenFile) else torch.as_tensor(tokens)
        self.context_size = context_size
        self.batch_size = batch_size
        self.seed = seed

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of a step, counted from 0."""
        windows = torch.stack([self._window(int(place)) for place in self.places(step)])
        return windows[:, :-1], windows[:, 1:]  # (B, T) each, of (B, T + 1)

    def places(self, step: int) -> np.ndarray:
        """Where the windows of a step begin in the row of tokens: (B,)."""
        return self._places(np.random.default_rng((self.seed, step)))

    def _places(self, rng: np.random.Generator) -> np.ndarray:
        last = len(self.tokens) - self.context_size - 1
        return rng.integers(0, last + 1, self.batch_size)

    def _window(self, place: int) -> Tensor:
        return self.tokens[place : place + self.context_size + 1].long()


class StoryWindows(RandomWindows):
    """Windows that begin where a document does: with the end-of-text token before it.

    What a document's words depend on then stands in the window, and position 0 is where a model
    that writes will begin.

    Args:
        separator: the id that stands before each document.

    Raises:
        ValueError: as ``RandomWindows``; or no window can begin with the separator.
    """

    def __init__(
        self, tokens: Tensor, context_size: int, batch_size: int, separator: int, seed: int = 0
    ) -> None:
        super().__init__(tokens, context_size, batch_size, seed)
        starts = np.flatnonzero(self.tokens[:-context_size].numpy() == separator)
        if not len(starts):
            raise ValueError(
                f"no window of context_size {context_size} begins with the token {separator}: "
                "give the id that stands between documents, or more text."
            )
        self.starts = starts

    def _places(self, rng: np.random.Generator) -> np.ndarray:
        return self.starts[rng.integers(0, len(self.starts), self.batch_size)]


class Phases:
    """Batches of ``first`` until step ``switch``, and of ``second`` from there on."""

    def __init__(self, first: Batches, second: Batches, switch: int) -> None:
        self.first, self.second, self.switch = first, second, switch

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of a step, counted from 0."""
        return (self.first if step < self.switch else self.second).batch(step)
