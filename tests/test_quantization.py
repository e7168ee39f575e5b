"""Weights in one byte each."""

import numpy as np
import pytest

from llm_lib.quantization import dequantize, quantize

RNG = np.random.default_rng(0)


def test_every_entry_is_off_by_at_most_half_a_step():
    weight = RNG.normal(size=(50, 30)).astype(np.float32) * RNG.lognormal(size=(50, 1))
    numbers, scale = quantize(weight.astype(np.float32))
    assert numbers.dtype == np.int8
    assert (np.abs(numbers).max(axis=1) == 127).all()
    off = np.abs(dequantize(numbers, scale) - weight)
    assert (off <= scale[:, None] * 0.501).all()


def test_what_was_rounded_rounds_to_itself():
    weight = RNG.normal(size=(200, 64)).astype(np.float32)
    numbers, scale = quantize(weight)
    again, scale_again = quantize(dequantize(numbers, scale))
    assert np.array_equal(numbers, again)
    np.testing.assert_allclose(scale_again, scale, rtol=1e-6)


def test_a_row_of_zeros_stays_zeros():
    weight = np.array([[0, 0, 0], [0, -2, 1]], dtype=np.float32)
    numbers, scale = quantize(weight)
    assert numbers.tolist() == [[0, 0, 0], [0, -127, 64]]
    assert scale.tolist() == [0, pytest.approx(2 / 127)]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(bad):
    with pytest.raises(ValueError, match="NaN or an infinity"):
        quantize(np.array([[1, bad]], dtype=np.float32))


def test_only_matrices_are_quantized():
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        quantize(np.zeros(3, dtype=np.float32))
