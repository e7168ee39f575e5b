"""The floor: the least loss, in nats per token, that any model can reach on tales.

Every nat of a tale is in its choices; all other text is determined. So the least mean loss is
(nats per story) / (tokens per story). A story's tokens are those of its text and one end-of-text
token; where the tale ends is determined too, so that token adds to the tokens and not to the nats.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .generate import stories
from .splits import require_int
from .tale import Tale

Encode = Callable[[str], Sequence[int]]


class Entropy(NamedTuple):
    """An estimate from a sample of stories; `standard_error` is that of `nats_per_token`."""

    nats_per_token: float
    standard_error: float
    nats_per_story: float
    tokens_per_story: float


def entropy_of(tales: Sequence[Tale], encode: Encode) -> Entropy:
    """The floor on just these tales: no model that has not seen them does better on average.

    `encode` turns a text into tokens (without end-of-text). Raises ValueError for no tales.
    """
    if not tales:
        raise ValueError("there are no tales to measure; give at least one")
    nats = [-tale.log_prob for tale in tales]
    tokens = [len(encode(tale.text)) + 1 for tale in tales]
    ratio = sum(nats) / sum(tokens)
    # Variance of a ratio of means, by the delta method.
    squares = sum((nat - ratio * token) ** 2 for nat, token in zip(nats, tokens, strict=True))
    n = len(tales)
    error = math.sqrt(squares / max(1, n - 1) / n) * n / sum(tokens)
    return Entropy(ratio, error, sum(nats) / n, sum(tokens) / n)


def entropy_per_token(
    encode: Encode, n: int = 2000, seed: int = 0, split: str = "validation"
) -> Entropy:
    """The floor under a tokenizer, from `n` stories of a split.

    Nats are those of `Tale.log_prob`: what a model can reach that knows the grammar, but not which
    tales were put into which split. Raises ValueError for n < 1 or an unknown split.
    """
    require_int("n", n, 1)
    return entropy_of(list(stories(n, seed, split)), encode)


def floor_by_kind(
    encode: Encode, n: int = 2000, seed: int = 0, split: str = "validation"
) -> dict[str, float]:
    """The floor's nats per token by kind of choice, greatest first; they sum to the floor.

    Raises as `entropy_per_token` does.
    """
    require_int("n", n, 1)
    nats: Counter[str] = Counter()
    tokens = 0
    for tale in stories(n, seed, split):
        tokens += len(encode(tale.text)) + 1
        for choice in tale.choices:
            nats[choice.kind] -= choice.log_prob
    return {kind: total / tokens for kind, total in nats.most_common()}
