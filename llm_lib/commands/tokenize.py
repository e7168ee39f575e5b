"""``python -m llm_lib tokenize``: what a tokenizer makes of a text file."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from llm_lib.book_tokenizer import LARGEST, book_tokenizer
from llm_lib.tokenizers import BPETokenizer
from llm_lib.tokenizers.files import read_text_chunks

EXAMPLES = """
examples:
  python -m llm_lib tokenize my.txt
  python -m llm_lib tokenize my.txt --tokenizer data/storyteller --show 100
  python -m llm_lib tokenize my.txt --out my.tokens      for training: llm_lib.token_file opens it
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``tokenize`` to the commands."""
    parser = subparsers.add_parser(
        "tokenize",
        help="turn a text file into tokens",
        description="Turn a UTF-8 text file of any size into tokens: show the first, count all of\n"
        "them, and with --out keep their ids.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("text", type=Path, metavar="FILE", help="the text")
    add(
        "--tokenizer",
        metavar="WHICH",
        default=str(LARGEST),
        help="a tokenizer.json, a model's folder, or a size of the book's own, 257 to "
        f"{LARGEST:,} tokens (default: {LARGEST})",
    )
    add("--show", type=int, default=20, metavar="N", help="show the first N tokens (default: 20)")
    add("--out", type=Path, metavar="FILE", help="write the ids to a token file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Print the first tokens and the counts; write the ids if asked to."""
    if args.show < 0:
        raise ValueError(f"--show is {args.show}; it must be 0 or more")
    tokenizer = load_tokenizer(args.tokenizer)
    text = _Counted(read_text_chunks(args.text))
    # Special tokens that happen to stand in a file are read as the ordinary text that they are.
    ids = _Counted(_shown(tokenizer.encode_iterable(text, (), ()), tokenizer, args.show))
    if args.out is None:
        for _ in ids:
            pass
    else:
        from llm_lib.token_file import write_token_file

        write_token_file(args.out, ids, tokenizer.vocab_size)
        print(f"{args.out}: {args.out.stat().st_size:,} bytes")
    per_token = f", {text.size / ids.count:.2f} characters each" if ids.count else ""
    print(f"{text.size:,} characters, {ids.count:,} tokens{per_token}")


def load_tokenizer(which: str) -> BPETokenizer:
    """The tokenizer of a file or of a model's folder, or the book's own of that size."""
    if which.isdecimal():
        return book_tokenizer(int(which))
    path = Path(which)
    return BPETokenizer.load(path / "tokenizer.json" if path.is_dir() else path)


def _shown(ids: Iterable[int], tokenizer: BPETokenizer, most: int) -> Iterator[int]:
    """The ids again; the first ``most`` are printed, one to a line with the bytes it stands for."""
    for index, id_ in enumerate(ids):
        if index < most:
            print(f"{id_:>6}  {_readable(tokenizer.decode_bytes([id_]))}")
        yield id_


def _readable(token: bytes) -> str:
    try:
        return repr(token.decode())
    except UnicodeDecodeError:
        return f"bytes {token.hex(' ')}, part of a character"


class _Counted:
    """Passes items on and counts them, and the characters of those that are strings."""

    def __init__(self, items: Iterable[str] | Iterable[int]) -> None:
        self._items = items
        self.count = self.size = 0

    def __iter__(self) -> Iterator:
        for item in self._items:
            self.count += 1
            self.size += len(item) if isinstance(item, str) else 1
            yield item
