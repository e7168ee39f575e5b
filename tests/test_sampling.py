"""llm_lib.sampling: each way to reshape a distribution, by hand and against `transformers`."""

import math

import pytest
import torch

from llm_lib.sampling import (
    SamplingOptions,
    apply_temperature,
    choose,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    next_token_probabilities,
    penalize_repetition,
    sample,
    tokens_seen,
)
from llm_lib.uniform import Uniform

# Probabilities 0.5, 0.25, 0.15, 0.1 in an order that is not that of the ids.
LOGITS = torch.tensor([0.15, 0.5, 0.1, 0.25]).double().log()


def kept(logits):
    return [index for index, logit in enumerate(logits.tolist()) if logit > -math.inf]


def test_the_defaults_are_softmax():
    expected = torch.tensor([0.15, 0.5, 0.1, 0.25]).double()
    torch.testing.assert_close(next_token_probabilities(LOGITS), expected)


@pytest.mark.parametrize(
    ("k", "ids"), [(1, [1]), (2, [1, 3]), (3, [0, 1, 3]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])]
)
def test_top_k_keeps_the_k_likeliest(k, ids):
    assert kept(keep_top_k(LOGITS, k)) == ids


@pytest.mark.parametrize("k", [None, 0])
def test_no_top_k_is_no_limit(k):
    assert kept(keep_top_k(LOGITS, k)) == [0, 1, 2, 3]


def test_top_k_keeps_exactly_k_and_of_equals_the_lower_ids():
    assert kept(keep_top_k(torch.tensor([1.0, 2.0, 1.0, 1.0, 2.0]), 3)) == [0, 1, 4]
    assert kept(keep_top_k(torch.zeros(5), 2)) == [0, 1]


@pytest.mark.parametrize(
    ("p", "ids"),
    [
        (0, [1]),
        (0.49, [1]),
        (0.51, [1, 3]),
        (0.74, [1, 3]),
        (0.76, [0, 1, 3]),
        (0.91, [0, 1, 2, 3]),
        (1, [0, 1, 2, 3]),
        (None, [0, 1, 2, 3]),
    ],
)
def test_top_p_keeps_the_fewest_that_hold_p_together(p, ids):
    assert kept(keep_top_p(LOGITS, p)) == ids


def test_top_p_takes_equals_by_the_lower_id():
    assert kept(keep_top_p(torch.zeros(8), 0.3)) == [0, 1, 2]
    assert kept(keep_top_p(torch.zeros(8), 0)) == [0]


def test_top_p_1_keeps_even_what_rounding_would_lose():
    logits = torch.tensor([0.0, -60.0, -100.0]).double()  # e^-100 is far below the last digit of 1
    assert kept(keep_top_p(logits, 1)) == [0, 1, 2]
    assert next_token_probabilities(logits, SamplingOptions(top_p=1.0))[2] > 0


@pytest.mark.parametrize(
    ("min_p", "ids"),
    [(None, [0, 1, 2, 3]), (0, [0, 1, 2, 3]), (0.25, [0, 1, 3]), (0.4, [1, 3]), (1, [1])],
)
def test_min_p_compares_with_the_likeliest(min_p, ids):
    assert kept(keep_min_p(LOGITS, min_p)) == ids


def test_min_p_1_keeps_equals():
    assert kept(keep_min_p(torch.tensor([2.0, 1.0, 2.0]), 1)) == [0, 2]


def test_temperature_0_is_argmax_and_of_equals_the_lowest_id():
    logits = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, 0.0, 5.0]])
    greedy = SamplingOptions(temperature=0)
    expected = [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert next_token_probabilities(logits, greedy).tolist() == expected
    assert choose(logits, [0.99] * 3, greedy).tolist() == [1, 0, 2]


def test_temperature_divides_differences():
    probabilities = next_token_probabilities(LOGITS, SamplingOptions(temperature=0.5))
    squares = torch.tensor([0.15, 0.5, 0.1, 0.25]).double() ** 2
    torch.testing.assert_close(probabilities, squares / squares.sum())


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e300])
def test_no_temperature_overflows(temperature):
    logits = torch.tensor([3.0, 1.0, 2.0])
    probabilities = next_token_probabilities(logits, SamplingOptions(temperature=temperature))
    expected = [1, 0, 0] if temperature < 1 else [1 / 3] * 3
    assert probabilities.tolist() == pytest.approx(expected)
    assert apply_temperature(logits, 1) is logits


def test_repetition_makes_seen_tokens_less_likely_whatever_their_sign():
    logits = torch.tensor([2.0, -2.0, 2.0, -2.0])
    seen = tokens_seen(torch.tensor([1, 0, 0]), 4)
    assert seen.tolist() == [True, True, False, False]
    assert penalize_repetition(logits, seen, 2.0).tolist() == [1.0, -4.0, 2.0, -2.0]
    assert penalize_repetition(logits, seen, 0.5).tolist() == [4.0, -1.0, 2.0, -2.0]


def test_repetition_comes_before_temperature_0():
    logits = torch.tensor([[2.0, 1.5]])
    options = SamplingOptions(temperature=0, repetition_penalty=2.0)
    assert choose(logits, [0.0], options, torch.tensor([[True, False]])).tolist() == [1]


@pytest.mark.parametrize("seed", range(12))
def test_all_together_equal_transformers(seed):
    from transformers.generation import logits_process as hf

    draw = torch.Generator().manual_seed(seed)

    def between(low, high):
        return low + (high - low) * torch.rand((), generator=draw).item()

    vocab_size = int(between(5, 3000))
    logits = 4 * torch.randn(3, vocab_size, generator=draw, dtype=torch.float64)
    ids = torch.randint(vocab_size, (3, 7), generator=draw)
    options = SamplingOptions(
        temperature=between(0.2, 2),
        top_k=int(between(1, 1.2 * vocab_size)),
        top_p=between(0.05, 1),
        min_p=between(0, 0.2),
        repetition_penalty=between(0.7, 2),
    )
    scores = logits
    for processor in (
        hf.RepetitionPenaltyLogitsProcessor(options.repetition_penalty),
        hf.TemperatureLogitsWarper(options.temperature),
        hf.TopKLogitsWarper(options.top_k),
        hf.TopPLogitsWarper(options.top_p),
        hf.MinPLogitsWarper(options.min_p),
    ):
        scores = processor(ids, scores)
    ours = next_token_probabilities(logits, options, tokens_seen(ids, vocab_size))
    torch.testing.assert_close(ours, scores.softmax(-1))
    assert torch.equal(ours > 0, scores > -math.inf)


def test_any_leading_dimensions_row_by_row():
    logits = torch.randn(2, 3, 40, generator=torch.Generator().manual_seed(0))
    options = SamplingOptions(0.7, top_k=20, top_p=0.8, min_p=0.01)
    together = next_token_probabilities(logits, options)
    assert together.shape == (2, 3, 40)
    for i in range(2):
        for j in range(3):
            alone = next_token_probabilities(logits[i, j], options)
            assert torch.equal(together[i, j], alone)


@pytest.mark.parametrize("options", [SamplingOptions(), SamplingOptions(temperature=0)])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([1.0, math.nan], "logits hold NaN"),
        ([1.0, math.inf], r"logits hold \+inf"),
        ([-math.inf, -math.inf], "all logits of a row are -inf"),
    ],
)
def test_numbers_that_are_none_are_refused(bad, message, options):
    with pytest.raises(ValueError, match=message):
        next_token_probabilities(torch.tensor([[0.0, 1.0], bad]), options)
    with pytest.raises(ValueError, match=message):
        choose(torch.tensor([[0.0, 1.0], bad]), [0.5, 0.5], options)


def test_a_forbidden_token_stays_forbidden():
    logits = torch.tensor([-math.inf, 1.0, 0.0])
    for options in (SamplingOptions(2.0, top_k=3, top_p=1.0), SamplingOptions(top_p=0.999)):
        assert next_token_probabilities(logits, options)[0] == 0


def test_logits_without_a_vocabulary_are_refused():
    with pytest.raises(ValueError, match=r"logits has shape \(2, 0\)"):
        next_token_probabilities(torch.empty(2, 0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -0.1}, "temperature is -0.1; it must be 0"),
        ({"temperature": math.nan}, "temperature is nan"),
        ({"temperature": math.inf}, "temperature is inf"),
        ({"temperature": None}, "temperature is None"),
        ({"top_k": -1}, "top_k is -1; it must be a whole number, 0 for no limit"),
        ({"top_k": 2.0}, "top_k is 2.0"),
        ({"top_k": True}, "top_k is True"),
        ({"top_p": 1.01}, "top_p is 1.01; it must be from 0 to 1"),
        ({"top_p": -0.01}, "top_p is -0.01"),
        ({"min_p": 2}, "min_p is 2; it must be from 0 to 1"),
        ({"min_p": "0.1"}, "min_p is '0.1'"),
        ({"repetition_penalty": 0}, "repetition_penalty is 0; it must be above 0"),
    ],
)
def test_options_outside_their_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SamplingOptions(**options)


# Drawing


@pytest.mark.parametrize(
    ("number", "token"),
    [(0.0, 1), (0.249, 1), (0.25, 2), (0.749, 2), (0.75, 4), (1 - 2**-32, 4)],
)
def test_a_number_picks_a_token_by_the_cumulative_distribution(number, token):
    # Tokens 0, 3 and 5 have probability 0 and are never drawn, at no border.
    probabilities = torch.tensor([0.0, 0.25, 0.5, 0.0, 0.25, 0.0])
    assert sample(probabilities, number).item() == token


def test_rounding_leaves_no_gap_at_the_end():
    probabilities = torch.full((10,), 0.1, dtype=torch.float64)  # their sum is 1 - 2⁻⁵³
    assert sample(probabilities * 0.999, 1 - 2**-32).item() == 9


def test_rows_are_drawn_with_numbers_of_their_own():
    probabilities = torch.tensor([0.5, 0.5]).expand(2, 3, 2)
    numbers = torch.tensor([[0.1, 0.6, 0.2], [0.7, 0.8, 0.3]])
    assert sample(probabilities, numbers).tolist() == [[0, 1, 0], [1, 1, 0]]


@pytest.mark.parametrize("number", [-0.1, 1.0, math.nan])
def test_numbers_outside_0_to_1_are_refused(number):
    with pytest.raises(ValueError, match="cannot draw with number"):
        sample(torch.tensor([0.5, 0.5]), number)


@pytest.mark.parametrize("probabilities", [[0.0, 0.0], [math.nan, 1.0], [math.inf, 1.0]])
def test_probabilities_that_are_none_are_refused(probabilities):
    with pytest.raises(ValueError, match="from probabilities of sum"):
        sample(torch.tensor(probabilities), 0.5)


@pytest.mark.parametrize(
    "options",
    [
        SamplingOptions(),
        SamplingOptions(temperature=1.5),
        SamplingOptions(temperature=0.7, top_k=5),
        SamplingOptions(top_p=0.8),
        SamplingOptions(temperature=2.0, min_p=0.2),
    ],
    ids=str,
)
def test_draws_follow_the_distribution(options):
    """Pearson's chi-square over 20,000 draws; the bound is far beyond what chance gives."""
    logits = torch.randn(12, generator=torch.Generator().manual_seed(5))
    probabilities = next_token_probabilities(logits, options)
    row = Uniform(11)
    numbers = torch.tensor([row.next() for _ in range(20_000)], dtype=torch.float64)
    drawn = sample(probabilities.expand(20_000, 12), numbers)
    counts = torch.bincount(drawn, minlength=12).double()
    possible = probabilities > 0
    assert counts[~possible].sum() == 0
    expected = 20_000 * probabilities[possible]
    chi_square = ((counts[possible] - expected) ** 2 / expected).sum().item()
    degrees = int(possible.sum()) - 1
    assert chi_square < degrees + 4 * math.sqrt(2 * degrees) + 8
