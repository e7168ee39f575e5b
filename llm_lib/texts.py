"""The texts of the book by name, every byte of them checked before use.

The short story and the models of the book ship with it, in ``data_dir()``. Classic texts and
GPT-2's vocabulary are other people's: they are looked for in the folder that the environment
variable ``LLM_LIB_DATA`` names, then in the user's cache, and otherwise downloaded into that cache
once. Each file is pinned by its SHA-256, so a number printed in a chapter is a number about
exactly the text that the reader has.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DATA_VARIABLE = "LLM_LIB_DATA"


@dataclass(frozen=True)
class _PinnedFile:
    path: str  # relative to the folder that holds it, with "/"
    sha256: str
    url: str | None = None  # None: it ships with the book


_FILES = {
    "follow-copy": _PinnedFile(
        "follow-copy.txt",
        "045c542ea4fdfac60199b2d78ff6a10203c47fe76bc5e6795bc1c201a495472f",
    ),
    "the-verdict": _PinnedFile(
        "the-verdict.txt",
        "b41e41a68f0398a3154ae69e2e4c0e2694e17fe0d66730536837f1b01935b31f",
        "https://raw.githubusercontent.com/rasbt/LLMs-from-scratch"
        "/28c65cdfbc3338e2e040016eea4b7fdf556e4d57/ch02/01_main-chapter-code/the-verdict.txt",
    ),
    "tiny-shakespeare": _PinnedFile(
        "tiny-shakespeare.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "https://raw.githubusercontent.com/karpathy/char-rnn"
        "/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
    ),
    "gpt2/encoder.json": _PinnedFile(
        "gpt2/encoder.json",
        "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/encoder.json",
    ),
    "gpt2/vocab.bpe": _PinnedFile(
        "gpt2/vocab.bpe",
        "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/vocab.bpe",
    ),
}


def available_texts() -> tuple[str, ...]:
    """The names that `load_text` takes, the short story of the book first."""
    return tuple(name for name, file in _FILES.items() if file.path.endswith(".txt"))


def load_text(name: str) -> str:
    """The whole text called `name`, line ends as they are in the file.

    Raises what `text_path` raises, and ``ValueError`` for a name that is no text.
    """
    _require_known(name, available_texts(), "text")
    return text_path(name).read_bytes().decode("utf-8")  # bytes: no newline translation


def text_path(name: str) -> Path:
    """Where the file called `name` lies on this machine; downloads it if it must.

    Takes the names of `available_texts()`, ``"gpt2/encoder.json"`` and ``"gpt2/vocab.bpe"``.

    Raises:
        ValueError: the name is unknown, or the file is not the one that the book was written with.
        FileNotFoundError: the short story is missing from the installation.
        NotADirectoryError: ``LLM_LIB_DATA`` names something that is not a folder.
        PermissionError: the cache cannot be written.
        ConnectionError: the download failed; nothing of it is kept.
    """
    _require_known(name, _FILES, "file")
    file = _FILES[name]
    if file.url is None:
        return _verified(data_dir() / file.path, file)
    for folder in (_readers_folder(), _cache_folder()):
        if folder is not None and (folder / file.path).exists():
            return _verified(folder / file.path, file)
    return _download(file, _cache_folder() / file.path)


def data_dir() -> Path:
    """The folder of what ships with the book: ``data/`` in a clone, ``_data/`` in a wheel."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_data", package.parent / "data"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"the book's data is in neither {package / '_data'} nor {package.parent / 'data'}: "
        "install llm-lib again, or work from a full clone of the repository"
    )


def _require_known(name: str, known: Iterable[str], kind: str) -> None:
    names = list(known)
    if name in names:
        return
    close = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no {kind} called {name!r}; there are {', '.join(names)}.{hint}")


def _readers_folder() -> Path | None:
    named = os.environ.get(DATA_VARIABLE)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise NotADirectoryError(
            f"{DATA_VARIABLE} is {named!r}, which is not a folder: correct it, or unset it"
        )
    return folder


def _cache_folder() -> Path:
    import pooch  # here, so that what ships with the book loads without it

    return Path(pooch.os_cache("llm-lib"))


def _verified(path: Path, file: _PinnedFile) -> Path:
    """`path`, once its bytes are known to be the pinned ones."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found == file.sha256:
        return path
    remedy = (
        "restore it with git, or install llm-lib again"
        if file.url is None
        else "delete it and call again"
    )
    raise ValueError(
        f"{path} is not the file that the book was written with: expected sha256 {file.sha256}, "
        f"got {found}. It may be cut short or edited; {remedy}."
    )


def _download(file: _PinnedFile, target: Path) -> Path:
    """Fetch into the cache. pooch writes beside the target, checks the sum, and then renames."""
    import pooch

    by_hand = (
        f"You can also download {file.url} by hand: save it as {file.path} in a folder of yours, "
        f"and set {DATA_VARIABLE} to that folder."
    )
    _require_writable(target.parent, by_hand)
    try:
        pooch.retrieve(file.url, f"sha256:{file.sha256}", target.name, target.parent)
    except OSError as error:  # every error of requests is one
        raise ConnectionError(f"could not download {file.path}: {error}. {by_hand}") from error
    except ValueError as error:
        raise ValueError(
            f"what arrived for {file.path} is not the file that the book was written with, "
            f"and was thrown away: {error} Call again. {by_hand}"
        ) from error
    return target


def _require_writable(folder: Path, by_hand: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PermissionError(
            f"cannot write to the cache {folder}: {error}. Make it writable. {by_hand}"
        ) from error
