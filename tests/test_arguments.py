"""llm_lib.arguments: each error names what was given and says what is allowed."""

import pytest

from llm_lib.arguments import require_equal_heads, require_positive, require_probability


def test_the_first_bad_size_is_named_with_its_meaning():
    require_positive(rows=1, columns=2)
    with pytest.raises(ValueError, match=r"^columns is 0; .* of at least 1\.$"):
        require_positive(rows=1, columns=0, depth=-1)
    with pytest.raises(ValueError, match=r"at least 1: how far the next window begins\.$"):
        require_positive("how far the next window begins", stride=0)


def test_probabilities_below_1():
    assert require_probability("dropout", 0.5) == 0.5
    for value in (-0.1, 1, float("nan")):
        with pytest.raises(ValueError, match=rf"dropout is {value}; it must be at least 0"):
            require_probability("dropout", value)


def test_heads_share_the_width_equally():
    require_equal_heads(12, 4)
    with pytest.raises(ValueError, match=r"n_embd is 12 and n_head 5: .* 1, 2, 3, 4, 6, 12\."):
        require_equal_heads(12, 5)
