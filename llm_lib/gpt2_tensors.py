"""The weights of a GPT as the tensors of Hugging Face's GPT-2, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from llm_lib.gpt import GPT
from llm_lib.gpt2_format import TensorOf, tensors_of

# Buffers, not weights: old files carry the causal mask of each layer.
_MASK = re.compile(r"h\.\d+\.attn\.(bias|masked_bias)")


def to_tensors(model: GPT) -> dict[str, Tensor]:
    """The weights under Hugging Face's names and in its shapes, on the CPU, ready to be written.

    Without biases, zeros stand for them: see ``gpt2_format.tensors_of``. A tensor may share its
    memory with the model.
    """
    parameters = dict(model.named_parameters())
    like = model.norm.weight
    tensors = {}
    for entry in tensors_of(model.config):
        value = parameters.get(entry.parameter)
        value = like.new_zeros(entry.shape) if value is None else value
        value = value.detach().cpu()
        name = entry.name if entry.name == "lm_head.weight" else f"transformer.{entry.name}"
        tensors[name] = value.T.contiguous() if entry.transposed else value.contiguous()
    return tensors


def load_tensors(model: GPT, tensors: Mapping[str, Tensor]) -> None:
    """Set all weights from tensors in Hugging Face's layout, or raise and change none.

    Names may begin with ``transformer.`` (GPT2LMHeadModel) or not (GPT2Model). A copy of the token
    table as the head of a tied model, and the masks that old files hold, are passed over.

    Raises:
        ValueError: tensors that are missing, unknown, of another shape, or not floating-point.
    """
    found = _under_plain_names(tensors)
    entries = list(tensors_of(model.config))
    _require_all_and_no_more(found, entries, tied=model.config.tie_weights)
    parameters = dict(model.named_parameters())
    for entry in entries:
        _require_fitting(found[entry.name], entry)
        if entry.parameter not in parameters and found[entry.name].any():
            raise ValueError(
                f"the model has no biases, but {entry.name} is not zero. "
                'To keep it, load with bias=True ("bias": true in config.json).'
            )
    with torch.no_grad():
        for entry in entries:
            value = found[entry.name]
            if entry.parameter in parameters:
                parameters[entry.parameter].copy_(value.T if entry.transposed else value)


def _under_plain_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    plain: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        short = name.removeprefix("transformer.")
        if short in plain:
            raise ValueError(f"{short} is there twice, with and without transformer. before it.")
        if not _MASK.fullmatch(short):
            plain[short] = tensor
    return plain


def _require_all_and_no_more(
    found: Mapping[str, Tensor], entries: list[TensorOf], tied: bool
) -> None:
    expected = {entry.name for entry in entries}
    if missing := sorted(expected - found.keys()):
        raise ValueError(f"{_some(missing)} missing: the file is of another model or incomplete.")
    unknown = found.keys() - expected
    if tied and "lm_head.weight" in unknown:
        unknown -= {"lm_head.weight"}
        if not torch.equal(found["lm_head.weight"], found["wte.weight"]):
            raise ValueError(
                "lm_head.weight differs from wte.weight, though config.json says that they are "
                'tied: set "tie_word_embeddings" to false to load both.'
            )
    if unknown:
        raise ValueError(f"{_some(sorted(unknown))} not part of this GPT-2: another model's file?")


def _require_fitting(tensor: Tensor, entry: TensorOf) -> None:
    if tuple(tensor.shape) != entry.shape:
        raise ValueError(
            f"{entry.name} has shape {tuple(tensor.shape)}; the config asks for {entry.shape}."
        )
    if not tensor.is_floating_point():
        raise ValueError(
            f"{entry.name} has dtype {tensor.dtype}; weights are float32, float16 or bfloat16."
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{shown}{more} {'is' if len(names) == 1 else 'are'}"
