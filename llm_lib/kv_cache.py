"""What a model need not compute twice: the keys and values of the tokens it has already read.

Under the causal mask a token's keys and values depend on nothing after it, so they stay what they
are while the text grows. Kept, each new token costs one row instead of the whole text. Pope et al.,
"Efficiently Scaling Transformer Inference" (2022), section 2.
"""

from __future__ import annotations

import torch
from torch import Tensor


class LayerCache:
    """Keys and values of one layer: room for ``block_size`` positions, ``length`` of them filled.

    The room is taken once: adding a token writes one row and copies nothing. It is for reading and
    writing texts, not for training: no gradient flows into what is kept.
    """

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.keys = keys  # (..., h, block_size, d)
        self.values = values
        self.length = 0

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of T more positions ``(..., h, T, d)``; all so far ``(..., h, length, d)``.

        Raises:
            ValueError: no room for them, or a batch or heads of another shape.
        """
        self._require_fitting(keys)
        end = self.length + keys.shape[-2]
        if end > self.keys.shape[-2]:
            raise ValueError(
                f"the cache holds {self.length} of {self.keys.shape[-2]} positions; "
                f"{keys.shape[-2]} more do not fit. Start a new cache with the last tokens only."
            )
        self.keys[..., self.length : end, :] = keys.detach()
        self.values[..., self.length : end, :] = values.detach()
        self.length = end
        return self.keys[..., :end, :], self.values[..., :end, :]

    def _require_fitting(self, keys: Tensor) -> None:
        *room, _, width = self.keys.shape
        *given, _, given_width = keys.shape
        if (given, given_width) != (room, width):
            raise ValueError(
                f"the cache is for (batch..., heads) {tuple(room)} with {width} numbers each, and "
                f"got {tuple(given)} with {given_width}. Make it for the model and the batch that "
                "use it: model.new_cache(*ids.shape[:-1])."
            )


class KVCache:
    """One ``LayerCache`` for each layer of a model, for texts read piece by piece.

    Args:
        n_layer, n_head, head_size, block_size: the sizes of the model.
        batch_shape: the leading dimensions of the ids that will be read, ``()`` for a single text.
        dtype, device: those of the model.
    """

    def __init__(
        self,
        n_layer: int,
        n_head: int,
        head_size: int,
        block_size: int,
        batch_shape: tuple[int, ...] = (),
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        shape = (n_layer, 2, *batch_shape, n_head, block_size, head_size)
        self.block_size = block_size
        self.storage = torch.zeros(shape, dtype=dtype, device=device)
        self.layers = [LayerCache(self.storage[i, 0], self.storage[i, 1]) for i in range(n_layer)]

    @property
    def length(self) -> int:
        """The number of positions read so far."""
        return self.layers[0].length

    @property
    def n_bytes(self) -> int:
        """The memory it takes, for all ``block_size`` positions."""
        return self.storage.numel() * self.storage.element_size()

    def truncate(self, length: int) -> None:
        """Forget all positions from ``length`` on."""
        if not 0 <= length <= self.length:
            raise ValueError(f"length is {length}; the cache holds 0 to {self.length} positions.")
        for layer in self.layers:
            layer.length = length
