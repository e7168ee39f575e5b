"""Deliver a trained model to a page: weights as whole numbers, in text that any page can load.

A model folder is in Hugging Face's GPT-2 layout, as ``llm_lib.checkpoints`` writes it. What is made
of it here is the same for all ways to a page. The site ships it as one classic script::

    llmBook.defineModel("storyteller", {"config": …, "tensors": …, "proof": …})

and a live kernel sends it as a message. Each matrix travels as bytes and a scale for each row (see
:mod:`llm_lib.quantization`; the book's own weights are saved so that this loses nothing), each
vector as float32, both in base64, with a checksum. No torch is needed.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_lib.gpt2_format import config_from_json, tensors_of
from llm_lib.gpt_config import GPTConfig
from llm_lib.quantization import quantize
from llm_lib.texts import data_dir

MESSAGE = "llm:model"
PROOF_FILE = "proof.json"
_WEIGHTS = "model.safetensors"
_CONFIG = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd", "norm_eps")


def model_names() -> tuple[str, ...]:
    """The models that ship with the book: the folders of ``data/`` that hold weights."""
    return tuple(sorted(file.parent.name for file in data_dir().glob(f"*/{_WEIGHTS}")))


def page_model(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """A model as the page takes it, JSON-ready: ``config``, ``tensors`` and ``proof`` (or None).

    Args:
        folder: holds ``config.json`` and ``model.safetensors``, and ``proof.json`` if there is one.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a config that is not GPT-2's, or weights that are not finite numbers.
    """
    from safetensors.numpy import load_file  # here: a page without a model needs none of it

    folder = Path(folder)
    config = config_from_json(json.loads(_existing(folder / "config.json").read_text("utf-8")))
    tensors = load_file(_existing(folder / _WEIGHTS))
    proof = folder / PROOF_FILE
    return {
        "config": {name: getattr(config, name) for name in _CONFIG},
        "tensors": list(_pack_all(tensors, config)),
        "proof": json.loads(proof.read_text("utf-8")) if proof.is_file() else None,
    }


def model_script(name: str, folder: str | os.PathLike[str]) -> str:
    """The model in ``folder`` as a classic script that defines it under ``name``."""
    payload = json.dumps(page_model(folder), separators=(",", ":"), allow_nan=False)
    return f"globalThis.llmBook.defineModel({json.dumps(name)}, {payload});\n"


@cache
def shipped_script(name: str) -> str:
    """:func:`model_script` of a model that ships with the book."""
    return model_script(name, data_dir() / name)


def address_script(files: dict[str, str]) -> str:
    """A script that says where the models lie: name to file, beside the script itself."""
    lines = (
        f"globalThis.llmBook.modelAt({json.dumps(name)}, {json.dumps(file)});\n"
        for name, file in sorted(files.items())
    )
    return "".join(lines)


def answer(message: object) -> dict[str, Any] | None:
    """The answer to a page that asks a live kernel for a model; None if it asks something else."""
    if not isinstance(message, dict) or message.get("type") != MESSAGE:
        return None
    name = message.get("name")
    reply = {"type": MESSAGE, "name": name}
    if name not in model_names():
        known = ", ".join(model_names()) or "none"
        error = f"the book's data holds no model “{name}” (there are: {known}); install it again"
        return {**reply, "error": error}
    try:
        return {**reply, "payload": page_model(data_dir() / name)}
    except Exception as error:  # a page that waits needs an answer, whatever went wrong here
        return {**reply, "error": f"its files cannot be read: {error}"}


def _pack_all(tensors: dict[str, NDArray[Any]], config: GPTConfig) -> Iterator[dict[str, Any]]:
    for entry in tensors_of(config):
        # GPT2LMHeadModel writes the prefix, GPT2Model does not.
        values = tensors.get(f"transformer.{entry.name}", tensors.get(entry.name))
        if values is None or values.shape != entry.shape:
            found = "nothing" if values is None else f"shape {values.shape}"
            raise ValueError(f"the model's {entry.name} needs shape {entry.shape}; found {found}")
        yield _pack(entry.name, values)


def _pack(name: str, values: NDArray[Any]) -> dict[str, Any]:
    values = np.ascontiguousarray(values, dtype="<f4")
    if not np.isfinite(values).all():
        raise ValueError(f"the tensor {name} holds NaN or an infinity; the model is damaged")
    packed: dict[str, Any] = {"name": name, "shape": list(values.shape)}
    if values.ndim == 2:
        numbers, scales = quantize(values)
        packed["scales"] = _base64(scales.astype("<f4").tobytes())
        data = numbers.tobytes()
    else:
        data = values.tobytes()
    return {**packed, "data": _base64(data), "crc32": zlib.crc32(data)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise FileNotFoundError(
            f"there is no {file}: a model folder holds config.json and {_WEIGHTS}, "
            "as GPT.save_pretrained writes them"
        )
    return file
