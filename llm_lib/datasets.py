"""From a long row of token ids to batches of (inputs, targets), and to two sides of a split.

A language model learns to say which token comes next. So each training example is a window of the
text, and its targets are the same window moved on by one token:

    tokens    the  cat  sat  on  the  mat  .
    inputs    the  cat  sat  on
    targets        cat  sat  on  the

A window of ``context_size`` inputs needs ``context_size + 1`` tokens, and gives ``context_size``
predictions to learn from, one at each position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from llm_lib.arguments import require_positive
from llm_lib.token_file import TokenFile

Tokens: TypeAlias = "Tensor | TokenFile | Sequence[int]"
Document = TypeVar("Document", str, bytes, Sequence[int], Tensor)


class TokenDataset(Dataset[tuple[Tensor, Tensor]]):
    """Windows over a row of token ids: item ``i`` is ``(inputs (T,), targets (T,))``, int64.

    Window ``i`` begins at token ``i * stride``. With ``stride == context_size`` (the default) the
    windows lie end to end and each token is a target at most once; a smaller stride makes them
    overlap; a larger one skips text.

    The number of windows is exactly ``(N - 1 - T) // stride + 1`` for N tokens and a context of T.
    The first token is never a target (nothing comes before it), and the last ``left_over`` tokens
    are in no window: there are too few of them for another. Nothing is padded.

    Args:
        tokens: N ids: a tensor (N,), a ``TokenFile`` (never loaded whole) or a sequence of ints.
        context_size: T, the number of inputs in a window.
        stride: how many tokens on the next window begins; ``context_size`` if not given.

    Raises:
        ValueError: a context longer than the text allows, or a size below 1.
        TypeError: tokens that are not integers.
    """

    def __init__(self, tokens: Tokens, context_size: int, stride: int | None = None) -> None:
        stride = context_size if stride is None else stride
        require_positive("the number of tokens a window shows", context_size=context_size)
        require_positive("context_size makes the windows lie end to end", stride=stride)
        self.tokens = _as_row(tokens)
        if len(self.tokens) < context_size + 1:
            raise ValueError(
                f"context_size is {context_size}, but the text has {len(self.tokens)} tokens: a "
                f"window needs {context_size + 1}, since its targets reach one token further. "
                f"{_shorter_context(len(self.tokens))}"
            )
        self.context_size = context_size
        self.stride = stride

    def __len__(self) -> int:
        return (len(self.tokens) - 1 - self.context_size) // self.stride + 1

    @property
    def left_over(self) -> int:
        """The number of tokens at the end of the text that no window reaches."""
        last_start = (len(self) - 1) * self.stride
        return len(self.tokens) - (last_start + self.context_size + 1)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"window {index} of {len(self)}: use 0 to {len(self) - 1}.")
        start = (index % len(self)) * self.stride
        window = self.tokens[start : start + self.context_size + 1].long()  # (T + 1,)
        return window[:-1], window[1:]  # (T,), (T,)


def create_dataloader(
    tokens: Tokens,
    context_size: int,
    stride: int | None = None,
    batch_size: int = 8,
    shuffle: bool = True,
    drop_last: bool = True,
    seed: int = 0,
    num_workers: int = 0,
) -> DataLoader[tuple[Tensor, Tensor]]:
    """Batches ``(inputs (B, T), targets (B, T))`` of the windows of ``TokenDataset``.

    With ``shuffle``, ``seed`` fixes the order of every epoch: two loaders made alike give the same
    batches, epoch by epoch, and each epoch its own order. ``drop_last`` leaves out a last batch of
    fewer than ``batch_size`` windows, so that all steps weigh the same.

    Raises:
        ValueError: as ``TokenDataset``; a batch size below 1; or ``drop_last`` leaving no batch.
    """
    require_positive("the number of windows in one step", batch_size=batch_size)
    dataset = TokenDataset(tokens, context_size, stride)
    if drop_last and len(dataset) < batch_size:
        raise ValueError(
            f"batch_size is {batch_size}, but the text has only {len(dataset)} windows, and "
            "drop_last=True leaves out a batch that is not full: nothing would remain. "
            f"Use a batch_size of at most {len(dataset)}, a smaller stride, or drop_last=False."
        )
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=shuffle,
        drop_last=drop_last,
        generator=torch.Generator().manual_seed(seed),
        num_workers=num_workers,
    )


def split_stream(tokens: Tokens, validation_fraction: float) -> tuple[Tokens, Tokens]:
    """Cut one row of tokens in two: the beginning to train on, the end to validate on.

    Each side gets a dataset of its own, so no window crosses the cut. (Shuffling *windows* and
    then splitting would leak: overlapping windows would put the same text on both sides.)
    The validation side has ``round(N * validation_fraction)`` tokens, but each side at least one.
    Both come back as tensors, or as ``TokenFile`` parts: such a file is cut without reading it.
    """
    row = _as_row(tokens)
    cut = len(row) - _size_of_validation(len(row), validation_fraction, "tokens")
    if isinstance(row, TokenFile):
        return row.part(0, cut), row.part(cut, len(row))
    return row[:cut], row[cut:]


def split_documents(
    documents: Sequence[Document], validation_fraction: float, seed: int = 0
) -> tuple[list[Document], list[Document]]:
    """Divide documents between training and validation, equal documents always together.

    The D *distinct* documents are ranked by a hash of their content and the seed, and the first
    ``round(D * validation_fraction)`` of them (at least one, and not all) validate. So the split
    depends on neither the order of the documents nor how often one is repeated, and is the same on
    every machine. Each side keeps the documents' order, repeats included.
    """
    if isinstance(documents, (str, bytes)):
        raise TypeError("documents is one text; give a list of texts, or split its tokens instead.")
    keys = [_fingerprint(document, seed) for document in documents]
    ranked = sorted(set(keys))
    held_out = set(ranked[: _size_of_validation(len(ranked), validation_fraction, "documents")])
    train = [d for d, key in zip(documents, keys, strict=True) if key not in held_out]
    validation = [d for d, key in zip(documents, keys, strict=True) if key in held_out]
    return train, validation


def train_validation_split(
    tokens_or_documents: Tokens | Sequence[Document], validation_fraction: float, seed: int = 0
) -> tuple[Tokens | list[Document], Tokens | list[Document]]:
    """``(train, validation)`` with nothing of one side in the other.

    A row of token ids is cut once (``split_stream``; it has no use for the seed); a list of
    documents, each a text or a row of ids, is divided by whole documents (``split_documents``).

    Raises:
        ValueError: a fraction not between 0 and 1, or too little text for two sides.
    """
    given = tokens_or_documents
    if isinstance(given, (Tensor, TokenFile, np.ndarray)) or isinstance(
        next(iter(given), None), (int, np.integer)
    ):
        return split_stream(given, validation_fraction)
    return split_documents(given, validation_fraction, seed)


def _as_row(tokens: Tokens) -> Tensor | TokenFile:
    if isinstance(tokens, TokenFile):
        return tokens
    rule = "token ids are whole numbers: encode the text first, or pass tokens.long()."
    try:
        row = torch.as_tensor(tokens) if len(tokens) else torch.empty(0, dtype=torch.int64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"tokens is not one row of token ids ({error}); {rule}") from error
    if row.is_floating_point() or row.is_complex() or row.dtype == torch.bool:
        raise TypeError(f"tokens has dtype {row.dtype}; {rule}")
    if row.ndim != 1:
        raise ValueError(
            f"tokens has shape {tuple(row.shape)}; give one row of ids (N,), "
            "for instance tokens.flatten()."
        )
    return row


def _shorter_context(n_tokens: int) -> str:
    if n_tokens < 2:
        return "Give a longer text."
    return f"Use a context_size of at most {n_tokens - 1}, or a longer text."


def _size_of_validation(total: int, fraction: float, what: str) -> int:
    if not 0 < fraction < 1:
        raise ValueError(
            f"validation_fraction is {fraction}; it must lie between 0 and 1, both excluded. "
            "0.1 holds out a tenth."
        )
    if total < 2:
        raise ValueError(f"{total} distinct {what} cannot make two sides: give at least 2.")
    return min(max(round(total * fraction), 1), total - 1)


def _fingerprint(document: Document, seed: int) -> bytes:
    """A hash of the content: equal documents, equal fingerprints, in every process."""
    if isinstance(document, str):
        content = b"text" + document.encode("utf-8", "surrogatepass")
    elif isinstance(document, bytes):
        content = b"byte" + document
    else:
        content = b"ids." + np.asarray(document, dtype="<i8").tobytes()
    return hashlib.blake2b(content, digest_size=16, key=str(seed).encode()).digest()
