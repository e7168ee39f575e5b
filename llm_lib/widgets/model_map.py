"""Where the numbers of a GPT are: parameters, FLOPs and memory of any configuration, to scale."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import traitlets

from llm_lib import accounting
from llm_lib.gpt_config import GPTConfig
from llm_lib.widgets.base import BookWidget, still_table

LABELS = {
    "tiny": "Tiny",
    "storyteller": "Storyteller",
    "gpt2": "GPT-2",
    "gpt2-medium": "GPT-2 medium",
    "gpt2-large": "GPT-2 large",
    "gpt2-xl": "GPT-2 XL",
}
"""The names that the figure writes for those of ``GPTConfig.names()``."""

SIZES = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd")
_USES = ("n_tokens", "batch_size", "dtype")
_MOST = {  # what the figure's fields take; far beyond any model that was published
    "vocab_size": 1_000_000,
    "block_size": 1_000_000,
    "n_layer": 128,
    "n_head": 128,
    "n_embd": 16_384,
    "batch_size": 4096,
}


class ModelMap(BookWidget):
    """A GPT drawn so that areas are amounts, next to another one at the same scale.

    All numbers are those of ``llm_lib.accounting``. The traits ``parameters``,
    ``flops_per_token`` (of one token that sees ``n_tokens``) and ``memory`` (bytes by what they
    hold) follow the figure, for Python to ``observe``; they are None while the sizes make no GPT,
    and ``problem`` says why.

    Args:
        name: the sizes to start from, one of ``GPTConfig.names()``.
        compare: what to draw as an outline: ``"previous"`` (the configuration before the last
            change), a name as above, or None.
        quantity: ``"parameters"``, ``"flops"`` or ``"memory"``.
        sizes: ``vocab_size``, ``block_size``, ``n_layer``, ``n_head``, ``n_embd``,
            ``tie_weights`` and ``bias`` as in ``GPTConfig``; ``n_tokens`` in the context
            (default ``block_size``), ``batch_size`` and ``dtype`` as in ``accounting.memory``.

    Raises:
        ValueError: an unknown name, or sizes that make no GPT or are beyond the figure's.
    """

    module = "model_map"

    vocab_size = traitlets.Int(50257).tag(sync=True)
    block_size = traitlets.Int(1024).tag(sync=True)
    n_layer = traitlets.Int(12).tag(sync=True)
    n_head = traitlets.Int(12).tag(sync=True)
    n_embd = traitlets.Int(768).tag(sync=True)
    bias = traitlets.Bool(True).tag(sync=True)
    tie_weights = traitlets.Bool(True).tag(sync=True)
    n_tokens = traitlets.Int(1024).tag(sync=True)
    batch_size = traitlets.Int(1).tag(sync=True)
    dtype = traitlets.Enum(tuple(accounting.BYTES), "float32").tag(sync=True)
    quantity = traitlets.Enum(("parameters", "flops", "memory"), "parameters").tag(sync=True)
    compare = traitlets.Unicode("previous", allow_none=True).tag(sync=True)
    presets = traitlets.List(help="names, labels and sizes to choose from").tag(sync=True)

    parameters = traitlets.Int(None, allow_none=True)
    flops_per_token = traitlets.Int(None, allow_none=True)
    memory = traitlets.Dict(None, allow_none=True)
    problem = traitlets.Unicode("")

    def __init__(
        self,
        name: str = "gpt2",
        compare: str | None = "previous",
        quantity: str = "parameters",
        **sizes: Any,
    ) -> None:
        if compare not in (None, "previous", *GPTConfig.names()):
            known = ", ".join(map(repr, GPTConfig.names()))
            raise ValueError(f"compare is {compare!r}; it must be None, 'previous' or {known}.")
        start = asdict(GPTConfig.from_name(name))
        numbers = {key: start[key] for key in (*SIZES, "tie_weights", "bias")} | sizes
        numbers.setdefault("n_tokens", numbers["block_size"])
        super().__init__(compare=compare, quantity=quantity, presets=_presets(), **numbers)
        if self.problem:
            raise ValueError(self.problem)

    def config(self) -> GPTConfig:
        """The configuration that is shown.

        Raises:
            ValueError: the sizes make no GPT.
        """
        sizes = {name: getattr(self, name) for name in SIZES}
        return GPTConfig(**sizes, bias=self.bias, tie_weights=self.tie_weights)

    @traitlets.observe(*SIZES, *_USES, "bias", "tie_weights")
    def _account(self, change: object) -> None:
        try:
            _require_drawable({name: getattr(self, name) for name in _MOST})
            config = self.config()
            memory = accounting.memory(config, self.n_tokens, self.batch_size, self.dtype)
            flops = accounting.forward_flops(config, 1, self.n_tokens - 1)
        except ValueError as error:
            self.problem = str(error)
            self.parameters = self.flops_per_token = self.memory = None
            return
        self.problem = ""
        self.parameters = accounting.count_parameters(config)
        self.flops_per_token = sum(flops.values())
        self.memory = memory

    def still(self) -> str:
        config, total = self.config(), self.parameters
        rows = [_still_row(part, total) for part in accounting.parts(config)]
        if config.tie_weights:
            shape = f"{_shape(config.n_embd, config.vocab_size)}, the token table turned"
            rows.append(("head", shape, "1", "0", "0.0 %"))
        memory = self.memory
        writing = memory["weights"] + memory["kv_cache"]
        caption = (
            f"{_grouped(total)} parameters. One token that sees {_grouped(self.n_tokens)} takes "
            f"{_grouped(self.flops_per_token)} FLOP. Weights and KV cache in {self.dtype} take "
            f"{_grouped(writing)} bytes; training on {self.batch_size} × "
            f"{_grouped(self.n_tokens)} tokens takes "
            f"{_grouped(sum(memory.values()) - memory['kv_cache'])} bytes."
        )
        return still_table(caption, ["part", "weight", "copies", "parameters", "share"], rows)


def _presets() -> list[dict[str, Any]]:
    return [
        {"name": name, "label": LABELS[name]}
        | {size: getattr(GPTConfig.from_name(name), size) for size in SIZES}
        for name in GPTConfig.names()
    ]


def _require_drawable(sizes: dict[str, int]) -> None:
    for name, value in sizes.items():
        if not 1 <= value <= _MOST[name]:
            most = _grouped(_MOST[name])
            raise ValueError(f"{name} is {value}; the figure takes whole numbers from 1 to {most}.")


def _still_row(part: accounting.Part, total: int) -> tuple[str, ...]:
    shape = _shape(*part.shape) + (f" and a bias {_shape(part.bias)}" if part.bias else "")
    count = part.parameters * part.copies
    return part.name, shape, str(part.copies), _grouped(count), f"{100 * count / total:.1f} %"


def _shape(*sizes: int) -> str:
    return f"({', '.join(map(_grouped, sizes))})"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")  # thin spaces: the comma separates sizes
