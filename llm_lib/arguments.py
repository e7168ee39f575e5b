"""Checks of what a caller gave: each error names it, says what is allowed, and what to do."""

from __future__ import annotations


def require_positive(meaning: str = "", /, **sizes: int) -> None:
    """Raise ValueError for the first of the sizes that is not a whole number of at least 1.

    ``meaning``, if given, ends the message: what the number stands for, or a good value of it.
    """
    for name, value in sizes.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            rule = "it must be a whole number of at least 1"
            raise ValueError(f"{name} is {value!r}; {rule}{meaning and f': {meaning}'}.")


def require_probability(name: str, value: float) -> float:
    """The value again, or ValueError if it is not in [0, 1)."""
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value!r}; it must be at least 0 and below 1, like 0.1.")
    return value


def require_equal_heads(n_embd: int, n_head: int) -> None:
    """Raise ValueError unless the width can be dealt out to the heads in equal shares."""
    require_positive(n_embd=n_embd, n_head=n_head)
    if n_embd % n_head:
        divisors = [n for n in range(1, n_embd + 1) if n_embd % n == 0]
        raise ValueError(
            f"n_embd is {n_embd} and n_head {n_head}: every head gets n_embd / n_head columns, "
            f"so n_head must divide n_embd. {n_embd} allows {', '.join(map(str, divisors))}."
        )
