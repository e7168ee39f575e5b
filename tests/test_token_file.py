"""llm_lib.token_file: ids survive the trip to disk; a damaged file never passes for a whole one."""

import itertools
import os
import pickle
import tracemalloc

import numpy as np
import pytest
import torch

from llm_lib import token_file
from llm_lib.token_file import (
    CHUNK,
    HEADER_SIZE,
    TokenFile,
    TokenFileError,
    open_token_file,
    write_token_file,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "text.tokens"


@pytest.mark.parametrize(("vocab_size", "dtype"), [(65_536, torch.uint16), (65_537, torch.uint32)])
def test_ids_come_back_in_the_narrowest_type_that_holds_them(path, vocab_size, dtype):
    ids = [0, 1, vocab_size - 1, 7, 7]
    write_token_file(path, iter(ids), vocab_size)
    tokens = open_token_file(path)
    assert tokens[:].tolist() == ids
    assert tokens[:].dtype == torch.int64
    assert (len(tokens), tokens.vocab_size, tokens.dtype) == (5, vocab_size, dtype)
    assert path.stat().st_size == HEADER_SIZE + len(ids) * dtype.itemsize


@pytest.mark.parametrize("vocab_size", [1 << 16, 1 << 20])
@pytest.mark.parametrize("form", [list, iter, np.array, torch.tensor], ids=lambda f: f.__name__)
def test_every_kind_of_iterable_across_chunk_borders(path, form, vocab_size):
    ids = [i * 7919 % 50_000 for i in range(2 * CHUNK + 3)]
    tokens = write_token_file(path, form(ids), vocab_size)
    assert tokens[:].tolist() == ids
    tokens.verify()


def test_a_token_file_can_be_written_from_another(path, tmp_path):
    first = write_token_file(path, range(100), 100)
    second = write_token_file(tmp_path / "copy.tokens", first.part(10, 20), 2**20)
    assert second[:].tolist() == list(range(10, 20))


@pytest.mark.parametrize(
    "index", [slice(2, 5), slice(None), slice(-3, None), slice(None, None, -2), slice(5, 5)]
)
def test_slices_are_those_of_a_list(path, index):
    ids = list(range(10, 20))
    assert write_token_file(path, ids, 20)[index].tolist() == ids[index]


def test_single_ids_and_iteration(path):
    tokens = write_token_file(path, [4, 5, 6], 10)
    assert (tokens[0], tokens[-1], list(tokens)) == (4, 6, [4, 5, 6])
    assert type(tokens[0]) is int
    with pytest.raises(IndexError):
        tokens[3]


def test_a_slice_is_a_tensor_of_its_own(path):
    tokens = write_token_file(path, [1, 2, 3], 10)
    tokens[:].zero_()
    assert tokens[:].tolist() == [1, 2, 3]


def test_part_is_a_token_file_over_some_of_the_ids(path):
    tokens = write_token_file(path, range(100), 100)
    part = tokens.part(20, 50).part(5, 10)
    assert isinstance(part, TokenFile)
    assert part[:].tolist() == [25, 26, 27, 28, 29]
    part.verify()


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (2, 2), (0, 4)])
def test_part_outside_the_file(path, start, stop):
    tokens = write_token_file(path, [1, 2, 3], 10)
    with pytest.raises(ValueError, match=rf"part\({start}, {stop}\) of 3 ids"):
        tokens.part(start, stop)


def test_pickling_sends_the_path_not_the_ids(path):
    part = write_token_file(path, range(50_000), 50_000).part(100, 40_000)
    data = pickle.dumps(part)
    assert len(data) < 1_000
    assert torch.equal(pickle.loads(data)[:], part[:])


def test_writing_is_streamed(path):
    n = 8 * CHUNK  # over 16 MB as a list of int
    tracemalloc.start()
    write_token_file(path, (i % 50_000 for i in range(n)), 50_257)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6


def test_repr_names_the_file_and_no_address(path):
    assert repr(write_token_file(path, [1], 10)) == "TokenFile('text.tokens', 1 ids, vocab_size=10)"


# What must be refused


@pytest.mark.parametrize("form", [list, np.array, torch.tensor], ids=lambda f: f.__name__)
@pytest.mark.parametrize("wrong", [-1, 10, 2**40])
def test_an_id_out_of_range_is_named_with_its_position_and_the_rule(path, form, wrong):
    ids = form([3] * (CHUNK + 5) + [wrong, 3])
    with pytest.raises(ValueError, match=rf"position 65,541 is {wrong}; .* from 0 to 9, .* is 10"):
        write_token_file(path, ids, 10)
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize(
    "ids",
    [[1, 2.0], [1, "2"], [1, None], [True, False], [1, [2]], torch.ones(2, 2).long(), [2, 2**70]],
    ids=str,
)
def test_what_is_not_an_id_is_refused(path, ids):
    with pytest.raises((TypeError, ValueError), match=r"the id at position \d .* integers from 0"):
        write_token_file(path, ids, 10)
    assert os.listdir(path.parent) == []


def test_floats_are_never_rounded(path):
    with pytest.raises(TypeError, match=r"position 0 is 1\.5"):
        write_token_file(path, np.array([1.5, 2.5]), 10)


def test_no_ids(path):
    with pytest.raises(ValueError, match="no token ids to write"):
        write_token_file(path, [], 10)
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize("vocab_size", [0, -5, 1 << 32])
def test_vocab_size_out_of_range(path, vocab_size):
    with pytest.raises(ValueError, match=f"vocab_size is {vocab_size}; it must be from 1"):
        write_token_file(path, [0], vocab_size)


def test_a_failure_keeps_the_former_file_and_leaves_nothing_half_written(path):
    write_token_file(path, [1, 2, 3], 10)

    def breaks_off():
        yield from itertools.repeat(5, 2 * CHUNK)
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        write_token_file(path, breaks_off(), 10)
    assert os.listdir(path.parent) == [path.name]
    assert open_token_file(path)[:].tolist() == [1, 2, 3]


def test_an_open_file_outlives_its_replacement(path):
    before = write_token_file(path, [1, 2, 3], 10)
    write_token_file(path, [9, 9], 10)
    assert before[:].tolist() == [1, 2, 3]
    assert open_token_file(path)[:].tolist() == [9, 9]


def test_a_folder_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot write the file.*existing folder.*absent"):
        write_token_file(tmp_path / "absent" / "text.tokens", [1], 10)


def test_no_permission(path, monkeypatch):
    write_token_file(path, [7], 10)
    monkeypatch.setattr("os.access", lambda *_: False)  # tests may run as root, who may everything
    with pytest.raises(PermissionError, match=r"existing folder that you may write to"):
        write_token_file(path, [1], 10)
    assert open_token_file(path)[:].tolist() == [7]


def test_no_such_file(path):
    with pytest.raises(FileNotFoundError, match=r"text\.tokens"):
        open_token_file(path)


def test_every_truncation_is_noticed(path):
    write_token_file(path, [1, 2, 3], 10)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(TokenFileError, match=r"damaged|not a token file"):
            open_token_file(path)


def test_bytes_added_at_the_end_are_noticed(path):
    write_token_file(path, [1, 2, 3], 10)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(TokenFileError, match="3 ids need 38 bytes in all and it has 39"):
        open_token_file(path)


def test_every_changed_byte_is_noticed(path):
    write_token_file(path, [1, 2, 3], 10)
    whole = path.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(changed)
        with pytest.raises(TokenFileError, match=r"damaged|not a token file"):
            open_token_file(path).verify()


def test_a_foreign_file_is_named_as_such(path):
    path.write_bytes(np.arange(1000, dtype=np.uint16).tobytes())  # nanoGPT's bare ids
    with pytest.raises(TokenFileError, match=r"not a token file: .*write_token_file"):
        open_token_file(path)


def test_a_later_version_is_refused(path, monkeypatch):
    monkeypatch.setattr(token_file, "VERSION", 2)
    with monkeypatch.context() as inner:
        inner.setattr(token_file, "open_token_file", lambda path: None)
        write_token_file(path, [1], 10)
    monkeypatch.undo()
    with pytest.raises(TokenFileError, match="layout version 2; this llm_lib reads version 1"):
        open_token_file(path)
