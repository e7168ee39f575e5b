"""Every number of softmax(QKᵀ/√d)V on three tokens in two dimensions, to be dragged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from llm_lib.widgets.base import BookWidget, still_table
from llm_lib.widgets.token_label import token_label

STEPS = ("vectors", "dots", "scale", "mask", "weights", "mixture")
TOKENS = ("fox", "pond", "it")
VECTORS = ((2.0, 0.5), (-1.0, 1.5), (1.0, 1.0))
MOST = 10.0  # the largest coordinate: beyond it the numbers no longer fit their places
_WEIGHTS = ("query_weight", "key_weight", "value_weight")
_SHAPES = {"vectors": (3, 2)} | dict.fromkeys(_WEIGHTS, (2, 2))


class AttentionSteps(BookWidget):
    """Attention on three tokens, step by step: dot products, scale, mask, weights, mixture.

    The vectors have two numbers each, so that they can be drawn and dragged. Arrays may be nested
    lists, NumPy arrays or tensors.

    Args:
        tokens: three texts.
        vectors: their vectors, shape (3, 2), each number between -10 and 10.
        query_weight: ``W_Q``, shape (2, 2): queries are ``vectors @ W_Q``. None is the identity.
        key_weight: ``W_K``, likewise.
        value_weight: ``W_V``, likewise.
        causal: hide from each token those that come later.
        scale: divide the dot products by √d, d being 2.
        query: the token that asks, 0 to 2. Follows the reader.
        step: the step that is open: one of ``STEPS``. Follows the reader.
        size: all vectors times this, 1 to 8. Follows the reader.
        view: ``"steps"``, or ``"width"`` for random vectors of more and more dimensions.
        seed: of those random vectors.

    ``weights`` (3, 3) and ``mixtures`` (3, 2) hold what comes out, and can be observed.

    Raises:
        ValueError: a wrong shape, or a number that is not finite or too large.
    """

    module = "attention_steps"

    tokens = traitlets.List(traitlets.Unicode(), TOKENS).tag(sync=True)
    # Any: whatever holds numbers is taken, checked, and kept as nested lists.
    vectors = traitlets.Any().tag(sync=True)
    query_weight = traitlets.Any().tag(sync=True)
    key_weight = traitlets.Any().tag(sync=True)
    value_weight = traitlets.Any().tag(sync=True)
    causal = traitlets.Bool(False).tag(sync=True)
    scale = traitlets.Bool(True).tag(sync=True)
    query = traitlets.Int(2, min=0, max=2).tag(sync=True)
    step = traitlets.Enum(STEPS, "dots").tag(sync=True)
    size = traitlets.Int(1, min=1, max=8).tag(sync=True)
    view = traitlets.Enum(("steps", "width"), "steps").tag(sync=True)
    seed = traitlets.Int(1, min=0, max=10**9 - 1).tag(sync=True)
    weights = traitlets.List(help="what each query takes from each token (3, 3)")
    mixtures = traitlets.List(help="what each query ends up with (3, 2)")

    def __init__(
        self, tokens: Sequence[str] = TOKENS, vectors: Any = VECTORS, **props: Any
    ) -> None:
        arrays = {"vectors": vectors} | {name: props.pop(name, None) for name in _WEIGHTS}
        checked = {name: _matrix(name, value) for name, value in arrays.items()}
        super().__init__(tokens=_three(tokens), **checked, **props)
        self._follow()

    @traitlets.validate(*_SHAPES)
    def _check(self, proposal: Any) -> Any:
        return _matrix(proposal.trait.name, proposal.value)

    @traitlets.observe(*_SHAPES, "causal", "scale", "size")
    def _follow(self, change: Any = None) -> None:
        _, weights, mixtures = self.attend()
        self.weights, self.mixtures = weights.tolist(), mixtures.tolist()

    def attend(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The scores (3, 3) after scale and mask, the weights (3, 3) and the mixtures (3, 2)."""
        vectors = np.array(self.vectors) * self.size
        queries, keys, values = (
            vectors if weight is None else vectors @ np.array(weight)
            for weight in (self.query_weight, self.key_weight, self.value_weight)
        )
        scores = queries @ keys.T / (np.sqrt(keys.shape[-1]) if self.scale else 1.0)
        if self.causal:
            scores = np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = powers / powers.sum(axis=-1, keepdims=True)
        return scores, weights, weights @ values

    def still(self) -> str:
        scores, weights, mixtures = self.attend()
        names = [token_label(token.encode("utf-8", "replace")) for token in self.tokens]
        rows = []
        for asker, row, shares, mixture in zip(names, scores, weights, mixtures, strict=True):
            cells = [
                f"{_number(score)} → {100 * share:.1f} %"
                for score, share in zip(row, shares, strict=True)
            ]
            rows.append([asker, *cells, _vector(mixture)])
        vectors = ", ".join(
            f"{name} {_vector(np.array(vector) * self.size)}"
            for name, vector in zip(names, self.vectors, strict=True)
        )
        caption = (
            f"Attention step by step. Vectors: {vectors}. Each cell: the score of a query (row) "
            "with a key (column), and the weight that softmax makes of it; last, the mixture."
        )
        return still_table(caption, ["query", *names, "mixture"], rows)


def _three(tokens: Sequence[str]) -> list[str]:
    if isinstance(tokens, str) or len(tokens) != 3:
        given = "one text" if isinstance(tokens, str) else f"{len(tokens)} tokens"
        raise ValueError(f"tokens holds {given}; give three texts, like ('fox', 'pond', 'it').")
    return [str(token) for token in tokens]


def _matrix(name: str, value: Any) -> list[list[float]] | None:
    """``value`` as nested lists, rounded as far as float32 holds, or ValueError."""
    if value is None and name != "vectors":
        return None
    shape = _SHAPES[name]
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is no array of numbers ({error}); give shape {shape}.") from error
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; it must be {shape}.")
    if not np.isfinite(array).all() or np.abs(array).max() > MOST:
        raise ValueError(
            f"{name} holds a number that is not between -{MOST:g} and {MOST:g}; scale it down: "
            "the figure is for numbers that can be checked by hand."
        )
    return [[round(number, 6) + 0.0 for number in row] for row in array.tolist()]


def _number(value: float) -> str:
    return "−∞" if value == -np.inf else f"{value:.2f}".replace("-", "−")


def _vector(vector: np.ndarray) -> str:
    return f"({', '.join(_number(value) for value in vector)})"
