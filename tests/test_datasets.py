"""llm_lib.datasets: every window is where it should be, and nothing leaks across a split."""

import random

import pytest
import torch

from llm_lib.datasets import (
    TokenDataset,
    create_dataloader,
    split_documents,
    split_stream,
    train_validation_split,
)
from llm_lib.token_file import TokenFile, write_token_file

# Windows


def naive_windows(ids, context_size, stride):
    """The definition, slowly: every start at which inputs and targets both fit."""
    starts = [s for s in range(0, len(ids), stride) if s + context_size + 1 <= len(ids)]
    return [(ids[s : s + context_size], ids[s + 1 : s + 1 + context_size]) for s in starts]


def as_lists(dataset):
    return [(x.tolist(), y.tolist()) for x, y in dataset]


def test_by_hand():
    dataset = TokenDataset([10, 11, 12, 13, 14, 15, 16], context_size=3)
    assert as_lists(dataset) == [([10, 11, 12], [11, 12, 13]), ([13, 14, 15], [14, 15, 16])]
    assert (len(dataset), dataset.left_over) == (2, 0)


def test_windows_equal_the_definition_for_every_small_size():
    for n in range(2, 14):
        ids = list(range(100, 100 + n))
        for context_size in range(1, n):
            for stride in range(1, n + 2):
                dataset = TokenDataset(ids, context_size, stride)
                expected = naive_windows(ids, context_size, stride)
                assert as_lists(dataset) == expected
                assert len(dataset) == len(expected)
                assert dataset.left_over == ids[-1] - expected[-1][1][-1]


def test_the_default_stride_makes_each_token_a_target_once_at_most():
    dataset = TokenDataset(range(100), context_size=8)
    targets = torch.cat([y for _, y in dataset]).tolist()
    assert targets == list(range(1, 97))
    assert dataset.left_over == 3  # 97, 98 and 99


@pytest.mark.parametrize("form", ["list", "int64", "int32", "uint16", "file"])
def test_every_kind_of_tokens_gives_the_same_int64_windows(form, tmp_path):
    ids = [5, 1, 4, 1, 5, 9, 2, 6]
    tokens = {
        "list": lambda: ids,
        "int64": lambda: torch.tensor(ids),
        "int32": lambda: torch.tensor(ids, dtype=torch.int32),
        "uint16": lambda: torch.tensor(ids, dtype=torch.uint16),
        "file": lambda: write_token_file(tmp_path / "tokens", ids, 10),
    }[form]()
    dataset = TokenDataset(tokens, context_size=3, stride=2)
    assert as_lists(dataset) == naive_windows(ids, 3, 2)
    assert all(part.dtype == torch.int64 for part in dataset[0])


def test_indexing_from_the_end_and_past_it():
    dataset = TokenDataset(range(10), context_size=4)
    assert dataset[-1][0].tolist() == [4, 5, 6, 7]
    assert dataset[-2][0].tolist() == [0, 1, 2, 3]
    for index in (2, -3):
        with pytest.raises(IndexError, match=f"window {index} of 2"):
            dataset[index]


# Batches


def test_batches_are_the_windows_in_order():
    loader = create_dataloader(range(100), context_size=4, batch_size=3, shuffle=False)
    inputs, targets = next(iter(loader))
    assert inputs.shape == targets.shape == (3, 4)
    assert inputs.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert torch.equal(targets, inputs + 1)


@pytest.mark.parametrize(("drop_last", "sizes"), [(True, [10, 10]), (False, [10, 10, 4])])
def test_drop_last(drop_last, sizes):
    loader = create_dataloader(range(100), 4, batch_size=10, drop_last=drop_last)
    assert [len(inputs) for inputs, _ in loader] == sizes
    assert len(loader) == len(sizes)


def epochs(n_epochs, **options):
    loader = create_dataloader(range(401), 4, batch_size=10, **options)
    return [torch.cat([x[:, 0] for x, _ in loader]).tolist() for _ in range(n_epochs)]


def test_the_seed_fixes_every_epoch():
    torch.manual_seed(1)
    first = epochs(2, seed=3)
    torch.manual_seed(2)  # the global generator has no say
    assert epochs(2, seed=3) == first
    assert epochs(2, seed=4) != first


def test_each_epoch_has_all_windows_in_an_order_of_its_own():
    one, two = epochs(2, seed=0)
    assert one != two
    assert sorted(one) == sorted(two) == list(range(0, 400, 4))


def test_worker_processes_give_the_same_batches(tmp_path):
    tokens = write_token_file(tmp_path / "tokens", range(101), 101).part(0, 101)
    loaders = [create_dataloader(tokens, 4, batch_size=5, num_workers=n) for n in (0, 1)]
    assert [loader.num_workers for loader in loaders] == [0, 1]
    alone, workers = ([x.tolist() for x, _ in loader] for loader in loaders)
    assert alone == workers


# Bad input


@pytest.mark.parametrize("n", [2, 8])
def test_context_longer_than_the_text(n):
    with pytest.raises(
        ValueError, match=rf"context_size is {n}, .* {n} tokens: .* at most {n - 1}, or a longer"
    ):
        TokenDataset(range(n), context_size=n)


@pytest.mark.parametrize("tokens", [[], [7]])
def test_a_text_too_short_for_any_context(tokens):
    with pytest.raises(ValueError, match=rf"the text has {len(tokens)} tokens.*Give a longer text"):
        TokenDataset(tokens, context_size=1)


@pytest.mark.parametrize("value", [0, -1, 2.5, "4", True])
@pytest.mark.parametrize("name", ["context_size", "stride", "batch_size"])
def test_sizes_below_one_or_not_whole(name, value):
    with pytest.raises(ValueError, match=rf"{name} is {value!r}; it must be a whole number"):
        create_dataloader(range(50), **{"context_size": 4, name: value})


def test_drop_last_leaving_nothing():
    with pytest.raises(ValueError, match=r"batch_size is 4, .* only 3 windows.*at most 3"):
        create_dataloader(range(13), 4, batch_size=4)
    assert len(create_dataloader(range(13), 4, batch_size=4, drop_last=False)) == 1


@pytest.mark.parametrize("tokens", ["a text", ["a", "b"], [1.5, 2.5], torch.rand(9), [[1], [2, 3]]])
def test_tokens_that_are_not_ids(tokens):
    with pytest.raises(TypeError, match="token ids are whole numbers"):
        TokenDataset(tokens, context_size=1)


def test_tokens_in_rows():
    with pytest.raises(ValueError, match=r"shape \(3, 4\); give one row"):
        TokenDataset(torch.zeros(3, 4, dtype=torch.long), context_size=2)


# Splits


@pytest.mark.parametrize(
    ("n", "fraction", "cut"), [(10, 0.2, 8), (10, 0.25, 8), (3, 0.01, 2), (3, 0.99, 1), (2, 0.5, 1)]
)
def test_a_stream_is_cut_once(n, fraction, cut):
    train, validation = split_stream(list(range(n)), fraction)
    assert train.tolist() == list(range(cut))
    assert validation.tolist() == list(range(cut, n))


def test_no_window_crosses_the_cut():
    train, validation = train_validation_split(torch.arange(100), 0.3)
    seen = {int(i) for window in TokenDataset(train, 8, 1) for part in window for i in part}
    held = {int(i) for window in TokenDataset(validation, 8, 1) for part in window for i in part}
    assert (seen, held) == (set(range(70)), set(range(70, 100)))


def test_a_token_file_is_split_into_token_files(tmp_path):
    tokens = write_token_file(tmp_path / "tokens", range(100), 100)
    train, validation = train_validation_split(tokens, 0.1)
    assert isinstance(train, TokenFile) and isinstance(validation, TokenFile)
    assert torch.equal(torch.cat((train[:], validation[:])), tokens[:])
    assert len(validation) == 10


def documents(n=50, repeats=3):
    texts = [f"story {i % n}" for i in range(n * repeats)]
    random.Random(0).shuffle(texts)
    return texts


def test_equal_documents_never_straddle_the_split():
    train, validation = train_validation_split(documents(), 0.2)
    assert set(train) & set(validation) == set()
    assert sorted(train + validation) == sorted(documents())
    assert len(set(validation)) == 10  # 0.2 of the distinct ones
    assert len(validation) == 30  # with their repeats


def test_documents_keep_their_order():
    train, validation = split_documents(documents(), 0.2)
    assert train == [d for d in documents() if d in set(train)]
    assert validation == [d for d in documents() if d in set(validation)]


def test_the_split_of_documents_depends_on_content_and_seed_alone():
    _, validation = split_documents(documents(), 0.2, seed=1)
    _, reordered = split_documents(sorted(documents(), reverse=True), 0.2, seed=1)
    _, without_repeats = split_documents(sorted(set(documents())), 0.2, seed=1)
    assert set(validation) == set(reordered) == set(without_repeats)
    assert set(validation) != set(split_documents(documents(), 0.2, seed=2)[1])


def test_the_split_is_the_same_in_every_process_and_version():
    _, validation = split_documents([f"story {i}" for i in range(10)], 0.3)
    assert validation == ["story 0", "story 1", "story 5"]


def test_documents_of_ids():
    rows = [[1, 2], [3], [1, 2], [4, 5, 6]]
    train, validation = train_validation_split(rows, 0.4)
    tensors = train_validation_split([torch.tensor(row) for row in rows], 0.4)
    assert [[d.tolist() for d in side] for side in tensors] == [train, validation]
    assert [1, 2] not in (validation if [1, 2] in train else train)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
@pytest.mark.parametrize("given", [[1, 2, 3], ["a", "b", "c"]])
def test_fractions_outside_the_rule(given, fraction):
    with pytest.raises(ValueError, match=f"validation_fraction is {fraction}; it must lie"):
        train_validation_split(given, fraction)


@pytest.mark.parametrize("given", [[], [1], torch.tensor([1]), ["a"], ["a", "a", "a"]])
def test_too_little_for_two_sides(given):
    with pytest.raises(ValueError, match=r"[01] distinct .* cannot make two sides"):
        train_validation_split(given, 0.5)


def test_one_text_is_not_a_list_of_documents():
    with pytest.raises(TypeError, match="documents is one text; give a list of texts"):
        train_validation_split("once upon a time", 0.5)
