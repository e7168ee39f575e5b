"""From a strip of tokens to batches: context, stride, batch size, and what falls off the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from llm_lib.tokenizers.word import split_words
from llm_lib.widgets.base import BookWidget, still_table

# The opening of the book's short story: 24 tokens, so that something falls off the end.
OPENING = tuple(
    split_words(
        "Hubert Vanning's eleventh novel failed, and for some weeks nobody at Crewe and Hollis "
        "could say why. It was as long as"
    )
)
_STILL_WINDOWS = 6


class BatchExplorer(BookWidget):
    """Windows over tokens as rows of batches, inputs and targets lit together.

    The figure shows what ``llm_lib.datasets.create_dataloader`` gives for the same settings, also
    with ``shuffle`` and ``seed``: then the order is that of its first epoch.

    Args:
        tokens: the text as tokens, at least two. The opening of the short story if not given.
        context_size: the number of inputs in a window; at most ``len(tokens) - 1``.
        stride: how many tokens on the next window begins.
        batch_size: the number of windows in a batch.
        drop_last: leave out a last batch that is not full.
        shuffle: take the windows in a random order.
        seed: of that order.
        batch: the batch to show, counted from 0. A dropped batch can be looked at too.

    Raises:
        ValueError: fewer than two tokens, or a size outside what the tokens allow.
    """

    module = "batch_explorer"

    tokens = traitlets.List(traitlets.Unicode(), OPENING).tag(sync=True)
    context_size = traitlets.Int(4).tag(sync=True)
    stride = traitlets.Int(4).tag(sync=True)
    batch_size = traitlets.Int(2).tag(sync=True)
    drop_last = traitlets.Bool(True).tag(sync=True)
    shuffle = traitlets.Bool(False).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=2**32 - 1).tag(sync=True)
    batch = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, tokens: Sequence[str] | None = None, **props: Any) -> None:
        super().__init__(**props, **({} if tokens is None else {"tokens": _checked(tokens)}))
        _require(self.context_size, "context_size", len(self.tokens) - 1, "a target follows it")
        _require(self.stride, "stride", None, "context_size lays the windows end to end")
        _require(self.batch_size, "batch_size", None, "it counts the windows of one step")

    def starts(self) -> range:
        """Where each window begins, in the order of the text."""
        return range(0, len(self.tokens) - self.context_size, self.stride)

    def left_over(self) -> int:
        """The number of tokens at the end that no window reaches."""
        return len(self.tokens) - 1 - self.context_size - self.starts()[-1]

    def still(self) -> str:
        starts = self.starts()
        caption = (
            f"{len(self.tokens)} tokens, context {self.context_size}, stride {self.stride}: "
            f"{_count(len(starts), 'window')}, "
            f"{_count(self.left_over(), 'token')} left over at the end."
        )
        if len(starts) > _STILL_WINDOWS:
            caption += f" The first {_STILL_WINDOWS} windows:"
        return still_table(
            caption,
            ["window", "inputs", "targets"],
            [(i, *self._pair(start)) for i, start in enumerate(starts[:_STILL_WINDOWS])],
        )

    def _pair(self, start: int) -> tuple[str, str]:
        window = self.tokens[start : start + self.context_size + 1]
        return " ".join(window[:-1]), " ".join(window[1:])


def _checked(tokens: Sequence[str]) -> list[str]:
    if isinstance(tokens, str):
        raise ValueError("tokens is one text; give a list of tokens, such as text.split()")
    if len(tokens) < 2:
        raise ValueError(
            f"tokens holds {_count(len(tokens), 'token')}; give at least 2: one to read, one to say"
        )
    return list(tokens)


def _require(value: int, name: str, most: int | None, meaning: str) -> None:
    if value < 1 or (most is not None and value > most):
        rule = "at least 1" if most is None else f"between 1 and {most} for these tokens"
        raise ValueError(f"{name} is {value}; it must be {rule}: {meaning}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
