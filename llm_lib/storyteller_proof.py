"""Numbers from PyTorch that the page compares its own with.

``python -m llm_lib.storyteller_proof`` makes them, after the weights have changed. The model reads
the beginnings of three tales, and some entries of every intermediate are kept in ``proof.json``
beside its weights. Every figure that runs the model offers to read the same in the page, and shows
the largest difference.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from llm_lib.atomic_write import write_text
from llm_lib.book_tokenizer import END_OF_TEXT, book_tokenizer
from llm_lib.checkpoints import from_pretrained
from llm_lib.gpt import GPT
from llm_lib.hooks import record
from llm_lib.texts import data_dir

FILE = "proof.json"
PROMPTS = (
    "Near the pond lived a child called Jack.",
    "One sunny morning, Omar was walking by the harbour. He felt bored and counted pebbles.",
    '"Whose is it?" Mina asked a hare. "Not mine," whispered the hare.',
)
ENTRIES = 24  # of each intermediate
TURN = (math.sqrt(5) - 1) / 2  # multiples of it fall all over [0, 1)


def proof(model: GPT, prompts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """What proof.json holds: ids, and for each intermediate the entries that are compared.

    Args:
        model: any GPT.
        prompts: token ids, each at most ``block_size`` of them.
    """
    return {
        "about": f"Entry k of an intermediate of n numbers is number floor(n * frac((k + 1) * t)), "
        f"t = (sqrt(5) - 1) / 2, k = 0 to {ENTRIES - 1}; float32, little-endian, in base64.",
        "against": f"PyTorch {torch.__version__.partition('+')[0]}",
        "prompts": [
            {"ids": list(ids), "values": _values(record(model, torch.tensor(ids)))}
            for ids in prompts
        ],
    }


def entries(size: int) -> list[int]:
    """Which of ``size`` numbers are compared: the same rule in ``engine/proof.js``."""
    return [math.floor(size * ((k + 1) * TURN % 1)) for k in range(min(ENTRIES, size))]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write ``proof.json`` for a model folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=data_dir() / "storyteller")
    folder = parser.parse_args(arguments).model
    model = from_pretrained(folder)
    tokenizer, most = book_tokenizer(model.config.vocab_size), model.config.block_size
    texts = (END_OF_TEXT + prompt for prompt in PROMPTS)
    prompts = [tokenizer.encode(text, allowed_special="all")[:most] for text in texts]
    text = json.dumps(proof(model, prompts), separators=(",", ":")) + "\n"
    write_text(folder / FILE, text)
    print(f"{folder / FILE}: {len(text):,} bytes")


def _values(found: dict[str, Tensor]) -> dict[str, str]:
    return {name: _base64(tensor) for name, tensor in found.items()}


def _base64(tensor: Tensor) -> str:
    numbers = tensor.detach().flatten()[entries(tensor.numel())].numpy()
    return base64.b64encode(np.ascontiguousarray(numbers, "<f4").tobytes()).decode("ascii")


if __name__ == "__main__":
    main()
