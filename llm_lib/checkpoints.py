"""A model as a folder of files that the whole ecosystem reads: Hugging Face's GPT-2 layout.

``transformers.GPT2LMHeadModel.from_pretrained(folder)`` loads what is saved here, and what it saves
loads here. Weights are read and written as safetensors only: numbers and their names, unlike a
pickle (``.bin``, ``.pt``), which may hold a program that runs when it is opened.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from llm_lib.atomic_write import replacing
from llm_lib.gpt import GPT
from llm_lib.gpt2_format import config_from_json, config_to_json
from llm_lib.gpt2_tensors import load_tensors, to_tensors

if TYPE_CHECKING:
    from llm_lib.tokenizers import BPETokenizer

__all__ = ["from_pretrained", "load_tensors", "load_weights", "save_pretrained", "to_tensors"]

WEIGHTS = "model.safetensors"
END_OF_TEXT = "<|endoftext|>"


def save_pretrained(
    model: GPT, folder: str | PathLike[str], tokenizer: BPETokenizer | None = None
) -> None:
    """Write config.json and model.safetensors, and with a tokenizer tokenizer.json and its config.

    Other files of a folder that exists stay. The weights keep their dtype. Nothing is ever half
    written: a new folder appears when all is in it, and in an old one no file changes before all
    new ones are complete.

    Raises:
        ValueError: a tokenizer with more tokens than the model knows.
        OSError: the files cannot be written; those that were there are then unchanged.
    """
    folder = Path(folder)
    files = {"config.json": _json(_config(model, tokenizer))}
    if tokenizer is not None:
        files |= _tokenizer_files(model, tokenizer)
    files[WEIGHTS] = save(to_tensors(model), metadata={"format": "pt"})
    if folder.exists():
        _write(folder, files)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        temporary.mkdir()
        _write(temporary, files)
        os.rename(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # still there only where something went wrong


def from_pretrained(folder: str | PathLike[str], dtype: torch.dtype = torch.float32) -> GPT:
    """The model in a folder, in evaluation mode (no dropout).

    Args:
        folder: with config.json and model.safetensors. It is a path, never a name on the internet.
        dtype: of the weights in memory, whichever the file has (float32, float16 or bfloat16).

    Raises:
        FileNotFoundError: no such folder, or one of the two files is missing.
        ValueError: a damaged file, a model that ``GPT`` cannot compute, or weights that do not fit.
    """
    folder = Path(folder)
    config = config_from_json(_read_json(_existing(folder, "config.json")))
    with torch.device("meta"):  # no time for random numbers that are overwritten
        model = GPT(config)
    model = model.to_empty(device="cpu").to(dtype)
    if config.tie_weights:
        model.tie_head()  # to_empty gave each of the two a tensor of its own
    load_weights(model, _existing(folder, WEIGHTS))
    return model.eval()


def load_weights(model: GPT, path: str | PathLike[str]) -> None:
    """Set all weights of a model from a safetensors file, or raise and change none.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a safetensors file, damaged, or as :func:`load_tensors`.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}.")
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{path} is not a complete safetensors file ({error}); nothing in it was run. It is "
            "damaged or cut short, or a pickle under another name: get it again, or convert it."
        ) from error
    try:
        load_tensors(model, tensors)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _config(model: GPT, tokenizer: BPETokenizer | None) -> dict[str, Any]:
    end_of_text = tokenizer.special_tokens.get(END_OF_TEXT) if tokenizer is not None else None
    dtype = str(model.norm.weight.dtype).removeprefix("torch.")
    return {**config_to_json(model.config, end_of_text), "dtype": dtype, "torch_dtype": dtype}


def _tokenizer_files(model: GPT, tokenizer: BPETokenizer) -> dict[str, bytes]:
    from llm_lib.tokenizers.formats import to_tokenizer_json

    if tokenizer.vocab_size > model.config.vocab_size:
        raise ValueError(
            f"the tokenizer has {tokenizer.vocab_size} tokens and the model knows only "
            f"{model.config.vocab_size}: it is not the tokenizer of this model."
        )
    special = END_OF_TEXT if END_OF_TEXT in tokenizer.special_tokens else None
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.config.block_size,
        "clean_up_tokenization_spaces": False,
        **({"bos_token": special, "eos_token": special} if special else {}),
    }
    text = to_tokenizer_json(tokenizer)
    return {"tokenizer.json": text.encode(), "tokenizer_config.json": _json(settings)}


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def _write(folder: Path, files: dict[str, bytes]) -> None:
    with ExitStack() as stack:  # each takes its name on leaving, when all have been written
        for name, content in files.items():
            stack.enter_context(replacing(folder / name)).write(content)


def _existing(folder: Path, name: str) -> Path:
    path = folder / name
    if path.is_file():
        return path
    if not folder.is_dir():
        raise FileNotFoundError(
            f"there is no folder {folder}: give one with config.json and {WEIGHTS}, on this disk."
        )
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix in (".bin", ".pt", ".pth"))
    advice = (
        f" {pickles[0]} is a pickle, which can run code when it is opened, so it is not read: "
        "convert it with transformers' save_pretrained."
        if pickles and name == WEIGHTS
        else ""
    )
    raise FileNotFoundError(f"there is no {name} in {folder}.{advice}")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # also UnicodeDecodeError
        raise ValueError(f"{path} is damaged: {error}.") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} is damaged: it holds no keys and values.")
    return content
