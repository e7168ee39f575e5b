"""``python -m llm_lib``: the library from the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from llm_lib import __version__
from llm_lib.commands import generate, tokenize, train

COMMANDS = (tokenize, train, generate)

EXAMPLES = """
examples:
  python -m llm_lib generate --prompt "Near the"     a tale, by the book's own model
  python -m llm_lib tokenize my.txt                  what the tokenizer makes of a text
  python -m llm_lib train tales --out my-model       a model like the book's, trained here

Every command explains itself: python -m llm_lib generate --help
"""


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m llm_lib",
        description="Building a large language model from scratch: the book's library at work.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"llm_lib {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0 if done, 1 if interrupted, 2 if it cannot do what was asked."""
    args = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal may lack some of the characters
    try:
        args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 1
    except ImportError as error:
        return _fail(f"{error}; install what the book needs: pip install 'llm-lib[torch]'")
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.strerror else str(error))
    except (ValueError, IndexError) as error:
        return _fail(str(error))
    return 0


def _fail(message: str) -> int:
    print(f"llm_lib: {' '.join(message.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
