"""From scores to the next token: which tokens may be drawn, and with what probability.

A model gives a score (logit) to every token. Five ways to reshape these scores before a token is
drawn, each a function of the logits ``(..., V)``, with any leading dimensions.
``next_token_probabilities`` puts them together, always in this order, that of `transformers`:

1. repetition penalty  (Keskar et al., "CTRL", 2019, section 4.1)
2. temperature  (Ackley, Hinton and Sejnowski, "Boltzmann machines", 1985, for the idea)
3. top-k  (Fan, Lewis and Dauphin, "Hierarchical Neural Story Generation", 2018, section 5.4)
4. top-p, the nucleus  (Holtzman et al., "Neural Text Degeneration", 2020, section 3.1)
5. min-p  (Nguyen et al., "Turning Up the Heat", 2024, section 3)

A token that may not be drawn has the logit -inf, so its probability is exactly 0. Among tokens with
equal logits the one with the lower id comes first, everywhere. All is done in float64: a vocabulary
has tokens with probabilities far below what a float32 sum can still see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class SamplingOptions:
    """How to draw the next token. The defaults draw from the model's own distribution.

    Raises:
        ValueError: a number outside its range.
    """

    temperature: float = 1.0  # below 1 bolder, above 1 wilder; 0 always takes the likeliest token
    top_k: int | None = None  # only the k likeliest; None and 0 set no limit
    top_p: float | None = None  # only the likeliest, until they hold this probability together
    min_p: float | None = None  # only those at least this likely, compared to the likeliest
    repetition_penalty: float = 1.0  # above 1 makes tokens that the text holds less likely

    def __post_init__(self) -> None:
        _require("temperature", self.temperature, "0 (always the likeliest token) or more", 0)
        if self.top_k is not None and not _is_count(self.top_k):
            raise ValueError(f"top_k is {self.top_k!r}; it must be a whole number, 0 for no limit.")
        for name in ("top_p", "min_p"):
            if (value := getattr(self, name)) is not None:
                _require(name, value, "from 0 to 1, or None for no limit", 0, 1)
        above_zero = "above 0: 1 changes nothing, 1.2 discourages repetition"
        _require("repetition_penalty", self.repetition_penalty, above_zero, math.ulp(0))

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest token is always taken: nothing is left to chance."""
        return self.temperature == 0


def next_token_probabilities(
    logits: Tensor, options: SamplingOptions | None = None, seen: Tensor | None = None
) -> Tensor:
    """The distribution that the next token is drawn from: ``(..., V)``, float64, rows sum to 1.

    Args:
        logits: the model's scores ``(..., V)``. -inf marks a token that may not be drawn.
        options: what to change; None for nothing.
        seen: bool ``(..., V)``, the tokens that the text holds, for the repetition penalty: see
            :func:`tokens_seen`.

    Raises:
        ValueError: a logit is NaN or +inf, or all of a row are -inf.
    """
    options = options or SamplingOptions()
    scores = _penalized(logits, options, seen)
    if options.is_greedy:
        likeliest = scores.argmax(dim=-1, keepdim=True)  # the first of equals
        return torch.zeros_like(scores).scatter_(-1, likeliest, 1.0)
    scores = apply_temperature(scores, options.temperature)
    scores = keep_top_k(scores, options.top_k)
    scores = keep_top_p(scores, options.top_p)
    scores = keep_min_p(scores, options.min_p)
    return scores.softmax(dim=-1)  # (..., V)


def choose(
    logits: Tensor,
    numbers: Sequence[float],
    options: SamplingOptions | None = None,
    seen: Tensor | None = None,
) -> Tensor:
    """The next token of B texts: logits ``(B, V)`` to ids ``(B,)``, by one number in [0, 1) each.

    What :func:`next_token_probabilities` and :func:`sample` give, without the detour over
    probabilities where temperature 0 leaves no choice.
    """
    if options is not None and options.is_greedy:
        return _penalized(logits, options, seen).argmax(dim=-1)  # the first of equals
    probabilities = next_token_probabilities(logits, options, seen)
    return sample(probabilities, torch.tensor(numbers, dtype=torch.float64))


def tokens_seen(ids: Tensor, vocab_size: int) -> Tensor:
    """Which tokens stand in each text: ids ``(..., T)`` to bool ``(..., V)``."""
    seen = torch.zeros(*ids.shape[:-1], vocab_size, dtype=torch.bool, device=ids.device)
    return seen.scatter_(-1, ids.long(), True)


def penalize_repetition(logits: Tensor, seen: Tensor | None, penalty: float) -> Tensor:
    """Lower the logits of tokens that the text already holds, however often.

    A positive logit is divided by the penalty, a negative one multiplied by it. (The paper divides
    both, which would make an unlikely token likelier; everybody reads it in this way.)
    """
    if seen is None or penalty == 1:
        return logits
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


def apply_temperature(logits: Tensor, temperature: float) -> Tensor:
    """Divide by the temperature: differences between logits grow below 1, and shrink above 1.

    The likeliest token is moved to 0 first, which changes no probability, so that no temperature,
    however low, overflows.
    """
    if temperature == 1:
        return logits
    return (logits - logits.amax(dim=-1, keepdim=True)) / temperature


def keep_top_k(logits: Tensor, k: int | None) -> Tensor:
    """Keep exactly the ``k`` largest logits. None, 0, and more than there are: all of them."""
    if not k or k >= logits.shape[-1]:
        return logits
    last = logits.topk(k, dim=-1).values[..., -1:]  # (..., 1), the smallest that may stay
    above, equal = logits > last, logits == last
    places_left = k - above.sum(dim=-1, keepdim=True)  # for those equal to the last, in id order
    return logits.masked_fill(~(above | (equal & (equal.cumsum(dim=-1) <= places_left))), -math.inf)


def keep_top_p(logits: Tensor, p: float | None) -> Tensor:
    """Keep the *nucleus*: the fewest tokens that together hold a probability of at least ``p``.

    Likeliest first, a token stays if those before it hold less than ``p``. So 0 keeps the likeliest
    alone, and 1 (or None) keeps all.
    """
    if p is None or p == 1:
        return logits
    ordered, order = logits.sort(dim=-1, descending=True, stable=True)  # (..., V)
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities  # held by the likelier ones
    outside = before >= p
    outside[..., 0] = False
    return logits.masked_fill(torch.zeros_like(outside).scatter(-1, order, outside), -math.inf)


def keep_min_p(logits: Tensor, min_p: float | None) -> Tensor:
    """Keep tokens at least ``min_p`` times as likely as the likeliest.

    Where the model is sure few stay, where it is not many do. 0 (or None) keeps all; 1 keeps the
    likeliest, and any that equal it.
    """
    if not min_p:
        return logits
    # A ratio of probabilities is a difference of logits.
    lowest = logits.amax(dim=-1, keepdim=True) + math.log(min_p)
    return logits.masked_fill(logits < lowest, -math.inf)


def sample(probabilities: Tensor, numbers: Tensor | float) -> Tensor:
    """Draw a token from each distribution ``(..., V)`` with one number in [0, 1): ids ``(...)``.

    The inverse of the cumulative distribution, tokens in the order of their ids: deterministic,
    given the number. ``llm_lib.uniform`` says how exactly, and makes the numbers.

    >>> sample(torch.tensor([0.2, 0.5, 0.3]), 0.6)
    tensor(1)

    Raises:
        ValueError: a number outside [0, 1), or probabilities whose sum is not above 0 and finite.
    """
    cumulative = probabilities.double().cumsum(dim=-1)  # (..., V)
    total = cumulative[..., -1:]  # (..., 1): 1 but for rounding
    numbers = torch.as_tensor(numbers, dtype=torch.float64, device=total.device)
    points = numbers.unsqueeze(-1) * total  # (..., 1)
    if not bool(((points >= 0) & (points < total) & total.isfinite()).all()):
        raise ValueError(
            f"cannot draw with number {numbers.tolist()} from probabilities of sum "
            f"{total.squeeze(-1).tolist()}: give numbers from 0 up to, not including, 1, "
            "and probabilities that sum to 1."
        )
    return torch.searchsorted(cumulative, points.contiguous(), right=True).squeeze(-1)


def _penalized(logits: Tensor, options: SamplingOptions, seen: Tensor | None) -> Tensor:
    """The logits in float64 after step 1, or an error that says what is wrong with them."""
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits has shape {tuple(logits.shape)}; give one for each token, (V,).")
    scores = penalize_repetition(logits.double(), seen, options.repetition_penalty)
    largest = scores.amax(dim=-1)  # NaN if any is
    if not bool(largest.isfinite().all()):
        found = "NaN" if scores.isnan().any() else "+inf" if (scores == math.inf).any() else None
        raise ValueError(
            f"logits hold {found}: the model's numbers have overflowed; look at its weights."
            if found
            else "all logits of a row are -inf, so no token may be drawn: leave at least one."
        )
    return scores


def _require(name: str, value: float, rule: str, least: float, most: float = math.inf) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{name} is {value!r}; it must be {rule}.")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
