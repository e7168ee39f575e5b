"""Token vectors on a plane: who is whose neighbour, before and after training, and with places."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from llm_lib.widgets.base import BookWidget, still_table
from llm_lib.widgets.token_label import token_label

VIEWS = ("tokens", "positions", "sum")
MAX_TOKENS = 200  # more could not be told apart on one plane
MAX_KINDS = 5  # as many shapes as an eye keeps apart
NEIGHBOURS = 5
_STILL_TOKENS = 9
_INT16_MAX = 32767


class EmbeddingExplorer(BookWidget):
    """Token vectors on the plane in which they differ most, their neighbours, and the positions.

    Neighbours are by cosine, over all dimensions. The plane shows directions (every vector at
    length 1) along the first two principal components of the last snapshot, for all snapshots.
    Vectors may be nested lists, NumPy arrays or tensors; they travel as 16-bit whole numbers.

    Args:
        tokens: V distinct tokens, 3 to 200.
        snapshots: ``(label, vectors)`` pairs in the order of training, vectors of shape (V, C).
        groups: the kind of each token, such as ``{" fox": "animal"}``; at most 5 kinds.
        positions: position vectors of shape (T, C). With them come two more views: the positions
            themselves, and the sum of a token's vector and a position's.
        selected: the token to begin with; the first if not given. Follows the reader.
        snapshot: the snapshot to show, from 0; the last if not given. Follows the reader.
        view: ``"tokens"``, ``"positions"`` or ``"sum"``. Follows the reader.
        position: the position to show. Follows the reader.
        pair: the pair of dimensions of the sum: dimensions 2 pair and 2 pair + 1.

    Raises:
        ValueError: shapes that do not fit together, repeated tokens, numbers that are not finite.
    """

    module = "embedding_explorer"

    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    groups = traitlets.Dict().tag(sync=True)
    snapshots = traitlets.List(help="label and packed vectors of each").tag(sync=True)
    positions = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)
    neighbours = traitlets.List(help="[token, cosine] of the nearest").tag(sync=True)
    snapshot = traitlets.Int(0, min=0).tag(sync=True)
    view = traitlets.Enum(VIEWS, "tokens").tag(sync=True)
    position = traitlets.Int(0, min=0).tag(sync=True)
    pair = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(
        self,
        tokens: Sequence[str],
        snapshots: Sequence[tuple[str, Any]],
        groups: Mapping[str, str] | None = None,
        positions: Any = None,
        **props: Any,
    ) -> None:
        names = _checked_tokens(tokens)
        vectors = _checked_snapshots(snapshots, len(names))
        width = vectors[0][1].shape[1]
        places = None if positions is None else _checked_positions(positions, width)
        props = {"selected": names[0], "snapshot": len(vectors) - 1, **props}
        _check_state(props, names, vectors, places)
        super().__init__(
            tokens=names,
            groups=_checked_groups(groups or {}, names),
            snapshots=[{"label": label, **pack(rows)} for label, rows in vectors],
            positions=None if places is None else pack(places),
            **props,
        )
        self._look_around()

    def show(self, snapshots: Sequence[tuple[str, Any]]) -> None:
        """Show other vectors of the same tokens, as wide as before, for instance while training.

        Raises:
            ValueError: as for the arguments of the class.
        """
        vectors = _checked_snapshots(snapshots, len(self.tokens), self.snapshots[0]["shape"][1])
        with self.hold_sync():
            self.snapshots = [{"label": label, **pack(rows)} for label, rows in vectors]
            self.snapshot = min(self.snapshot, len(vectors) - 1)
            self._look_around()

    @traitlets.observe("selected", "snapshot")
    def _look_around(self, change: Any = None) -> None:
        if self.selected in self.tokens and self.snapshot < len(self.snapshots):
            self.neighbours = [
                [token, round(cosine, 3)] for token, cosine in self.nearest(self.selected)
            ]

    def nearest(
        self, token: str, snapshot: int | None = None, k: int = NEIGHBOURS
    ) -> list[tuple[str, float]]:
        """The ``k`` other tokens that point most nearly the same way, with their cosines.

        Args:
            token: one of the tokens.
            snapshot: of which snapshot, from 0; the one that is shown if not given.
            k: how many.
        """
        chosen = self.snapshots[self.snapshot if snapshot is None else snapshot]
        rows = unpack(chosen)  # (V, C)
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
        index = self.tokens.index(token)
        cosines = unit @ unit[index]  # (V,)
        cosines[index] = -np.inf  # not its own neighbour
        order = np.argsort(-cosines, kind="stable")[: min(k, len(self.tokens) - 1)]
        return [(self.tokens[i], float(cosines[i])) for i in order]

    def still(self) -> str:
        labels = [snapshot["label"] for snapshot in self.snapshots]
        shown = self._spread()
        rows = [
            (
                token_label(token.encode("utf-8", "replace")),
                *(_near_words(self.nearest(token, s, 3)) for s in range(len(labels))),
            )
            for token in shown
        ]
        caption = f"The nearest tokens by cosine: {len(shown)} of {len(self.tokens)} tokens."
        return still_table(caption, ["token", *labels], rows)

    def _spread(self) -> list[str]:
        """A few tokens of each kind, in the order of the tokens."""
        kinds = [self.groups.get(token, "") for token in self.tokens]
        each = max(1, _STILL_TOKENS // len(set(kinds)))
        return [
            token
            for i, (token, kind) in enumerate(zip(self.tokens, kinds, strict=True))
            if kinds[:i].count(kind) < each
        ]

    def __repr__(self) -> str:
        labels = ", ".join(snapshot["label"] for snapshot in self.snapshots)
        return f"EmbeddingExplorer({len(self.tokens)} tokens, snapshots: {labels})"


def pack(rows: np.ndarray) -> dict[str, Any]:
    """Rows as 16-bit whole numbers times one scale: four significant digits in a third of the
    space that JSON's decimals would take."""
    scale = float(np.abs(rows).max()) / _INT16_MAX or 1.0
    numbers = np.round(rows / scale).astype("<i2")
    text = base64.b64encode(numbers.tobytes()).decode("ascii")
    return {"shape": list(rows.shape), "scale": scale, "int16": text}


def unpack(packed: Mapping[str, Any]) -> np.ndarray:
    """The rows that :func:`pack` packed, as float64."""
    numbers = np.frombuffer(base64.b64decode(packed["int16"]), "<i2")
    return numbers.reshape(packed["shape"]) * packed["scale"]


def _checked_tokens(tokens: Sequence[str]) -> list[str]:
    if isinstance(tokens, str):
        raise ValueError("tokens is one text; give a list of tokens, such as text.split()")
    names = list(tokens)
    if not 3 <= len(names) <= MAX_TOKENS:
        raise ValueError(
            f"there are {len(names)} tokens; the figure takes 3 to {MAX_TOKENS}: choose some"
        )
    repeated = sorted({repr(token) for token in names if names.count(token) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is there twice; give each token once")
    return names


def _checked_snapshots(
    snapshots: Sequence[tuple[str, Any]], count: int, width: int | None = None
) -> list[tuple[str, np.ndarray]]:
    if not snapshots:
        raise ValueError('snapshots is empty; give at least one, such as [("after", weight)]')
    rows = [(str(label), _matrix(f"snapshot {label!r}", x)) for label, x in snapshots]
    width = width or rows[0][1].shape[1]
    for label, vectors in rows:
        if vectors.shape != (count, width):
            raise ValueError(
                f"snapshot {label!r} has shape {vectors.shape}; with {count} tokens, and as wide "
                f"as the others, it must be {(count, width)}: one row per token, the rows of "
                "these tokens only, such as weight[ids]"
            )
    return rows


def _checked_positions(positions: Any, width: int) -> np.ndarray:
    places = _matrix("positions", positions)
    if len(places) < 2 or places.shape[1] != width:
        raise ValueError(
            f"positions has shape {places.shape}; it must be (T, {width}) with T at least 2, as "
            "wide as the token vectors: the two are added"
        )
    return places


def _checked_groups(groups: Mapping[str, str], tokens: list[str]) -> dict[str, str]:
    kinds = {token: str(groups[token]) for token in tokens if token in groups}
    if len(set(kinds.values())) > MAX_KINDS:
        raise ValueError(
            f"groups holds {len(set(kinds.values()))} kinds; at most {MAX_KINDS} shapes can be "
            "told apart: join some"
        )
    return kinds


def _check_state(
    props: Mapping[str, Any],
    tokens: list[str],
    snapshots: list[tuple[str, np.ndarray]],
    positions: np.ndarray | None,
) -> None:
    if props["selected"] not in tokens:
        raise ValueError(f"selected is {props['selected']!r}; it must be one of the tokens")
    limits = {"snapshot": len(snapshots), "pair": snapshots[0][1].shape[1] // 2}
    if positions is not None:
        limits["position"] = len(positions)
    elif props.get("view", "tokens") != "tokens":
        raise ValueError(f"view is {props['view']!r}; give positions, or take the view 'tokens'")
    for name, limit in limits.items():
        if not 0 <= props.get(name, 0) < limit:
            raise ValueError(f"{name} is {props[name]}; it must be from 0 to {limit - 1}")


def _matrix(name: str, values: Any) -> np.ndarray:
    if hasattr(values, "detach"):  # a tensor, perhaps with a gradient, on a GPU or in bfloat16
        values = values.detach().cpu().double()
    try:
        rows = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is no table of numbers ({error}); give rows of one length"
        ) from error
    if rows.ndim != 2 or rows.shape[0] < 1 or rows.shape[1] < 2:
        raise ValueError(f"{name} has shape {rows.shape}; give a row per vector, 2 or more wide")
    if not np.isfinite(rows).all():
        raise ValueError(
            f"{name} holds NaN or infinity; give finite numbers (did training diverge?)"
        )
    return rows


def _near_words(neighbours: list[tuple[str, float]]) -> str:
    return ", ".join(
        f"{token_label(token.encode('utf-8', 'replace'))} {cosine:.2f}".replace("-", "\u2212")
        for token, cosine in neighbours
    )
