"""``python -m llm_lib generate``: a model continues a prompt, printed as it is written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from llm_lib.tokenizers import BPETokenizer

if TYPE_CHECKING:
    from llm_lib.gpt import GPT

END_OF_TEXT = "<|endoftext|>"

DESCRIPTION = """\
Let a model continue a text. The text appears as it is written, and ends where the model ends it.
The same seed writes the same text.
"""
EXAMPLES = """
examples:
  python -m llm_lib generate --prompt "Near the"
  python -m llm_lib generate --prompt "Near the" --temperature 0       always the likeliest token
  python -m llm_lib generate --temperature 1.3 --min-p 0.1 --seed 7    wilder, but not absurd
  python -m llm_lib generate --model my-model --max-new-tokens 1000

A model is a folder with config.json, model.safetensors and tokenizer.json, in the layout of
Hugging Face's GPT-2.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``generate`` to the commands."""
    parser = subparsers.add_parser(
        "generate",
        help="let a model continue a text",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model", type=Path, metavar="FOLDER", help="the model (default: the book's Storyteller)")
    add("--prompt", default="", metavar="TEXT", help="how the text begins (default: a new text)")
    add("--max-new-tokens", type=int, default=200, metavar="N", help="stop after N (default: 200)")
    add("--seed", type=int, default=0, metavar="N", help="of all chance (default: 0)")
    drawing = parser.add_argument_group("how a token is drawn")
    add = drawing.add_argument
    drawing.set_defaults(temperature=1.0, repetition_penalty=1.0)
    boldness = "below 1 bolder, above 1 wilder, 0 the likeliest (default: 1)"
    add("--temperature", type=float, metavar="T", help=boldness)
    add("--top-k", type=int, metavar="K", help="only the K likeliest")
    add("--top-p", type=float, metavar="P", help="only the likeliest, with probability P together")
    add("--min-p", type=float, metavar="P", help="only those at least P as likely as the likeliest")
    novelty = "above 1 avoids tokens that the text holds (default: 1)"
    add("--repetition-penalty", type=float, metavar="X", help=novelty)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Load the model and print the prompt and what follows it."""
    from llm_lib.generation import stream, text_of

    model, tokenizer = load_model(args.model)
    end_of_text = tokenizer.special_tokens.get(END_OF_TEXT)
    # A text that a model has read in training came after this token, so ours does too.
    ids = [] if end_of_text is None else [end_of_text]
    ids += tokenizer.encode_ordinary(args.prompt)
    if not ids:
        raise ValueError(f"this tokenizer has no {END_OF_TEXT} to begin a text: give a --prompt")
    tokens = stream(
        model,
        ids,
        args.max_new_tokens,
        stop_tokens=() if end_of_text is None else (end_of_text,),
        seed=args.seed,
        temperature=args.temperature,
        top_k=args.top_k,
        top_p=args.top_p,
        min_p=args.min_p,
        repetition_penalty=args.repetition_penalty,
    )
    print(args.prompt, end="", flush=True)
    for piece in text_of(tokenizer, (token for token in tokens if token != end_of_text)):
        print(piece, end="", flush=True)
    print()


def load_model(folder: Path | None) -> tuple[GPT, BPETokenizer]:
    """The model and the tokenizer of a folder; of Storyteller's for None.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: a file is damaged, or the tokenizer has tokens that the model does not know.
    """
    from llm_lib.gpt import GPT
    from llm_lib.texts import data_dir

    folder = data_dir() / "storyteller" if folder is None else folder
    model = GPT.from_pretrained(folder)
    tokenizer = BPETokenizer.load(folder / "tokenizer.json")
    if tokenizer.vocab_size > model.config.vocab_size:
        raise ValueError(
            f"{folder}: the tokenizer has {tokenizer.vocab_size} tokens and the model knows "
            f"{model.config.vocab_size}; they do not belong together"
        )
    return model, tokenizer
