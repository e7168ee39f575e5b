"""The odds of a tale's tokens are those of its grammar."""

import math

import pytest

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.tales import generate
from llm_lib.tales.odds import TokenOdds, forks
from llm_lib.tales.world import DOMAINS


@pytest.fixture(scope="module")
def odds() -> TokenOdds:
    tokenizer = book_tokenizer(1024)
    return TokenOdds(tokenizer.encode, tokenizer.decode)


@pytest.mark.parametrize("split", ["train", "validation", "heldout"])
def test_along_a_tale_they_multiply_to_its_probability(odds, split):
    for seed in range(60):
        told = odds.tell(seed, split)
        assert told.tale.text == generate(seed, split).text
        chances = [dict(here)[told.ids[at]] for at, here in told.odds.items()]
        assert math.log(math.prod(chances)) == pytest.approx(told.tale.log_prob, abs=1e-9)


def test_they_sum_to_one_and_leave_a_choice(odds):
    for seed in range(60):
        for here in odds.tell(seed).odds.values():
            assert len(here) > 1
            assert sum(chance for _, chance in here) == pytest.approx(1)
            assert len(dict(here)) == len(here)


def test_starts_are_where_the_tokens_begin(odds):
    told = odds.tell(3)
    ends = (*told.starts[1:], len(told.tale.text))
    pieces = [told.tale.text[start:end] for start, end in zip(told.starts, ends, strict=True)]
    assert "".join(pieces) == told.tale.text
    assert len(pieces) == len(told.ids)


def test_a_place_that_was_named_may_not_come_again(odds):
    """No word comes twice in a tale. The odds know it, whatever a model has learned."""
    named = {word["bare"] for word in DOMAINS["place"].words}
    for seed in range(20):
        tale, found = forks(seed)
        first, *others = (choice.value for choice in tale.choices if choice.kind == "place")
        # The last word of an option is the place, in whatever form: "behind the mill".
        offered = [{option.rstrip().split(" ")[-1] for option in fork.options} for fork in found]
        offered = [words for words in offered if words <= named]
        assert first in offered[0]
        assert len(offered) == 1 + len(others)
        for words in offered[1:]:
            assert first not in words


def test_tokens_that_come_too_late_are_an_error():
    """With 512 tokens "Then" begins as "The" does, and neither says yet which way it goes."""
    tokenizer = book_tokenizer(512)
    odds = TokenOdds(tokenizer.encode, tokenizer.decode)
    with pytest.raises(ValueError, match="larger vocabulary"):
        for seed in range(60):
            odds.tell(seed)


@pytest.mark.parametrize(
    ("seed", "split", "error"), [("0", "train", TypeError), (0, "x", ValueError)]
)
def test_bad_input_is_an_error(odds, seed, split, error):
    with pytest.raises(error):
        odds.tell(seed, split)
