"""Reading text files in chunks, and writing files whole or not at all."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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


def write_text_atomically(path: str | os.PathLike[str], text: str) -> None:
    """Writes a UTF-8 file so that readers see the old file or the new one, never a part.

    Raises:
        OSError: the file cannot be written. A file that was there before is then unchanged.
    """
    target = Path(path).resolve()  # a link keeps pointing at the file it names
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(13, "the file is read-only")
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise type(error)(
            error.errno,
            f"cannot write the file ({error.strerror}); nothing was changed: give the path of a "
            "file in an existing folder that you may write to, on a disk with space left",
            os.fspath(path),
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # still there only where something went wrong
