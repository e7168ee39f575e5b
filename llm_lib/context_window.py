"""Reading a text that grows, even beyond the context of the model.

A GPT has ``block_size`` positions. When a text has more tokens than that, the model goes on with a
window on its end: it starts at the first token until the context is full, then moves on by half a
context at once, and its first token takes position 0. So half a context is read anew each time the
window moves, and in between every token is read once. (A window that slid on by one token would
change all positions, and with them every key and value that the cache holds, at each step.)

Where the window stands depends on the length of the text alone. So a text is continued in the same
way whether it was written in one go or in several, with a cache or without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from llm_lib.decoding import Decoder
from llm_lib.gpt import GPT
from llm_lib.kv_cache import KVCache


def window_start(length: int, block_size: int) -> int:
    """Where the window on a text of ``length`` tokens begins: at most ``block_size`` follow.

    >>> [window_start(length, block_size=4) for length in (3, 4, 5, 6, 7, 8)]
    [0, 0, 2, 2, 4, 4]
    """
    hop = max(1, block_size // 2)
    too_many = max(0, length - block_size)
    return -(-too_many // hop) * hop  # rounded up to whole hops


class WindowReader:
    """Gives the logits that follow B texts of the same length, which grow from call to call.

    Args:
        model: the model that reads, without gradients and without dropout, or a ``Decoder`` of it.
            After each call it is in the mode that it was in.
        use_cache: whether to keep keys and values, or to read the whole window in every call.
    """

    def __init__(self, model: GPT | Decoder, use_cache: bool = True) -> None:
        packed = model if isinstance(model, Decoder) else None
        if packed is not None:
            packed.require_current()
            model = packed.model
        self.model = model
        self.use_cache = use_cache
        self._cache: KVCache | None = None
        self._start = 0  # the position in the text of the first token in the cache
        if packed is None and use_cache and Decoder.fits(model):
            packed = Decoder(model)
        self._decoder = packed

    def read(self, rows: Sequence[Sequence[int]], length: int) -> Tensor:
        """Logits ``(B, V)`` after the first ``length`` tokens of each row, at least one.

        Call it with the same rows and a growing ``length``. A row that has fewer tokens, because it
        has ended, is filled up with its last; its logits mean nothing.
        """
        start = window_start(length, self.model.config.block_size)
        with torch.inference_mode():
            if not self.use_cache:
                return self._read_with_model(self._columns(rows, start, length), None)
            if self._cache is None:
                self._cache = self.model.new_cache(len(rows))
            if start != self._start:
                self._cache.truncate(0)
                self._start = start
            ids = self._columns(rows, start + self._cache.length, length)
            if self._decoder is None:
                return self._read_with_model(ids, self._cache)
            if ids.shape[-1] == 1:
                return self._decoder.step(ids[:, 0], self._cache)
            with _evaluating(self.model):
                return self._decoder.read(ids, self._cache)

    def _read_with_model(self, ids: Tensor, cache: KVCache | None) -> Tensor:
        with _evaluating(self.model):
            logits, _ = self.model(ids, cache=cache)  # (B, T, V)
        return logits[:, -1]

    def _columns(self, rows: Sequence[Sequence[int]], begin: int, end: int) -> Tensor:
        """Tokens ``begin`` to ``end`` of each row: ``(B, end - begin)``."""
        columns = [_filled(row, begin, end) for row in rows]
        return torch.tensor(columns, device=self.model.head.weight.device)


def _filled(row: Sequence[int], begin: int, end: int) -> list[int]:
    part = list(row[begin:end])
    return part + [row[-1]] * (end - begin - len(part))


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode for a moment: each part of the model gets back the mode that it had."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True
