"""Chapter 8: the reference solutions, and the wrong answers that graders must catch."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig

# --- gpt.parameters --------------------------------------------------------------------------


def parameters(config: GPTConfig) -> int:
    head = 0 if config.tie_weights else config.vocab_size * config.n_embd
    return parameters_never_a_head(config) + head


def parameters_never_a_head(config: GPTConfig) -> int:
    width = config.n_embd
    tables = (config.vocab_size + config.block_size) * width
    return tables + config.n_layer * (12 * width**2 + 13 * width) + 2 * width


def parameters_always_a_head(config: GPTConfig) -> int:
    return parameters_never_a_head(config) + config.vocab_size * config.n_embd


def parameters_without_positions(config: GPTConfig) -> int:
    return parameters(config) - config.block_size * config.n_embd


def parameters_without_last_norm(config: GPTConfig) -> int:
    return parameters(config) - 2 * config.n_embd


def parameters_of_matrices(config: GPTConfig) -> int:
    return parameters(config) - 13 * config.n_layer * config.n_embd


def parameters_of_one_block(config: GPTConfig) -> int:
    width = config.n_embd
    return parameters(config) - (config.n_layer - 1) * (12 * width**2 + 13 * width)


# --- gpt.initial_std -------------------------------------------------------------------------


def initial_std(name: str, n_layer: int) -> float:
    if name == "embedding.position":
        return 0.01
    return 0.02 / math.sqrt(2 * n_layer) if name.endswith("projection") else 0.02


def initial_std_alike(name: str, n_layer: int) -> float:
    return 0.01 if name == "embedding.position" else 0.02


def initial_std_all_small(name: str, n_layer: int) -> float:
    return 0.02 / math.sqrt(2 * n_layer) if name.startswith("blocks") else initial_std(name, 1)


def _initial_std_over(root: Callable[[str, int], float]) -> Callable[[str, int], float]:
    def initial_std_over(name: str, n_layer: int) -> float:
        small = name.endswith("projection")
        return 0.02 / root(name, n_layer) if small else initial_std(name, n_layer)

    return initial_std_over


initial_std_once_a_block = _initial_std_over(lambda _, n_layer: math.sqrt(n_layer))
initial_std_not_rooted = _initial_std_over(lambda _, n_layer: 2 * n_layer)
initial_std_by_place = _initial_std_over(lambda name, _: math.sqrt(2 * _block_of(name) + 2))
initial_std_attention_only = _initial_std_over(
    lambda name, n_layer: math.sqrt(2 * n_layer) if "attention" in name else 1.0
)


def _block_of(name: str) -> int:
    return int(name.split(".")[1])


# --- gpt.tie ---------------------------------------------------------------------------------


def tie(model: GPT) -> GPT:
    model.head.weight = model.embedding.token.weight
    return model


def tie_not_at_all(model: GPT) -> GPT:
    return model


def tie_copied(model: GPT) -> GPT:
    model.head.weight = nn.Parameter(model.embedding.token.weight.clone())
    return model


def tie_filled(model: GPT) -> GPT:
    with torch.no_grad():
        model.head.weight.copy_(model.embedding.token.weight)
    return model


def tie_same_memory(model: GPT) -> GPT:
    model.head.weight.data = model.embedding.token.weight.data
    return model


def tie_to_nothing(model: GPT) -> GPT:
    model.head.weight = model.embedding.token.weight = nn.Parameter(
        torch.zeros_like(model.head.weight)
    )
    return model


# --- gpt.loss --------------------------------------------------------------------------------


def loss(model: GPT, ids: Tensor) -> Tensor:
    return model(ids[:, :-1], ids[:, 1:])[1]


def loss_not_shifted(model: GPT, ids: Tensor) -> Tensor:
    return model(ids, ids)[1]


def loss_of_the_past(model: GPT, ids: Tensor) -> Tensor:
    return model(ids[:, 1:], ids[:, :-1])[1]


def loss_rolled(model: GPT, ids: Tensor) -> Tensor:
    return model(ids, ids.roll(-1, dims=1))[1]


def loss_two_ahead(model: GPT, ids: Tensor) -> Tensor:
    return model(ids[:, :-2], ids[:, 2:])[1]


def loss_summed(model: GPT, ids: Tensor) -> Tensor:
    logits = model(ids[:, :-1])[0]
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="sum")


def loss_across_texts(model: GPT, ids: Tensor) -> Tensor:
    logits = model(ids)[0].flatten(0, 1)
    return F.cross_entropy(logits[:-1], ids.flatten()[1:])


# --- gpt.load --------------------------------------------------------------------------------


def load(name: str, tensor: Tensor) -> Tensor:
    is_table = name.startswith(("wte", "wpe", "lm_head"))
    return tensor if tensor.ndim == 1 or is_table else tensor.T


def load_as_it_is(name: str, tensor: Tensor) -> Tensor:
    return tensor


def load_all_turned(name: str, tensor: Tensor) -> Tensor:
    return tensor.T if tensor.ndim == 2 else tensor


def load_where_it_shows(name: str, tensor: Tensor) -> Tensor:
    is_square = tensor.ndim == 2 and tensor.shape[0] == tensor.shape[1]
    return tensor if is_square else load(name, tensor)


def load_reshaped(name: str, tensor: Tensor) -> Tensor:
    return tensor.reshape(load(name, tensor).shape)
