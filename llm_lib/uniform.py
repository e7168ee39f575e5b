"""Numbers between 0 and 1 that come out the same in Python and in the page, from the same seed.

The generator is sfc32, "small fast counting", by Chris Doty-Humphrey (PractRand, 2010): four
32-bit words of state, additions and shifts only, so that JavaScript's integers hold all of it.
It is statistically good and not for secrets. In full (all words modulo 2³²)::

    start     a = stream,  b = seed mod 2³²,  c = seed div 2³²,  counter = 1;  throw 12 words away
    a word    word = a + b + counter;  counter = counter + 1
              a = b xor (b >> 9);  b = c + (c << 3);  c = rotate_left(c, 21) + word
    a number  word / 2³², at least 0 and below 1

With stream 0 this is PractRand's own ``sfc32`` seeded with a 64-bit integer. A number picks a token
by the inverse of the cumulative distribution, in float64 and in the order of the ids::

    total = p[0] + p[1] + … + p[V - 1]
    token = the first i with  number · total < p[0] + … + p[i]

The strict comparison means that a token of probability 0 is never picked, and the multiplication by
the total that rounding leaves no gap at the end.
"""

from __future__ import annotations

MASK = 0xFFFFFFFF
MAX_SEED = 2**53 - 1  # the largest whole number that JavaScript counts up to without a gap


class Uniform:
    """A row of numbers in [0, 1), the same one for the same seed and stream.

    >>> numbers = Uniform(seed=1)
    >>> round(numbers.next(), 6), round(numbers.next(), 6)
    (0.46849, 0.435933)

    Args:
        seed: 0 to 2⁵³ - 1.
        stream: 0 to 2³² - 1. Streams of one seed are unrelated rows of numbers: one for each text
            of a batch, so that a text does not depend on what is written beside it.

    Raises:
        ValueError: a seed or stream that is not a whole number in its range.
    """

    def __init__(self, seed: int, stream: int = 0) -> None:
        _require_whole("seed", seed, MAX_SEED)
        _require_whole("stream", stream, MASK)
        self._a, self._b, self._c = stream, seed & MASK, seed >> 32
        self._counter = 1
        for _ in range(12):
            self.next_word()

    def next(self) -> float:
        """The next number: at least 0, below 1, a multiple of 2⁻³²."""
        return self.next_word() / 2**32

    def next_word(self) -> int:
        """The next 32 random bits, as an integer."""
        word = (self._a + self._b + self._counter) & MASK
        self._counter = (self._counter + 1) & MASK
        self._a = self._b ^ (self._b >> 9)
        self._b = (self._c + (self._c << 3)) & MASK
        self._c = (((self._c << 21) | (self._c >> 11)) + word) & MASK
        return word


def _require_whole(name: str, value: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from 0 to {most:,}.")
