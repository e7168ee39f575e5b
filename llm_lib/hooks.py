"""Looking inside a GPT while it reads, and changing what goes on there.

A hook is a function ``hook(name, tensor) -> tensor``. ``GPT.forward(ids, hook=hook)`` calls it with
every intermediate, and goes on with what it returns. Hooks made here change one intermediate each;
:func:`compose` joins them. The page's engine calls its hooks with the same names:

=========================  ================  ====================================================
name                       shape             what it holds
=========================  ================  ====================================================
``embedding.token``        (..., T, C)       the rows of the token table
``embedding.position``     (T, C)            the rows of the position table
``embedding``              (..., T, C)       their sum
``blocks.0.residual_in``   (..., T, C)       the stream as block 0 finds it
``blocks.0.norm1``         (..., T, C)       its normed copy, which attention reads
``blocks.0.queries``       (..., h, T, d)    of each head; so ``keys`` and ``values``
``blocks.0.scores``        (..., h, T, S)    q·k / √d before the mask; S = past + T
``blocks.0.weights``       (..., h, T, S)    after mask and softmax
``blocks.0.heads``         (..., h, T, d)    each head's mixture of values
``blocks.0.attention``     (..., T, C)       what attention adds to the stream
``blocks.0.residual_mid``  (..., T, C)       the stream after that
``blocks.0.norm2``         (..., T, C)       its normed copy, which the feed-forward layer reads
``blocks.0.hidden``        (..., T, 4 C)     the neurons before GELU
``blocks.0.active``        (..., T, 4 C)     the neurons after GELU
``blocks.0.feed_forward``  (..., T, C)       what the feed-forward layer adds to the stream
``blocks.0.residual_out``  (..., T, C)       the stream as block 0 leaves it
``norm``                   (..., T, C)       the last normed copy
``logits``                 (..., T, V)       a score for every token to come next
=========================  ================  ====================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

import torch
from torch import Tensor

from llm_lib.attention import Hook
from llm_lib.gpt import GPT

_BLOCK = (
    *("residual_in", "norm1", "queries", "keys", "values", "scores", "weights", "heads"),
    *("attention", "residual_mid", "norm2", "hidden", "active", "feed_forward", "residual_out"),
)
PARTS = ("attention", "feed_forward")


def intermediate_names(n_layer: int) -> tuple[str, ...]:
    """The names of all intermediates, in the order in which a model calls its hook."""
    blocks = (f"blocks.{i}.{name}" for i in range(n_layer) for name in _BLOCK)
    return ("embedding.token", "embedding.position", "embedding", *blocks, "norm", "logits")


@torch.no_grad()
def record(
    model: GPT, ids: Tensor, names: Iterable[str] | None = None, hook: Hook | None = None
) -> dict[str, Tensor]:
    """Read ids ``(..., T)`` without dropout, and return the intermediates by name.

    Args:
        model: stays as it is, in training or evaluation mode.
        ids: token ids.
        names: those to keep; ``*`` stands for anything, as in ``"blocks.*.weights"``. All if None.
        hook: changes made on the way; what is recorded comes after them.

    Raises:
        ValueError: a name that no intermediate has.
    """
    wanted = _wanted(names, intermediate_names(len(model.blocks)))
    found: dict[str, Tensor] = {}

    def keep(name: str, value: Tensor) -> Tensor:
        if name in wanted:
            found[name] = value
        return value

    training = model.training
    model.eval()
    try:
        model(ids, hook=keep if hook is None else compose(hook, keep))
    finally:
        model.train(training)
    return found


class Edit:
    """A hook that changes the intermediate ``name`` and leaves all others alone.

    Raises:
        ValueError: from the model that it is used with: there is no such intermediate, or the
            change does not fit its shape.
    """

    def __init__(self, name: str, change: Callable[[Tensor], Tensor]) -> None:
        self.name = name
        self.change = change
        self._met: list[str] = []

    def __call__(self, name: str, value: Tensor) -> Tensor:
        # A hook cannot know the model that will call it. So it waits for the last name, and
        # complains if its own has not come by: else a wrong layer would silently change nothing.
        if name == "embedding.token":
            self._met.clear()
        self._met.append(name)
        if name == "logits" and self.name not in self._met:
            raise ValueError(_no_such_name(self.name, self._met))
        return self._changed(value) if name == self.name else value

    def _changed(self, value: Tensor) -> Tensor:
        changed = self.change(value)
        if changed.shape != value.shape:
            raise ValueError(
                f"{self.name} has shape {tuple(value.shape)}; "
                f"the replacement {tuple(changed.shape)} does not fit."
            )
        return changed


def replace(
    name: str, value: Tensor | Callable[[Tensor], Tensor], position: int | None = None
) -> Edit:
    """Put ``value`` in the place of an intermediate, or what ``value`` makes of it.

    A tensor from the recording of another text patches that text's activation into this one (Meng
    et al., "Locating and Editing Factual Associations in GPT", 2022, section 2.1).

    Args:
        name: of one intermediate.
        value: a tensor that broadcasts to its shape, or a function of the tensor it replaces, which
            must return a new one and leave the old as it is.
        position: replace only the row of this position of the T given ones; -1 is the last.
    """

    def change(old: Tensor) -> Tensor:
        new = value(old) if callable(value) else _broadcast(value, old)
        if position is None or new.shape != old.shape:
            return new
        if not -old.shape[-2] <= position < old.shape[-2]:
            raise ValueError(f"position is {position}; {name} has {old.shape[-2]} positions.")
        patched = old.clone()
        patched[..., position, :] = new[..., position, :]
        return patched

    return Edit(name, change)


def silence_head(layer: int, head: int) -> Edit:
    """One attention head adds nothing: its mixture is set to 0."""
    name = f"blocks.{layer}.heads"
    return Edit(name, lambda heads: _zeroed(heads, -3, head, f"{name} has no head"))


def silence_neuron(layer: int, neuron: int) -> Edit:
    """One neuron of a feed-forward layer never fires: it is 0 after GELU."""
    name = f"blocks.{layer}.active"
    return Edit(name, lambda active: _zeroed(active, -1, neuron, f"{name} has no neuron"))


def silence_part(layer: int, part: str) -> Edit:
    """``"attention"`` or ``"feed_forward"`` of one block adds nothing to the stream."""
    if part not in PARTS:
        raise ValueError(f"part is {part!r}; a block has {' and '.join(map(repr, PARTS))}.")
    return Edit(f"blocks.{layer}.{part}", torch.zeros_like)


def compose(*hooks: Hook) -> Hook:
    """One hook that applies several, the first one first."""

    def composed(name: str, value: Tensor) -> Tensor:
        for hook in hooks:
            value = hook(name, value)
        return value

    return composed


def _zeroed(value: Tensor, dim: int, index: int, complaint: str) -> Tensor:
    size = value.shape[dim]
    if not 0 <= index < size:
        raise ValueError(f"{complaint} {index}: they are 0 to {size - 1}.")
    zeroed = value.clone()
    zeroed.select(dim, index).zero_()
    return zeroed


def _broadcast(value: Tensor, like: Tensor) -> Tensor:
    try:
        return value.to(like.dtype).expand_as(like)
    except RuntimeError:
        return value  # of a wrong shape: Edit says so


def _wanted(patterns: Iterable[str] | None, names: tuple[str, ...]) -> set[str]:
    if patterns is None:
        return set(names)
    wanted = set()
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        matches = [name for name in names if fnmatchcase(name, pattern)]
        if not matches:
            raise ValueError(_no_such_name(pattern, names))
        wanted.update(matches)
    return wanted


def _no_such_name(name: str, names: Iterable[str]) -> str:
    outside = [n for n in names if not n.startswith("blocks.")]
    layers = {n.split(".")[1] for n in names if n.startswith("blocks.")}
    return (
        f"no intermediate is named {name!r}. There are {', '.join(outside)}; and blocks.i."
        f"{', .'.join(_BLOCK)} with i from 0 to {len(layers) - 1}."
    )
