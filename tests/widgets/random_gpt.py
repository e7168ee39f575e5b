"""GPTs with random weights for the tests of the page: as tensors and as a model folder."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_lib.gpt2_format import config_to_json, tensors_of
from llm_lib.gpt_config import GPTConfig
from llm_lib.quantization import dequantize, quantize

Tensors = dict[str, NDArray[np.float32]]


def page_config(config: GPTConfig) -> dict[str, Any]:
    """The sizes as the page's engine takes them."""
    names = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd", "norm_eps")
    return {name: getattr(config, name) for name in names}


def random_tensors(config: GPTConfig, seed: int = 0) -> Tensors:
    """Weights in Hugging Face's layout whose parts all matter, as those of a trained model do."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for name, _, shape, _ in tensors_of(config):
        is_scale = ".ln_" in f".{name}" and name.endswith(".weight")
        # A product with a matrix of this spread keeps the size of a vector.
        spread = shape[0] ** -0.5 if len(shape) == 2 and name.startswith("h.") else 0.2
        tensors[name] = rng.normal(float(is_scale), spread, shape).astype(np.float32)
    return tensors


def rounded(tensors: Tensors) -> Tensors:
    """The same with every matrix rounded to what travels exactly."""
    return {
        name: dequantize(*quantize(values)) if values.ndim == 2 else values
        for name, values in tensors.items()
    }


def save_folder(folder: Path, config: GPTConfig, tensors: Tensors, proof: Any = None) -> Path:
    """A model folder in Hugging Face's GPT-2 layout."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config_to_json(config)), "utf-8")
    save_file(tensors, folder / "model.safetensors")
    if proof is not None:
        (folder / "proof.json").write_text(json.dumps(proof), "utf-8")
    return folder


def base64_floats(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
