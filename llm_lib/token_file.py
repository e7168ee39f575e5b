"""A file of token ids that is read in place: texts larger than memory, opened in no time.

The file is a header of 32 bytes, then the ids, two or four bytes each, little-endian. The header::

    bytes  field                why
    8      magic, LLMTOKEN      a file of another kind is refused
    2      version, 1           a later layout is refused, not misread
    2      bytes per id         two are enough up to 65,536 tokens, GPT-2's 50,257 included
    4      vocabulary size      ids of one tokenizer are not fed to another's model by accident
    8      count of ids         a file cut short is noticed
    4      CRC-32 of the ids    TokenFile.verify finds a changed byte
    4      CRC-32 of the header a damaged header is noticed

nanoGPT keeps the bare ids, with no header: smaller by 32 bytes, but a wrong dtype or a truncated
copy then trains on noise without a word.
"""

from __future__ import annotations

import itertools
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
import torch
from torch import Tensor

from llm_lib.atomic_write import replacing

MAGIC = b"LLMTOKEN"
VERSION = 1
CHUNK = 1 << 16  # ids handled at once: bounds the memory of writing and verifying

_FIELDS = struct.Struct("<8sHHIQI")  # all but the header's own checksum
_CHECKSUM = struct.Struct("<I")
HEADER_SIZE = _FIELDS.size + _CHECKSUM.size


class TokenFileError(ValueError):
    """The file is not a whole, undamaged token file."""


class _Header(NamedTuple):
    bytes_per_id: int
    vocab_size: int
    count: int
    crc: int

    def pack(self) -> bytes:
        fields = _FIELDS.pack(MAGIC, VERSION, *self)
        return fields + _CHECKSUM.pack(zlib.crc32(fields))


class TokenFile:
    """The ids of a token file, or of a part of it, read from disk only where they are asked for.

    ``len(tokens)`` is the number of ids, ``tokens[5]`` one id (an ``int``), ``tokens[2:9]`` an
    int64 tensor of its own (7,). Made by ``write_token_file`` and ``open_token_file``.
    """

    def __init__(self, path: Path, header: _Header, start: int, stop: int) -> None:
        self.path = path
        self.vocab_size = header.vocab_size
        self._header = header
        self._start, self._stop = start, stop
        whole = np.memmap(
            path, f"<u{header.bytes_per_id}", mode="r", offset=HEADER_SIZE, shape=(header.count,)
        )
        self._ids = whole[start:stop]

    @property
    def dtype(self) -> torch.dtype:
        """How an id is stored: ``torch.uint16`` or ``torch.uint32``. Slices are always int64."""
        return {2: torch.uint16, 4: torch.uint32}[self._header.bytes_per_id]

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Tensor: ...
    def __getitem__(self, index: int | slice) -> int | Tensor:
        if isinstance(index, slice):
            return torch.from_numpy(self._ids[index].astype(np.int64))
        return int(self._ids[index])

    def part(self, start: int, stop: int) -> TokenFile:
        """The ids ``start`` to ``stop`` as a token file of its own: nothing is read or copied."""
        if not 0 <= start < stop <= len(self):
            raise ValueError(
                f"part({start}, {stop}) of {len(self):,} ids: start and stop must satisfy "
                f"0 <= start < stop <= {len(self):,}."
            )
        return TokenFile(self.path, self._header, self._start + start, self._start + stop)

    def verify(self) -> None:
        """Read the whole file once and compare its checksum.

        Raises:
            TokenFileError: a byte of the ids has changed since the file was written.
        """
        crc = 0
        whole = TokenFile(self.path, self._header, 0, self._header.count)._ids
        for start in range(0, len(whole), CHUNK):
            crc = zlib.crc32(whole[start : start + CHUNK], crc)
        if crc != self._header.crc:
            raise _damaged(
                self.path,
                f"its ids have checksum {crc:08x}, but {self._header.crc:08x} was written",
            )

    def __repr__(self) -> str:
        return f"TokenFile({self.path.name!r}, {len(self):,} ids, vocab_size={self.vocab_size})"

    def __reduce__(self) -> tuple[object, ...]:
        # A worker process opens the file again; pickling the array would copy all of it.
        return _reopen, (self.path, self._start, self._stop)


def write_token_file(
    path: str | os.PathLike[str], ids: Iterable[int], vocab_size: int
) -> TokenFile:
    """Write token ids to a file, a chunk at a time, and open it.

    ``ids`` may be any iterable, such as ``tokenizer.encode_iterable(lines)``: memory use does not
    grow with its length. The file appears whole or not at all: it is written under a temporary
    name beside ``path`` and renamed at the end, and one that was there before stays until then.

    Raises:
        ValueError: no ids, an id outside ``0 … vocab_size - 1``, or a bad ``vocab_size``.
        TypeError: an id that is not an integer.
        OSError: the file cannot be written.
    """
    if not 1 <= vocab_size < 1 << 32:
        raise ValueError(
            f"vocab_size is {vocab_size}; it must be from 1 to {(1 << 32) - 1:,}. "
            "Pass the size of the tokenizer's vocabulary."
        )
    path = Path(path)
    bytes_per_id = 2 if vocab_size <= 1 << 16 else 4
    count, crc = 0, 0
    with replacing(path) as file:
        file.write(bytes(HEADER_SIZE))  # its place; the count is known only at the end
        for chunk in _chunks(ids):
            data = _checked(chunk, count, vocab_size).astype(f"<u{bytes_per_id}").tobytes()
            file.write(data)
            crc = zlib.crc32(data, crc)
            count += len(chunk)
        if count == 0:
            raise ValueError(f"no token ids to write to {path}: give at least one.")
        file.seek(0)
        file.write(_Header(bytes_per_id, vocab_size, count, crc).pack())
    return open_token_file(path)


def open_token_file(path: str | os.PathLike[str]) -> TokenFile:
    """Open a file made by ``write_token_file``. Only its header is read now.

    Raises:
        FileNotFoundError: there is no such file.
        TokenFileError: the file is of another kind, cut short, or its header is damaged.
    """
    path = Path(path)
    with path.open("rb") as file:
        raw = file.read(HEADER_SIZE)
        size = os.fstat(file.fileno()).st_size
    if not raw.startswith(MAGIC):
        raise TokenFileError(
            f"{path} is not a token file: it begins with {raw[:8]!r}, not {MAGIC!r}. "
            "Make one with write_token_file(path, ids, vocab_size)."
        )
    if len(raw) < HEADER_SIZE:
        raise _damaged(path, f"its header needs {HEADER_SIZE} bytes and it has {size}")
    _, version, *fields, crc = _FIELDS.unpack(raw[: _FIELDS.size])
    if _CHECKSUM.unpack(raw[_FIELDS.size :]) != (zlib.crc32(raw[: _FIELDS.size]),):
        raise _damaged(path, "the checksum of its header does not match")
    if version != VERSION:
        raise TokenFileError(
            f"{path} has layout version {version}; this llm_lib reads version {VERSION}. "
            "Write the file again, or use the llm_lib that wrote it."
        )
    header = _Header(*fields, crc)
    expected = HEADER_SIZE + header.count * header.bytes_per_id
    if size != expected:
        raise _damaged(
            path, f"{header.count:,} ids need {expected:,} bytes in all and it has {size:,}"
        )
    return TokenFile(path, header, 0, header.count)


def _reopen(path: Path, start: int, stop: int) -> TokenFile:
    return open_token_file(path).part(start, stop)


def _damaged(path: Path, what: str) -> TokenFileError:
    return TokenFileError(
        f"{path} is damaged: {what}. Copy it again from its source, or write it again."
    )


def _chunks(ids: Iterable[int]) -> Iterator[Tensor | np.ndarray | TokenFile | list[int]]:
    if isinstance(ids, (Tensor, np.ndarray, TokenFile)):  # slices are far faster than single ids
        for start in range(0, len(ids), CHUNK):
            yield ids[start : start + CHUNK]
        return
    iterator = iter(ids)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk


def _checked(chunk: Tensor | np.ndarray | list[int], offset: int, vocab_size: int) -> np.ndarray:
    """``chunk`` as an array, once each of its values is known to be an id of the vocabulary."""
    with suppress(ValueError, RuntimeError):  # numpy refuses ragged lists; the loop says where
        array = np.asarray(chunk)
        is_row = array.ndim == 1 and array.dtype.kind in "iu"
        if is_row and array.min() >= 0 and array.max() < vocab_size:
            return array
    rule = (
        f"ids must be integers from 0 to {vocab_size - 1}, since vocab_size is {vocab_size}. "
        "Encode with the tokenizer whose vocabulary has that size, or correct vocab_size."
    )
    values = chunk if isinstance(chunk, list) else chunk.tolist()
    for position, value in enumerate(values, start=offset):
        is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not is_integer or not 0 <= value < vocab_size:
            error = ValueError if is_integer else TypeError
            raise error(f"the id at position {position:,} is {value!r}; {rule}")
    return np.asarray(values, dtype=np.int64)
