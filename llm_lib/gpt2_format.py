"""How Hugging Face writes a GPT-2: the keys of config.json, the names and shapes of its tensors.

Plain Python, no torch: the site reads the format too. ``llm_lib.checkpoints`` reads and writes the
files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from llm_lib.gpt_config import GPTConfig

SAME_GELU = ("gelu_new", "gelu_pytorch_tanh", "gelu_fast")  # names of the one tanh form

# Options of GPT2Config that change what is computed, and the only value that GPT computes.
FIXED = {
    "model_type": "gpt2",
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "reorder_and_upcast_attn": False,
    "add_cross_attention": False,
}
SIZES = {  # ours: theirs
    "vocab_size": "vocab_size",
    "block_size": "n_positions",
    "n_layer": "n_layer",
    "n_head": "n_head",
    "n_embd": "n_embd",
    "norm_eps": "layer_norm_epsilon",
}
DROPOUTS = ("embd_pdrop", "attn_pdrop", "resid_pdrop")


def config_to_json(config: GPTConfig, end_of_text: int | None = None) -> dict[str, Any]:
    """What config.json holds. ``end_of_text`` is the id that starts and ends a text, if any.

    ``bias`` is our own key, which transformers keeps and does not use: see :func:`tensors_of`.
    """
    return {
        "architectures": ["GPT2LMHeadModel"],
        **FIXED,
        **{theirs: getattr(config, ours) for ours, theirs in SIZES.items()},
        **dict.fromkeys(DROPOUTS, config.dropout),
        "n_inner": None,
        "activation_function": "gelu_new",
        "tie_word_embeddings": config.tie_weights,
        "initializer_range": 0.02,
        "bos_token_id": end_of_text,
        "eos_token_id": end_of_text,
        "bias": config.bias,
    }


def config_from_json(keys: Mapping[str, Any]) -> GPTConfig:
    """The config that config.json describes. A key left out has GPT2Config's default.

    Raises:
        ValueError: another architecture, an option that ``GPT`` does not have, or a bad size.
    """
    if "model_type" not in keys:
        raise ValueError('config.json has no "model_type"; it must be "gpt2".')
    for name, only in FIXED.items():
        _require(keys, name, (only,))
    _require(keys, "activation_function", SAME_GELU)
    defaults = config_to_json(GPTConfig(dropout=0.1))
    sizes = {ours: keys.get(theirs, defaults[theirs]) for ours, theirs in SIZES.items()}
    _require(keys, "n_inner", (None, 4 * sizes["n_embd"]))
    dropouts = {name: keys.get(name, defaults[name]) for name in DROPOUTS}
    if len(set(dropouts.values())) > 1:
        raise ValueError(
            f"config.json has three different dropouts, {dropouts}, and GPT has one for all. They "
            "matter in training only: write the same number in all three."
        )
    return GPTConfig(
        **sizes,
        dropout=dropouts["embd_pdrop"],
        bias=bool(keys.get("bias", True)),
        tie_weights=bool(keys.get("tie_word_embeddings", True)),
    )


def _require(keys: Mapping[str, Any], name: str, allowed: tuple[Any, ...]) -> None:
    value = keys.get(name, allowed[0])
    if value not in allowed:
        raise ValueError(
            f"config.json has {name} = {value!r}, which GPT does not compute; it can only load "
            f"models with {' or '.join(repr(option) for option in allowed)}."
        )


class TensorOf(NamedTuple):
    """One tensor of the format, and the parameter of ``GPT`` that it holds."""

    name: str  # in the file, without the "transformer." that some files have
    parameter: str  # in GPT.named_parameters()
    shape: tuple[int, ...]  # in the file
    transposed: bool = False  # (inputs, outputs) in the file, (outputs, inputs) in nn.Linear


def tensors_of(config: GPTConfig) -> Iterator[TensorOf]:
    """All tensors of a model, in order.

    The format has no model without biases. So one with ``bias=False`` is written with biases of
    zero, which compute the same, and ``"bias": false`` in config.json lets :func:`config_from_json`
    make it again; those tensors name a parameter that the model lacks. A tied head is not written.
    """
    width = config.n_embd
    yield TensorOf("wte.weight", "embedding.token.weight", (config.vocab_size, width))
    yield TensorOf("wpe.weight", "embedding.position.weight", (config.block_size, width))
    for i in range(config.n_layer):
        theirs, ours = f"h.{i}", f"blocks.{i}"
        yield from _norm(f"{theirs}.ln_1", f"{ours}.norm1", width)
        yield from _linear(f"{theirs}.attn.c_attn", f"{ours}.attention.qkv", width, 3 * width)
        yield from _linear(f"{theirs}.attn.c_proj", f"{ours}.attention.projection", width, width)
        yield from _norm(f"{theirs}.ln_2", f"{ours}.norm2", width)
        yield from _linear(f"{theirs}.mlp.c_fc", f"{ours}.feed_forward.expand", width, 4 * width)
        yield from _linear(
            f"{theirs}.mlp.c_proj", f"{ours}.feed_forward.projection", 4 * width, width
        )
    yield from _norm("ln_f", "norm", width)
    if not config.tie_weights:
        yield TensorOf("lm_head.weight", "head.weight", (config.vocab_size, width))


def _norm(theirs: str, ours: str, width: int) -> Iterator[TensorOf]:
    yield TensorOf(f"{theirs}.weight", f"{ours}.weight", (width,))
    yield TensorOf(f"{theirs}.bias", f"{ours}.bias", (width,))


def _linear(theirs: str, ours: str, inputs: int, outputs: int) -> Iterator[TensorOf]:
    yield TensorOf(f"{theirs}.weight", f"{ours}.weight", (inputs, outputs), transposed=True)
    yield TensorOf(f"{theirs}.bias", f"{ours}.bias", (outputs,))
