"""The model on its way: small snapshots, one byte a weight, for looking back at a training run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save

from llm_lib.atomic_write import replacing
from llm_lib.gpt import GPT
from llm_lib.gpt2_tensors import load_tensors, to_tensors
from llm_lib.gpt_config import GPTConfig
from llm_lib.quantization import dequantize, quantize


@dataclass(frozen=True)
class QuantizedWeights:
    """The tensors of Hugging Face's layout: matrices as int8 with scales, the rest float32."""

    arrays: dict[str, NDArray[np.generic]]  # a matrix "x" has its scales under "x.scale"

    @property
    def n_bytes(self) -> int:
        """How much there is to send."""
        return sum(array.nbytes for array in self.arrays.values())

    def tensors(self) -> dict[str, torch.Tensor]:
        """The float32 tensors that the numbers stand for, by name."""
        found = {}
        for name, array in self.arrays.items():
            if name.endswith(".scale"):
                continue
            scale = self.arrays.get(f"{name}.scale")
            found[name] = torch.from_numpy(array if scale is None else dequantize(array, scale))
        return found


def quantized_weights(model: GPT) -> QuantizedWeights:
    """All weights of a model in Hugging Face's layout, the matrices rounded to one byte."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, tensor in to_tensors(model).items():
        array = tensor.detach().float().numpy()
        if array.ndim == 2:
            arrays[name], arrays[f"{name}.scale"] = quantize(array)
        else:
            arrays[name] = array
    return QuantizedWeights(arrays)


def round_weights(model: GPT) -> None:
    """Set each weight to what its byte stands for, so the page's model and this one are equal."""
    load_tensors(model, quantized_weights(model).tensors())


def replay_path(folder: Path, step: int) -> Path:
    """Where the snapshot after ``step`` steps lies."""
    return folder / "replay" / f"step-{step:06d}.safetensors"


def save_replay(model: GPT, folder: Path, step: int) -> None:
    """Write a snapshot into ``folder/replay``."""
    target = replay_path(folder, step)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as file:
        file.write(save(quantized_weights(model).arrays))


def load_replay(folder: Path, step: int, config: GPTConfig) -> GPT:
    """The model as it was after ``step`` steps.

    Raises:
        FileNotFoundError: no snapshot of that step; says which there are.
    """
    path = replay_path(folder, step)
    if not path.is_file():
        steps = sorted(int(p.stem.removeprefix("step-")) for p in path.parent.glob("step-*"))
        raise FileNotFoundError(
            f"no snapshot after {step} steps in {path.parent}; there are {steps}."
        )
    model = GPT(config)
    load_tensors(model, QuantizedWeights(load_file(path)).tensors())
    return model.eval()
