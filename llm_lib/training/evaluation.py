"""How good a model of Tales is: its loss on whole stories, beside the lowest that is possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from llm_lib.generation import generate
from llm_lib.gpt import GPT
from llm_lib.tales import Tale, check_facts, entropy_of, stories
from llm_lib.tokenizers import BPETokenizer

IGNORED = -1  # a target that does not count


class WholeStories:
    """Stories of a split as padded rows, with the floor of exactly these stories.

    Each row begins with end-of-text at position 0, as a story that is written does, so the model
    has seen all that its words depend on. (In a window that begins mid-story nobody could know the
    names, and no model could reach the floor.) A story too long for the context is left out.

    Args:
        tokenizer: its last token is end-of-text.
        block_size: the model's.
        n: how many stories to draw.
        split, seed: as in ``llm_lib.tales.stories``.
    """

    def __init__(
        self,
        tokenizer: BPETokenizer,
        block_size: int,
        n: int = 1000,
        split: str = "validation",
        seed: int = 0,
    ) -> None:
        end = tokenizer.encode("<|endoftext|>", allowed_special="all")
        drawn = [
            (tale, end + tokenizer.encode(tale.text) + end) for tale in stories(n, seed, split)
        ]
        kept = [(tale, ids) for tale, ids in drawn if len(ids) <= block_size + 1]
        self.tales: list[Tale] = [tale for tale, _ in kept]
        self.rows = [torch.tensor(ids) for _, ids in kept]
        entropy = entropy_of(self.tales, tokenizer.encode)
        self.floor = entropy.nats_per_token
        self.nats_per_story = entropy.nats_per_story

    def loss(self, model: GPT, batch_size: int = 50) -> float:
        """Nats per token, end-of-text included, to be compared with ``floor``."""
        nats = tokens = 0.0
        was_training = model.training
        model.eval()
        with torch.inference_mode():
            for first in range(0, len(self.rows), batch_size):
                inputs, targets = padded(self.rows[first : first + batch_size])
                _, loss = model(inputs, targets)
                count = int((targets != IGNORED).sum())
                nats += float(loss) * count
                tokens += count
        model.train(was_training)
        return nats / tokens


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Rows of ids as ``(inputs (B, T), targets (B, T))``; after a row's end nothing counts."""
    length = max(len(row) for row in rows) - 1
    inputs = torch.zeros(len(rows), length, dtype=torch.long)
    targets = torch.full((len(rows), length), IGNORED)
    for index, row in enumerate(rows):
        inputs[index, : len(row) - 1] = row[:-1]
        targets[index, : len(row) - 1] = row[1:]
    return inputs, targets


class Grade(NamedTuple):
    """The grader's verdict on tales a model wrote."""

    written: int
    straight: int  # of them without a single fault
    faults: Counter[str]  # tales with a fault of this kind; "unended" did not end in time

    @property
    def share(self) -> float:
        """The share of tales without a fault."""
        return self.straight / self.written


def grade_tales(
    model: GPT, tokenizer: BPETokenizer, n: int = 1000, seed: int = 0, temperature: float = 1.0
) -> Grade:
    """Let the model write ``n`` tales and have each checked by the rules of the world of Tales."""
    end = tokenizer.encode("<|endoftext|>", allowed_special="all")
    room = model.config.block_size - 1
    faults: Counter[str] = Counter()
    straight = 0
    for first in range(0, n, 100):
        prompts = [end] * min(100, n - first)
        for ids in generate(
            model,
            prompts,
            room,
            temperature=temperature,
            stop_tokens=end,
            seed=seed + first,
        ):
            written = list(ids)[1:]
            if end[0] not in written:
                faults["unended"] += 1
                continue
            report = check_facts(tokenizer.decode(written[: written.index(end[0])]))
            straight += report.ok
            faults.update(set(report.kinds))
    return Grade(n, straight, faults)
