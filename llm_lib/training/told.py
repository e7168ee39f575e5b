"""Tales told with their odds: at every place not the one token that came, but all that could.

A text that branches shows a learner one branch at each fork, drawn by chance, and most of what its
gradient says is about that chance. Of Tales we know what is likely at each fork, so the targets can
be the probabilities themselves, as where a small model learns from a large one's outputs (Hinton,
Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015). The best possible model is
the same. The way there is many times shorter.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from llm_lib.tales.odds import Odds, TokenOdds, ToldTale
from llm_lib.tales.splits import story_seed
from llm_lib.tokenizers import BPETokenizer
from llm_lib.training.windows import RandomWindows


class ToldTales:
    """Many tales as one row of tokens, each followed by end-of-text, with the odds of each token.

    Args:
        tokenizer: its last token is end-of-text.
        n, seed: how many tales of "train" to draw, as ``llm_lib.tales.texts`` does.
        emphasis: how many times a token counts that is part of a choice or of a mention (something
            said again, which a model must look up), by its kind or by the role of what is
            mentioned. All others count once. Of several numbers the largest holds.

    Attributes:
        tokens: ids, uint16 (N,).

    Raises:
        ValueError: an emphasis that is no whole number from 1 to 255.
    """

    def __init__(
        self, tokenizer: BPETokenizer, n: int, seed: int, emphasis: Mapping[str, int]
    ) -> None:
        for name, count in emphasis.items():
            if count not in range(1, 256):
                raise ValueError(
                    f"emphasis[{name!r}] is {count}; give a whole number from 1 to 255."
                )
        self.vocab_size = tokenizer.vocab_size
        # The rows of the table of odds: first those with one token, then all others that are met.
        table: dict[Odds, int] = {((token, 1.0),): token for token in range(self.vocab_size)}
        end = self.vocab_size - 1
        teller = TokenOdds(tokenizer.encode, tokenizer.decode)
        tokens, rows, counts = [], [], []
        for index in tqdm(range(n), desc="tales", mininterval=10, disable=n < 1000):
            told = teller.tell(story_seed(seed, index))
            row = [*told.ids, end]
            tokens.append(np.array(row, dtype=np.uint16))
            for at, odds in told.odds.items():
                row[at] = table.setdefault(odds, len(table))
            rows.append(np.array(row, dtype=np.int32))
            counts.append(np.append(emphasized(told, emphasis), np.uint8(1)))
        self.tokens = torch.from_numpy(np.concatenate(tokens))
        self._rows = torch.from_numpy(np.concatenate(rows))
        self._counts = torch.from_numpy(np.concatenate(counts))
        sizes = torch.tensor([len(odds) for odds in table])
        self._starts = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)])
        self._ids = torch.tensor([token for odds in table for token, _ in odds])
        self._shares = torch.tensor([share for odds in table for _, share in odds])

    def targets(self, places: Tensor) -> Tensor:
        """What could stand at places ``(...)`` of the row: ``(..., V)``, in sum its emphasis."""
        rows = self._rows[places].flatten()
        first, last = self._starts[rows], self._starts[rows + 1]
        sizes = last - first
        line = torch.repeat_interleave(torch.arange(len(rows)), sizes)
        # All entries of all rows: from the first of each row, one after the other.
        entry = torch.arange(len(line)) - (sizes.cumsum(0) - sizes)[line] + first[line]
        targets = torch.zeros(len(rows), self.vocab_size)
        targets[line, self._ids[entry]] = self._shares[entry] * self._counts[places].flatten()[line]
        return targets.view(*places.shape, self.vocab_size)


def emphasized(told: ToldTale, emphasis: Mapping[str, int]) -> np.ndarray:
    """How many times each token of a tale counts: uint8 (T,)."""
    counts = np.ones(len(told.ids), dtype=np.uint8)
    starts = np.array(told.starts)
    for said in (*told.tale.mentions, *told.tale.choices):
        names = (said.kind, getattr(said, "role", None))
        count = max(emphasis.get(name, 1) for name in names)
        first = np.searchsorted(starts, said.start, side="right") - 1
        last = np.searchsorted(starts, said.end, side="left")
        counts[first:last] = np.maximum(counts[first:last], count)
    return counts


class ToldWindows:
    """``RandomWindows`` over told tales: inputs (B, T), and what could follow each (B, T, V)."""

    def __init__(self, windows: RandomWindows, told: ToldTales) -> None:
        self.windows = windows
        self.told = told

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of a step, counted from 0."""
        inputs, _ = self.windows.batch(step)
        places = torch.from_numpy(self.windows.places(step))[:, None]
        following = places + 1 + torch.arange(self.windows.context_size)
        return inputs, self.told.targets(following)
