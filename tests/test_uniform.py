"""llm_lib.uniform: the numbers are sfc32's, and so the page's."""

import pytest

from llm_lib.uniform import MAX_SEED, Uniform

# Computed by a C program with uint32_t arithmetic, written from PractRand's definition.
WORDS = {
    (0, 0): [1363572419, 145230303, 808754475, 4216505632, 947923937, 2491578854],
    (1, 0): [2012149540, 1872316204, 1707632675, 1779833415, 2026416846, 1661539736],
    (1, 1): [268331381, 981390851, 218991173, 4097991310, 174395833, 9652337],
    (42, 7): [550967473, 2144908431, 3484033959, 622589944, 1935740476, 4156035759],
    (MAX_SEED, 2**32 - 1): [1510432173, 3451761195, 280319670, 4206466659, 2960250315, 2731238230],
}


@pytest.mark.parametrize(("seed", "stream"), WORDS)
def test_words_are_those_of_the_c_program(seed, stream):
    numbers = Uniform(seed, stream)
    assert [numbers.next_word() for _ in range(6)] == WORDS[seed, stream]


def test_a_number_is_a_word_over_two_to_the_32():
    words, numbers = Uniform(42, 7), Uniform(42, 7)
    assert [numbers.next() for _ in range(6)] == [words.next_word() / 2**32 for _ in range(6)]


def test_the_state_stays_in_32_bits():
    numbers = Uniform(MAX_SEED)
    numbers._counter = 2**32 - 2  # about to turn over
    assert all(0 <= numbers.next() < 1 for _ in range(1000))
    assert numbers._counter == 998


def chi_square(counts):
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


@pytest.mark.parametrize("how", ["along a stream", "across streams", "across seeds"])
def test_numbers_are_spread_evenly(how):
    if how == "along a stream":
        row = Uniform(3)
        numbers = [row.next() for _ in range(20_000)]
    elif how == "across streams":
        numbers = [Uniform(3, stream).next() for stream in range(20_000)]
    else:
        numbers = [Uniform(seed).next() for seed in range(20_000)]
    counts = [0] * 100
    for number in numbers:
        counts[int(number * 100)] += 1
    assert 60 < chi_square(counts) < 150  # 99 degrees of freedom: far beyond both is 1 in 1,000


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 1.0, True, None, "1"])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(ValueError, match=r"seed is .*from 0 to 9,007,199,254,740,991"):
        Uniform(seed)


def test_bad_streams_are_refused():
    with pytest.raises(ValueError, match="stream is 4294967296"):
        Uniform(0, 2**32)
