"""Weights in one byte each: a whole number from -127 to 127, times one scale for each row.

So a model travels at a quarter of its size. The largest entry of a row becomes ±127, and every
other is off by at most half a step, 1/254 of that largest. Dettmers et al., "LLM.int8()" (2022),
section 2.1, describe this scheme (there with the rounding done while computing). No torch is
needed, so the site can be built without it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST = 127  # of an int8; -128 is left out so that the range is the same on both sides


def quantize(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix (R, C) as whole numbers (R, C) and the scale of each row (R,).

    Quantizing what ``dequantize`` returns gives the same whole numbers again.

    Raises:
        ValueError: not a matrix, or an entry that is not a finite number.
    """
    if weight.ndim != 2:
        raise ValueError(f"weight has shape {weight.shape}; only matrices (R, C) are quantized.")
    largest = np.abs(weight).max(axis=1, initial=0.0)  # (R,)
    if not np.isfinite(largest).all():
        raise ValueError("weight holds NaN or an infinity; it cannot be quantized.")
    scale = (largest / LARGEST).astype(np.float32)
    divisor = np.where(scale > 0, scale, 1)  # a row of zeros stays zeros
    return np.rint(weight / divisor[:, None]).clip(-LARGEST, LARGEST).astype(np.int8), scale


def dequantize(numbers: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """The float32 matrix (R, C) that the whole numbers stand for."""
    return numbers.astype(np.float32) * scale.astype(np.float32)[:, None]
