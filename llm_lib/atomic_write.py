"""Writing files whole or not at all: who reads a file sees the old one or the new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

FilePath = str | os.PathLike[str]


@contextmanager
def replacing(path: FilePath) -> Iterator[BinaryIO]:
    """A file to write that takes the name ``path`` only when the block ends well.

    Raises:
        OSError: the file cannot be written. A file that was there before is then unchanged.
    """
    target = Path(path).resolve()  # a link keeps pointing at the file it names
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        _require_writable(target)
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        if error.filename not in (None, str(temporary), str(target)):
            raise  # another file's trouble, met inside the block
        raise type(error)(
            error.errno,
            f"cannot write the file ({error.strerror}); nothing was changed: give the path of a "
            "file in an existing folder that you may write to, on a disk with space left",
            os.fspath(path),
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # still there only where something went wrong


def write_text(path: FilePath, text: str) -> None:
    """Write a UTF-8 file, line endings as they are in ``text``; raises as :func:`replacing`."""
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def _require_writable(target: Path) -> None:
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(13, "the file is read-only")
