"""Reading text files in chunks, with errors that say where."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK_BYTES = 1 << 16


def read_text_chunks(path: str | os.PathLike[str]) -> Iterator[str]:
    """Yields the text of a UTF-8 file in chunks, line endings as they are on disk.

    Raises:
        OSError: the file cannot be opened.
        ValueError: the file is not UTF-8; the message says at which byte.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    n_decoded = 0  # bytes behind the text already yielded
    with open(path, "rb") as file:
        while True:
            data = file.read(CHUNK_BYTES)
            n_pending = len(decoder.getstate()[0])  # the start of a character cut by the chunk
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                offset = n_decoded - n_pending + error.start
                raise ValueError(
                    f"{os.fspath(path)} is not UTF-8: byte {offset} is "
                    f"0x{error.object[error.start]:02x} ({error.reason}); convert the file first, "
                    "for instance with: iconv -f WINDOWS-1252 -t UTF-8"
                ) from error
            n_decoded += len(data)
            if text:
                yield text
            if not data:
                return


@contextmanager
def naming_files(*paths: str | os.PathLike[str]) -> Iterator[None]:
    """Adds the names of the files to a ValueError about what they hold."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"cannot read {' and '.join(map(os.fspath, paths))}: {error}") from error
