"""``python -m llm_lib train``: train the book's own model."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

ABOUT = """\
Train Storyteller, the GPT of the book, on Tales, the book's little stories.

It draws tales, and for each of their tokens what else could have stood there, which takes
some minutes. It learns from these odds for half an hour on two cores, writes down its loss
on whole stories beside the lowest loss that any model can reach, and at the end has the
tales it writes graded. The folder then holds the model in Hugging Face's GPT-2 layout, the
curve (log.csv), what was measured (card.json), and the weights on the way (replay/).
"""

EXAMPLES = """\
examples:
  python -m llm_lib train tales --out data/storyteller        the model that the book ships
  python -m llm_lib train tales --out /tmp/mine --steps 500   a first look, in minutes
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "train",
        help="train a model",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("corpus", choices=["tales"], help="what to read")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="what to write")
    parser.add_argument("--steps", type=int, metavar="N", help="how many steps to take")
    parser.add_argument("--seed", type=int, metavar="N", help="of the weights and the tales")
    parser.add_argument("--threads", type=int, metavar="N", help="processor cores to compute on")
    parser.add_argument(
        "--graded", type=int, default=1000, metavar="N", help="tales to write and grade at the end"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Train, and say what came of it.

    Raises:
        ValueError: a number that makes no sense.
        OSError: the folder cannot be written.
    """
    if args.out.exists() and not args.out.is_dir():
        raise ValueError(f"--out: {args.out} is a file; give a folder.")
    for name in ("threads", "steps", "graded"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise ValueError(f"--{name} is {value}; it must be at least 1.")

    import torch

    from llm_lib.training.storyteller import Recipe, train_storyteller

    if args.threads:
        torch.set_num_threads(args.threads)
    recipe = Recipe() if args.steps is None else Recipe().shortened(args.steps)
    if args.seed is not None:
        recipe = replace(recipe, seed=args.seed)
    card = train_storyteller(args.out, recipe, args.graded)
    loss, grade = card["validation"], card["temperature_1.0"]
    print(f"loss on whole stories: {loss['loss']} nats per token; the floor is {loss['floor']}")
    print(f"tales without a fault: {grade['straight']} of {grade['written']}")
    print(f"written: {args.out}")
