"""What a GPT costs, from its config alone: parameters, FLOPs and bytes, without building it.

Plain arithmetic on whole numbers, no torch. The tests hold every number to real tensors: parameters
to ``numel()``, FLOPs to ``torch.utils.flop_counter.FlopCounterMode``, activations to what autograd
keeps. In the formulas L is ``n_layer``, h ``n_head``, C ``n_embd``, V ``vocab_size``, T the tokens
of a sequence and B the sequences of a batch.

**A FLOP** is one multiplication or one addition of two numbers. Only products of matrices are
counted: (m, k) times (k, n) takes ``2 m n k``. Left out, because there are few of them, is what is
done once per number: biases, norms, GELU, softmax, the mask, the residual additions, the loss.
Looking up an embedding multiplies nothing. Attention is counted in full, also where the mask
hides a score; a fused kernel may skip up to half of those two products.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from llm_lib.arguments import require_positive
from llm_lib.gpt_config import GPTConfig

BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one number."""


@dataclass(frozen=True)
class Part:
    """One layer with weights: a table, a matrix or a norm.

    Args:
        name: as in ``GPT.state_dict()``; ``blocks.*`` stands for every block alike.
        group: ``"embedding"``, ``"attention"``, ``"feed_forward"``, ``"norm"`` or ``"head"``.
        shape: of the weight: (rows, columns) of a table, (inputs, outputs) of a matrix, (C,) of a
            norm.
        bias: the number of biases.
        copies: how often it occurs: ``n_layer``, or once.
    """

    name: str
    group: str
    shape: tuple[int, ...]
    bias: int = 0
    copies: int = 1

    @property
    def parameters(self) -> int:
        """Of one copy."""
        return prod(self.shape) + self.bias


def parts(config: GPTConfig) -> tuple[Part, ...]:
    """Every layer with weights of its own, in the order in which a token meets them.

    A tied head (``tie_weights``) is not among them: its weights are those of the token table.
    """
    width, layers, biased = config.n_embd, config.n_layer, int(config.bias)

    def norm(name: str, copies: int = 1) -> Part:
        return Part(name, "norm", (width,), biased * width, copies)

    def linear(name: str, group: str, inputs: int, outputs: int) -> Part:
        return Part(f"blocks.*.{name}", group, (inputs, outputs), biased * outputs, layers)

    table = (
        Part("embedding.token", "embedding", (config.vocab_size, width)),
        Part("embedding.position", "embedding", (config.block_size, width)),
        norm("blocks.*.norm1", layers),
        linear("attention.qkv", "attention", width, 3 * width),
        linear("attention.projection", "attention", width, width),
        norm("blocks.*.norm2", layers),
        linear("feed_forward.expand", "feed_forward", width, 4 * width),
        linear("feed_forward.projection", "feed_forward", 4 * width, width),
        norm("norm"),
    )
    head = Part("head", "head", (width, config.vocab_size))
    return table if config.tie_weights else (*table, head)


def count_parameters(config: GPTConfig) -> int:
    """All learned numbers: with biases and tied, ``V C + T_max C + L (12 C² + 13 C) + 2 C``."""
    return sum(part.parameters * part.copies for part in parts(config))


def parameters_by_group(config: GPTConfig) -> dict[str, int]:
    """The same sum split by ``Part.group``, all blocks together; a tied head has none."""
    groups = dict.fromkeys(("embedding", "attention", "feed_forward", "norm", "head"), 0)
    for part in parts(config):
        groups[part.group] += part.parameters * part.copies
    return groups


def forward_flops(
    config: GPTConfig, n_tokens: int, past: int = 0, batch_size: int = 1
) -> dict[str, int]:
    """FLOPs of reading ``n_tokens`` more tokens after ``past`` cached ones, by product of matrices.

    All blocks together; the sum over the values is the whole. ``n_tokens=1`` is one step of
    writing with a cache. A linear layer takes ``2 B T inputs outputs``; attention ``2 B T S C``
    for the scores and as much for the mixtures, with ``S = past + T`` positions to look at.

    Raises:
        ValueError: no tokens, or more than ``block_size`` with the past.
    """
    _require_room(config, n_tokens, past, batch_size)
    width, rows = config.n_embd, batch_size * n_tokens
    per_block = {
        "attention.qkv": 2 * rows * width * 3 * width,
        "attention.scores": 2 * rows * (past + n_tokens) * width,
        "attention.mixture": 2 * rows * (past + n_tokens) * width,
        "attention.projection": 2 * rows * width * width,
        "feed_forward.expand": 2 * rows * width * 4 * width,
        "feed_forward.projection": 2 * rows * 4 * width * width,
    }
    flops = {name: config.n_layer * count for name, count in per_block.items()}
    return {**flops, "head": 2 * rows * width * config.vocab_size}


def training_flops(config: GPTConfig, n_tokens: int, batch_size: int = 1) -> int:
    """FLOPs of one training step on a batch of sequences of ``n_tokens``: 3 times the forward pass.

    For each product ``x W`` the way back needs two of the same size: one for the gradient of ``x``
    and one for that of ``W``. Left out are the optimizer's ~10 operations per parameter, and what
    a fused attention kernel computes again on the way back.
    """
    return 3 * sum(forward_flops(config, n_tokens, 0, batch_size).values())


def activation_numbers(config: GPTConfig, n_tokens: int, batch_size: int = 1) -> int:
    """How many numbers autograd keeps for the way back, in a step with fused attention.

    For each token, each block keeps 16 C + h + 4: the two inputs of its norms (2 C) and their
    means and deviations (4), the normed vectors (2 C), queries, keys and values (3 C), the mixtures
    (C) and one sum per head (h), the neurons before and after GELU (8 C). Then the last norm keeps
    2 C + 2 and the loss V log-probabilities. Dropout is taken to be 0. The explicit attention path
    keeps ``h T`` weights or more per token and block on top, which is why a fused one exists (Dao
    et al., "FlashAttention", 2022).
    """
    _require_room(config, n_tokens, 0, batch_size)
    width = config.n_embd
    per_block = 16 * width + config.n_head + 4
    per_token = config.n_layer * per_block + 2 * width + 2 + config.vocab_size
    return batch_size * n_tokens * per_token


def kv_cache_numbers(config: GPTConfig, n_tokens: int | None = None, batch_size: int = 1) -> int:
    """Numbers in the KV cache for ``n_tokens`` positions (all ``block_size`` by default):
    ``2 L C`` for each."""
    n_tokens = config.block_size if n_tokens is None else n_tokens
    _require_room(config, n_tokens, 0, batch_size)
    return 2 * config.n_layer * config.n_embd * n_tokens * batch_size


def memory(
    config: GPTConfig,
    n_tokens: int | None = None,
    batch_size: int = 1,
    dtype: str = "float32",
) -> dict[str, int]:
    """Bytes by what they hold, for a batch of sequences of ``n_tokens`` (default ``block_size``).

    ``weights`` are always there. Training adds ``gradients`` (one number per parameter),
    ``optimizer`` (AdamW's two moments, as ``torch.optim.AdamW`` keeps them, in the weights' dtype)
    and ``activations`` (see :func:`activation_numbers`); writing adds ``kv_cache``. Left out: the
    ids, the logits themselves, buffers that live for one operation, and the allocator's rounding.
    In int8 only weights are kept in practice; nothing is trained in it.

    Raises:
        ValueError: an unknown dtype, or sizes that do not fit.
    """
    if dtype not in BYTES:
        raise ValueError(f"dtype is {dtype!r}; there are {', '.join(BYTES)}.")
    n_tokens = config.block_size if n_tokens is None else n_tokens
    n_parameters = count_parameters(config)
    numbers = {
        "weights": n_parameters,
        "gradients": n_parameters,
        "optimizer": 2 * n_parameters,
        "activations": activation_numbers(config, n_tokens, batch_size),
        "kv_cache": kv_cache_numbers(config, n_tokens, batch_size),
    }
    return {name: count * BYTES[dtype] for name, count in numbers.items()}


def summary(config: GPTConfig) -> str:
    """A table of the parts: name, shape, copies and parameters, for printing."""
    rows = [("part", "weight", "bias", "copies", "parameters")]
    for part in parts(config):
        shape = " × ".join(f"{size:,}" for size in part.shape)
        total = part.parameters * part.copies
        rows.append((part.name, shape, f"{part.bias:,}", f"{part.copies}", f"{total:,}"))
    rows.append(("all", "", "", "", f"{count_parameters(config):,}"))
    return "\n".join(_aligned(rows))


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    rows = list(rows)
    name, *widths = (max(len(row[i]) for row in rows) for i in range(len(rows[0])))
    for first, *others in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(others, widths, strict=True))
        yield f"{first:<{name}}  " + "  ".join(cells)


def _require_room(config: GPTConfig, n_tokens: int, past: int, batch_size: int) -> None:
    require_positive(n_tokens=n_tokens, batch_size=batch_size)
    if past < 0 or past + n_tokens > config.block_size:
        raise ValueError(
            f"{n_tokens} tokens after {past} do not fit in block_size {config.block_size}."
        )
