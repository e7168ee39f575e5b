"""What every attention head looks at in a text, and what the model says without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from llm_lib.widgets.base import BookWidget, still_table
from llm_lib.widgets.sentence import STORY_OPENING
from llm_lib.widgets.token_label import token_label

MOST = 100_000  # numbers of given weights: what a page can carry
DECIMALS = 4
_SUM_TOLERANCE = 0.01  # bfloat16 keeps two to three digits


class AttentionExplorer(BookWidget):
    """All attention heads of a model on one text: pick one, see what each token looks at.

    Without ``weights`` the figure reads the reader's text with the book's Storyteller. A head can
    then be switched off (its mixture of values is set to 0, as
    :func:`llm_lib.hooks.silence_head` does), and the next-token probabilities are shown before and
    after. With ``weights`` it shows the attention of any model, as it was measured.

    Args:
        text: what the model reads first; the reader may type another. ``<|endoftext|>`` goes first.
        follow: the text is "your sentence", shared with the book's other figures.
        layer: the chosen head's layer. None: the head that gives most of the last token to one
            token farther back. Follows the reader.
        head: the chosen head in that layer, or None, likewise.
        query: the position that looks; -1 is the last. Follows the reader.
        off: the heads that are switched off, ``[[layer, head], …]``. Follows the reader.
        weights: attention weights (layers, heads, T, T): an array, or one for each layer, (heads,
            T, T) or (1, heads, T, T), as ``llm_lib.hooks.record`` returns them. Rows sum to 1.
        tokens: with ``weights``, the T texts.

    Raises:
        ValueError: weights and tokens that do not fit each other; rows that are no shares; heads
            that cannot be.
    """

    module = "attention_explorer"

    text = traitlets.Unicode(STORY_OPENING).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    layer = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)
    head = traitlets.Int(None, allow_none=True, min=0).tag(sync=True)
    query = traitlets.Int(-1).tag(sync=True)
    off = traitlets.List().tag(sync=True)
    weights = traitlets.List().tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self, weights: Any = None, tokens: Sequence[str] | None = None, **props: Any
    ) -> None:
        if (weights is None) != (tokens is None):
            raise ValueError("weights and tokens go together: give both, or neither")
        if weights is not None:
            props |= {"weights": _shares(weights, tokens), "tokens": [str(t) for t in tokens]}
        super().__init__(**props)
        if self.weights and self.off:
            raise ValueError("off needs the model itself: given weights cannot be switched off")

    @traitlets.validate("off")
    def _check_off(self, proposal: Any) -> list[list[int]]:
        return [_pair(entry) for entry in proposal.value]

    def show(self, weights: Any, tokens: Sequence[str]) -> None:
        """Put other weights and tokens into a figure that has some, both at once.

        Raises:
            ValueError: as for the arguments of the class.
        """
        shares = _shares(weights, tokens)
        with self.hold_sync():
            self.tokens, self.weights = [str(token) for token in tokens], shares

    def still(self) -> str:
        if not self.weights:
            return (
                "<p>Here a trained model, Storyteller, reads your text in the page. The figure "
                "shows what each of its heads looks at, token by token. A head can be switched "
                "off, and the probabilities of the next word before and after stand side by "
                "side. It needs JavaScript.</p>"
            )
        query = self.query % len(self.tokens)
        names = [token_label(token.encode("utf-8", "replace")) for token in self.tokens]
        rows = []
        for layer, heads in enumerate(self.weights):
            for head, square in enumerate(heads):
                best = np.argsort(square[query])[::-1][:3]
                looks = ", ".join(f"{names[key]} {100 * square[query][key]:.1f} %" for key in best)
                rows.append([f"layer {layer}, head {head}", looks])
        caption = f"What “{names[query]}” (token {query}) looks at most, head by head."
        return still_table(caption, ["head", "looks at"], rows)


def _pair(entry: Any) -> list[int]:
    try:
        layer, head = (int(number) for number in entry)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"off holds {entry!r}; give a [layer, head] for each head, like [[3, 2]]"
        ) from error
    if min(layer, head) < 0:
        raise ValueError(f"off holds {entry!r}; layers and heads are counted from 0")
    return [layer, head]


def _shares(weights: Any, tokens: Sequence[str]) -> list[Any]:
    """Checked weights as nested lists, (layers, heads, T, T)."""
    if isinstance(tokens, str):
        raise ValueError("tokens is one text; give a list with the text of each token")
    try:
        layers = np.stack([_layer(layer) for layer in weights])
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"weights is no array of layers ({error}); give (layers, heads, T, T)"
        ) from error
    count = len(tokens)
    if layers.ndim != 4 or layers.shape[2:] != (count, count) or not layers.size:
        raise ValueError(
            f"weights has shape {layers.shape} and there are {count} tokens; "
            "give (layers, heads, T, T) and T tokens"
        )
    if layers.size > MOST:
        raise ValueError(
            f"weights holds {layers.size} numbers; a page can carry {MOST}: take a shorter text"
        )
    if not (np.isfinite(layers).all() and layers.min() >= 0):
        raise ValueError("weights holds a number that is no share; give them after the softmax")
    if (np.abs(layers.sum(axis=-1) - 1) > _SUM_TOLERANCE).any():
        raise ValueError("a row of weights does not sum to 1; give them after the softmax")
    return layers.round(DECIMALS).tolist()


def _layer(values: Any) -> np.ndarray:
    if hasattr(values, "detach"):  # a tensor, perhaps with a gradient, on a GPU or in bfloat16
        values = values.detach().cpu().double()
    layer = np.asarray(values, dtype=np.float64)
    return layer[0] if layer.ndim == 4 and len(layer) == 1 else layer
