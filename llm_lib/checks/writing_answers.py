"""Chapter 9: the reference solutions, and the wrong answers that graders must catch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

# --- writing.draw ----------------------------------------------------------------------------


def draw(probabilities: list[float], number: float) -> int:
    total = sum(probabilities)
    reached = 0.0
    for id_, probability in enumerate(probabilities):
        reached += probability
        if number * total < reached:
            return id_
    raise ValueError("number must be below 1")


def draw_likeliest(probabilities: list[float], number: float) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def draw_evenly(probabilities: list[float], number: float) -> int:
    return int(number * len(probabilities))


def draw_not_summed(probabilities: list[float], number: float) -> int:
    fits = [id_ for id_, probability in enumerate(probabilities) if number < probability]
    return fits[0] if fits else len(probabilities) - 1


def draw_likeliest_first(probabilities: list[float], number: float) -> int:
    order = sorted(range(len(probabilities)), key=lambda id_: -probabilities[id_])
    return order[draw([probabilities[id_] for id_ in order], number)]


def draw_at_most(probabilities: list[float], number: float) -> int:
    total = sum(probabilities)
    reached = 0.0
    for id_, probability in enumerate(probabilities):
        reached += probability
        if number * total <= reached:
            return id_
    return len(probabilities) - 1


def draw_falls_off(probabilities: list[float], number: float) -> int | None:
    reached = 0.0
    for id_, probability in enumerate(probabilities):
        reached += probability
        if number < reached:
            return id_
    return None


# --- writing.temperature ---------------------------------------------------------------------


def temperature(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[logits.argmax()]
    return (logits / temperature).softmax(dim=-1)


def temperature_multiplied(logits: Tensor, temperature: float) -> Tensor:
    return (logits * temperature).softmax(dim=-1)


def temperature_too_late(logits: Tensor, temperature: float) -> Tensor:
    probabilities = logits.softmax(dim=-1) / temperature
    return probabilities / probabilities.sum()


def temperature_not_shared(logits: Tensor, temperature: float) -> Tensor:
    return logits.softmax(dim=-1) / temperature


def temperature_zero_divides(logits: Tensor, temperature: float) -> Tensor:
    return (logits / temperature).softmax(dim=-1)


def temperature_zero_shares(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        best = (logits == logits.max()).to(logits.dtype)
        return best / best.sum()
    return (logits / temperature).softmax(dim=-1)


def temperature_overflows(logits: Tensor, temperature: float) -> Tensor:
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[logits.argmax()]
    powers = (logits / temperature).exp()
    return powers / powers.sum()


# --- writing.top_k ---------------------------------------------------------------------------


def _keep(logits: Tensor, kept: Tensor, left_out: float = -math.inf) -> Tensor:
    result = torch.full_like(logits, left_out)
    result[kept] = logits[kept]
    return result


def _largest(logits: Tensor, k: int) -> Tensor:
    return logits.sort(descending=True, stable=True).indices[:k]


def top_k(logits: Tensor, k: int) -> Tensor:
    return _keep(logits, _largest(logits, k))


def top_k_zero(logits: Tensor, k: int) -> Tensor:
    return _keep(logits, _largest(logits, k), 0.0)


def top_k_smallest(logits: Tensor, k: int) -> Tensor:
    return _keep(logits, _largest(-logits, k))


def top_k_one_short(logits: Tensor, k: int) -> Tensor:
    return top_k(logits, k - 1) if k < len(logits) else logits


def top_k_ties(logits: Tensor, k: int) -> Tensor:
    last = logits.sort(descending=True).values[:k][-1]
    return logits.masked_fill(logits < last, -math.inf)


def top_k_too_many(logits: Tensor, k: int) -> Tensor:
    return _keep(logits, logits.topk(k).indices)


def top_k_in_place(logits: Tensor, k: int) -> Tensor:
    logits[logits.sort(descending=True, stable=True).indices[k:]] = -math.inf
    return logits


# --- writing.nucleus -------------------------------------------------------------------------


def _nucleus(logits: Tensor, p: float, shift: bool = True, back: bool = True) -> Tensor:
    ordered, order = logits.sort(descending=True, stable=True)
    probabilities = ordered.softmax(dim=-1)
    reached = probabilities.cumsum(dim=-1)
    outside = reached - probabilities >= p if shift else reached > p
    if not back:
        return logits.masked_fill(outside, -math.inf)
    return logits.masked_fill(torch.zeros_like(outside).scatter(0, order, outside), -math.inf)


def nucleus(logits: Tensor, p: float) -> Tensor:
    result = _nucleus(logits, p)
    result[logits.argmax()] = logits.max()  # p = 0 keeps the likeliest
    return result


def nucleus_cuts_the_last(logits: Tensor, p: float) -> Tensor:
    return _nucleus(logits, p, shift=False)


def nucleus_not_put_back(logits: Tensor, p: float) -> Tensor:
    return _nucleus(logits, p, back=False)


def nucleus_unsorted(logits: Tensor, p: float) -> Tensor:
    probabilities = logits.softmax(dim=-1)
    return logits.masked_fill(probabilities.cumsum(dim=-1) - probabilities >= p, -math.inf)


def nucleus_each(logits: Tensor, p: float) -> Tensor:
    return logits.masked_fill(logits.softmax(dim=-1) < p, -math.inf)


def nucleus_empty(logits: Tensor, p: float) -> Tensor:
    return _nucleus(logits, p)


# --- writing.cache ---------------------------------------------------------------------------


class Head(NamedTuple):
    """One causal head and its embeddings: what ``read_token`` is given."""

    token: Tensor  # (V, C)
    position: Tensor  # (T_max, C)
    query: Tensor  # (C, d)
    key: Tensor  # (C, d)
    value: Tensor  # (C, d)


Rows = list[Tensor]


def _look(x: Tensor, head: Head, keys: Rows, values: Rows) -> Tensor:
    scores = torch.stack(keys) @ (x @ head.query) / head.query.shape[-1] ** 0.5
    return scores.softmax(dim=-1) @ torch.stack(values)


def _read_token(head: Head, id_: int, keys: Rows, values: Rows, position: int) -> Tensor:
    x = head.token[id_] + head.position[position]
    keys.append(x @ head.key)
    values.append(x @ head.value)
    return _look(x, head, keys, values)


def read_token(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    return _read_token(head, id_, keys, values, len(keys))


def read_token_at_zero(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    return _read_token(head, id_, keys, values, 0)


def read_token_one_late(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    return _read_token(head, id_, keys, values, len(keys) + 1)


def read_token_nowhere(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    x = head.token[id_]
    keys.append(x @ head.key)
    values.append(x @ head.value)
    return _look(x, head, keys, values)


def read_token_forgets(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    x = head.token[id_] + head.position[len(keys)]
    mixture = _look(x, head, [*keys, x @ head.key], [*values, x @ head.value])
    keys[:], values[:] = [x @ head.key], [x @ head.value]
    return mixture


def read_token_not_itself(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    x = head.token[id_] + head.position[len(keys)]
    mixture = _look(x, head, keys, values) if keys else x @ head.value
    keys.append(x @ head.key)
    values.append(x @ head.value)
    return mixture


def read_token_keeps_nothing(head: Head, id_: int, keys: Rows, values: Rows) -> Tensor:
    x = head.token[id_] + head.position[len(keys)]
    return _look(x, head, [*keys, x @ head.key], [*values, x @ head.value])


def a_head() -> Head:
    """The same random head each time: V = 6, T_max = 12, C = 8, d = 4, in float64."""
    generator = torch.Generator().manual_seed(0)
    shapes = ((6, 8), (12, 8), (8, 4), (8, 4), (8, 4))
    tensors = (torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in shapes)
    return Head(*tensors)


def read_all(answer: Callable[..., Tensor], ids: list[int]) -> tuple[Rows, int, int]:
    """What the answer returns for each of the ids, and how many keys and values it has kept."""
    head, keys, values = a_head(), [], []
    mixtures = [answer(head, id_, keys, values) for id_ in ids]
    return mixtures, len(keys), len(values)
