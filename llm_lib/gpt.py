"""GPT-2: embeddings, a stack of identical blocks, a last norm, and a score for every next token.

Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.3.
"""

from __future__ import annotations

import math
from os import PathLike
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.attention import Hook, MultiHeadAttention
from llm_lib.embeddings import InputEmbedding
from llm_lib.gpt_config import GPTConfig
from llm_lib.kv_cache import KVCache, LayerCache
from llm_lib.layers import FeedForward, LayerNorm

if TYPE_CHECKING:
    from llm_lib.tokenizers import BPETokenizer


class Block(nn.Module):
    """Attention, then feed-forward; each reads a normed copy of the stream and adds its result.

    ``(..., T, C)`` to the same. The norm stands *before* each part (pre-norm), so the stream runs
    from the first layer to the last with nothing but additions in its way (Xiong et al., "On Layer
    Normalization in the Transformer Architecture", 2020).
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        width, bias, dropout = config.n_embd, config.bias, config.dropout
        self.norm1 = LayerNorm(width, bias, config.norm_eps)
        self.attention = MultiHeadAttention(width, config.n_head, bias, dropout)
        self.norm2 = LayerNorm(width, bias, config.norm_eps)
        self.feed_forward = FeedForward(width, bias, dropout)

    def forward(
        self, x: Tensor, cache: LayerCache | None = None, hook: Hook | None = None
    ) -> Tensor:
        if hook is not None:
            return self._hooked(x, cache, hook)
        x = x + self.attention(self.norm1(x), cache)  # (..., T, C)
        return x + self.feed_forward(self.norm2(x))

    def _hooked(self, x: Tensor, cache: LayerCache | None, hook: Hook) -> Tensor:
        x = hook("residual_in", x)
        x = x + hook("attention", self.attention(hook("norm1", self.norm1(x)), cache, hook))
        x = hook("residual_mid", x)
        x = x + hook("feed_forward", self.feed_forward(hook("norm2", self.norm2(x)), hook))
        return hook("residual_out", x)


class GPT(nn.Module):
    """A decoder-only Transformer with GPT-2's architecture and initial weights.

    Every intermediate has a name, the same in the page's engine; ``llm_lib.hooks`` reads and
    replaces them: ``embedding.token``, ``embedding.position`` and ``embedding``; for each layer
    ``blocks.0.residual_in``, ``.norm1``, ``.queries``, ``.keys``, ``.values``, ``.scores``,
    ``.weights``, ``.heads``, ``.attention``, ``.residual_mid``, ``.norm2``, ``.hidden``,
    ``.active``, ``.feed_forward``, ``.residual_out``; then ``norm`` and ``logits``.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = InputEmbedding(
            config.vocab_size, config.block_size, config.n_embd, config.dropout
        )
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = LayerNorm(config.n_embd, config.bias, config.norm_eps)
        self.head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self._initialize()
        if config.tie_weights:
            self.tie_head()

    def forward(
        self,
        ids: Tensor,
        targets: Tensor | None = None,
        cache: KVCache | None = None,
        hook: Hook | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Logits ``(..., T, V)`` for ids ``(..., T)``; with targets ``(..., T)``, the loss too.

        Args:
            ids: token ids; T at most ``block_size``, what the cache holds included.
            targets: the token that follows each id. -1 marks one that does not count. Or, where
                more is known, ``(..., T, V)``: the probability of every token; a row that sums to
                2 counts twice.
            cache: what was read before; these ids continue it and are added to it.
            hook: gets the name and value of every intermediate, returns what to go on with.

        Returns:
            The logits, and the mean cross-entropy in nats per token or None.

        Raises:
            ValueError: more tokens than ``block_size``, targets of another shape than ids, or a
                cache made for another model or batch.
            IndexError: an id outside the vocabulary.
            TypeError: ids that are not a tensor of whole numbers.
        """
        _require_ids(ids)
        start = 0 if cache is None else self._start_of(cache)
        x = self.embedding(ids, start) if hook is None else self._hooked_embedding(ids, start, hook)
        for index, block in enumerate(self.blocks):
            x = block(
                x,
                cache.layers[index] if cache is not None else None,
                None if hook is None else _prefixed(hook, f"blocks.{index}."),
            )
        x = self.norm(x)  # (..., T, C)
        if hook is not None:
            x = hook("norm", x)
        logits = self.head(x)  # (..., T, V)
        if hook is not None:
            logits = hook("logits", logits)
        return logits, None if targets is None else _cross_entropy(logits, targets)

    def new_cache(self, *batch_shape: int) -> KVCache:
        """An empty cache for ids of shape ``(*batch_shape, T)``."""
        config, weight = self.config, self.norm.weight
        return KVCache(
            config.n_layer,
            config.n_head,
            config.head_size,
            config.block_size,
            batch_shape,
            weight.dtype,
            weight.device,
        )

    def tie_head(self) -> None:
        """Let the head be the token table, one tensor (Press and Wolf, 2017).

        A vector's score for a token is then its dot product with the token's own embedding.
        """
        self.head.weight = self.embedding.token.weight

    def generate(self, ids: Any, max_new_tokens: int, **options: Any) -> Any:
        """Continue a text or a batch of texts: see ``llm_lib.generation.generate``."""
        from llm_lib.generation import generate

        return generate(self, ids, max_new_tokens, **options)

    def save_pretrained(
        self, folder: str | PathLike[str], tokenizer: BPETokenizer | None = None
    ) -> None:
        """Write a folder in Hugging Face's GPT-2 layout: see ``llm_lib.checkpoints``."""
        from llm_lib.checkpoints import save_pretrained

        save_pretrained(self, folder, tokenizer)

    @staticmethod
    def from_pretrained(folder: str | PathLike[str], dtype: torch.dtype = torch.float32) -> GPT:
        """Read a folder in Hugging Face's GPT-2 layout: see ``llm_lib.checkpoints``."""
        from llm_lib.checkpoints import from_pretrained

        return from_pretrained(folder, dtype)

    def _start_of(self, cache: KVCache) -> int:
        if len(cache.layers) != len(self.blocks):
            raise ValueError(
                f"the cache has {len(cache.layers)} layers and the model {len(self.blocks)}: "
                "make it with model.new_cache(*ids.shape[:-1])."
            )
        return cache.length

    def _hooked_embedding(self, ids: Tensor, start: int, hook: Hook) -> Tensor:
        embedding = self.embedding
        tokens = hook("embedding.token", embedding.token(ids))  # (..., T, C)
        positions = hook("embedding.position", embedding.position(ids.shape[-1], start))  # (T, C)
        return hook("embedding", embedding.dropout(tokens + positions))

    def _initialize(self) -> None:
        """GPT-2's initial weights. Embeddings have set their own.

        Every block adds to the stream twice. So that the sum of 2 n_layer additions does not grow
        with the depth, the two projections that write to it start smaller by √(2 n_layer)
        (section 2.3).
        """
        residual_std = 0.02 / math.sqrt(2 * self.config.n_layer)
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                if name.endswith("projection"):
                    nn.init.normal_(module.weight, std=residual_std)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


def _prefixed(hook: Hook, prefix: str) -> Hook:
    return lambda name, value: hook(prefix + name, value)


def _require_ids(ids: Tensor) -> None:
    if not isinstance(ids, Tensor) or ids.ndim == 0:
        raise TypeError(
            f"ids is {'one number' if isinstance(ids, Tensor) else f'a {type(ids).__name__}'}; "
            "give a tensor of ids (..., T), such as torch.tensor(tokenizer.encode(text))."
        )


def _cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    if targets.is_floating_point():
        return _cross_entropy_of_shares(logits, targets)
    if targets.shape != logits.shape[:-1]:
        raise ValueError(
            f"targets has shape {tuple(targets.shape)} and ids {tuple(logits.shape[:-1])}: "
            "each id needs one target, the token that follows it."
        )
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten(), ignore_index=-1)


def _cross_entropy_of_shares(logits: Tensor, targets: Tensor) -> Tensor:
    if targets.shape != logits.shape:
        raise ValueError(
            f"targets are probabilities of shape {tuple(targets.shape)} and the logits have shape "
            f"{tuple(logits.shape)}: each id needs a probability for every token."
        )
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten(0, -2))
