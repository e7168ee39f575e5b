"""One token at a time, as fast as PyTorch can: a trained GPT prepared for writing.

What a token costs while writing is two things. In a small model it is Python: the calls of modules,
the slicing, the hundred little operations. In a large one it is memory: every weight is fetched for
every token, and used once. So production systems separate decoding from training. ``Decoder`` is
that trade-off in miniature: it packs the weights once, for products with a single row, and then
takes only the shortest way through a block. It is held equal to ``model(...)`` by the tests, and it
refuses any model that it might misread: ``Decoder.fits`` says which it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.attention import MultiHeadAttention
from llm_lib.embeddings import InputEmbedding, PositionalEmbedding, TokenEmbedding
from llm_lib.gpt import GPT, Block
from llm_lib.kv_cache import KVCache, LayerCache
from llm_lib.layers import GELU, FeedForward, LayerNorm

Layer: TypeAlias = Callable[[Tensor], Tensor]

SMALL = 1 << 18  # weights: with so few, or fewer, a product is faster with them stored (in, out)
KNOWN = (
    *(GPT, Block, MultiHeadAttention, FeedForward, LayerNorm, GELU),
    *(InputEmbedding, TokenEmbedding, PositionalEmbedding),
    *(nn.Linear, nn.ModuleList, nn.Dropout),
)


class Decoder:
    """A GPT's weights, packed for reading texts that grow by one token at a time.

    ``llm_lib.generation`` makes one for each call, or takes yours in place of the model, so that
    many calls share the packing. It holds the weights of the moment: after more training, make a
    new one. Use it as a model in evaluation mode and under ``torch.inference_mode()``, as
    ``llm_lib.context_window`` does; then it computes what the model does, up to rounding.

    Attributes:
        model: the GPT it was made of.

    Raises:
        TypeError: a model that it does not :meth:`fit <fits>`.
    """

    def __init__(self, model: GPT) -> None:
        if not self.fits(model):
            raise TypeError(
                "this model has changed parts or hooks, which a Decoder would pass over: "
                "call the model itself, model(ids, cache=cache)."
            )
        self.model = model
        self._packed = _weights_of(model)
        self._blocks = [_PackedBlock(block) for block in model.blocks]
        self._norm = _packed_norm(model.norm)
        self._head = packed_linear(model.head)

    @staticmethod
    def fits(model: nn.Module) -> bool:
        """Whether the model is a plain GPT: every part of it the library's own, with no hooks."""
        return all(
            type(module) in KNOWN
            and "forward" not in vars(module)
            and not (module._forward_hooks or module._forward_pre_hooks)
            and getattr(module, "causal", True)
            for module in model.modules()
        )

    def require_current(self) -> None:
        """Make sure that the model still has the weights that were packed.

        A change through ``parameter.data`` goes unnoticed, as it does in all of PyTorch.

        Raises:
            ValueError: it has others.
        """
        if _weights_of(self.model) != self._packed:
            raise ValueError(
                "the model's weights have changed since this Decoder packed them: "
                "make a new one, Decoder(model)."
            )

    def step(self, ids: Tensor, cache: KVCache) -> Tensor:
        """Read one more token of each text, ids ``(B,)``; the logits after it, ``(B, V)``.

        Raises:
            ValueError: the cache has no room for it.
            IndexError: an id outside the vocabulary.
        """
        embedding, position = self.model.embedding, cache.length
        places = embedding.position(1, position)  # (1, C)
        x = F.embedding(ids, embedding.token.weight) + places  # (B, C)
        for block, layer in zip(self._blocks, cache.layers, strict=True):
            x = block(x, layer)
        return self._head(self._norm(x))  # (B, V)

    def read(self, ids: Tensor, cache: KVCache) -> Tensor:
        """Read T more tokens of each text, ids ``(B, T)``; the logits after the last, ``(B, V)``.

        Many rows are a different matter from one, and the model's own blocks are good at them. But
        the scores after all tokens but the last are left out: nobody will draw from them.

        Raises:
            ValueError: more tokens than the cache has room for.
            IndexError: an id outside the vocabulary.
        """
        x = self.model.embedding(ids, cache.length)  # (B, T, C)
        for block, layer in zip(self.model.blocks, cache.layers, strict=True):
            x = block(x, layer)
        return self._head(self._norm(x[:, -1]))


class _PackedBlock:
    """What ``Block`` computes, for one position of each text: ``(B, C)`` to the same."""

    def __init__(self, block: Block) -> None:
        attention, feed_forward = block.attention, block.feed_forward
        self.n_head = attention.n_head
        self.norm1, self.norm2 = _packed_norm(block.norm1), _packed_norm(block.norm2)
        self.qkv, self.mix = packed_linear(attention.qkv), packed_linear(attention.projection)
        self.expand = packed_linear(feed_forward.expand)
        self.compress = packed_linear(feed_forward.projection)
        self.approximate = feed_forward.activation.approximate

    def __call__(self, x: Tensor, cache: LayerCache) -> Tensor:
        n_texts, width = x.shape
        parts = self.qkv(self.norm1(x)).view(n_texts, 3, self.n_head, 1, -1)
        query, key, value = parts.unbind(1)  # each (B, h, 1, d)
        keys, values = cache.append(key, value)  # (B, h, length, d)
        mixed = F.scaled_dot_product_attention(query, keys, values)  # (B, h, 1, d)
        x = x + self.mix(mixed.reshape(n_texts, width))
        hidden = self.expand(self.norm2(x))  # (B, 4C)
        return x + self.compress(F.gelu(hidden, approximate=self.approximate))


def _weights_of(model: nn.Module) -> list[tuple[int, int]]:
    """Where each weight lies, and how often it was changed there: what tells a change cheaply."""
    return [
        (weight.data_ptr(), 0 if weight.is_inference() else weight._version)
        for weight in model.parameters()
    ]


def packed_linear(linear: nn.Linear) -> Layer:
    """The same product and sum, with the weights laid out as is fastest for very few rows."""
    weight, bias = linear.weight.detach(), linear.bias
    pack = getattr(torch.ops.mkldnn, "_reorder_linear_weight", None)
    if weight.dtype == torch.bfloat16 and weight.device.type == "cpu" and pack is not None:
        # oneDNN's own layout. Without it each call would lay the weights out again.
        packed = pack(weight, 1)
        return lambda x: torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")
    if weight.numel() > SMALL:
        return lambda x: F.linear(x, weight, bias)  # bound by memory: no layout helps
    transposed = weight.t().contiguous()  # (in, out)
    if bias is None:
        return lambda x: torch.mm(x, transposed)
    return lambda x: torch.addmm(bias, x, transposed)


def _packed_norm(norm: LayerNorm) -> Layer:
    shape, weight, bias, eps = norm.weight.shape, norm.weight, norm.bias, norm.eps
    return lambda x: F.layer_norm(x, shape, weight, bias, eps)
