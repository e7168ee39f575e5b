"""The numbers that make one GPT differ from another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from llm_lib.arguments import require_equal_heads, require_positive, require_probability

_GPT2 = {  # name: (layers, heads, width), Radford et al. (2019), table 2
    "gpt2": (12, 12, 768),  # 124M parameters
    "gpt2-medium": (24, 16, 1024),  # 355M
    "gpt2-large": (36, 20, 1280),  # 774M
    "gpt2-xl": (48, 25, 1600),  # 1,558M
}
_OURS = {  # name: (layers, heads, width, context, vocabulary)
    "tiny": (2, 2, 32, 64, 512),  # to look at every number of
    "storyteller": (4, 4, 128, 256, 1024),  # the model of this book, trained on Tales
}


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a GPT. The defaults are those of the smallest GPT-2.

    Raises:
        ValueError: a size below 1, heads that do not divide the width, or a dropout not in [0, 1).
    """

    vocab_size: int = 50257  # tokens that can be read and written
    block_size: int = 1024  # positions that fit in the context
    n_layer: int = 12  # blocks, one after the other
    n_head: int = 12  # attention heads in each block
    n_embd: int = 768  # width of the residual stream
    dropout: float = 0.0  # GPT-2 was trained with 0.1; 0 where no text is seen twice
    bias: bool = True  # of the linear layers and norms; GPT-2 has them
    tie_weights: bool = True  # the output head is the token table (Press and Wolf, 2017)
    norm_eps: float = 1e-5  # added to the variance in LayerNorm

    def __post_init__(self) -> None:
        for name in ("vocab_size", "block_size", "n_layer"):
            require_positive(**{name: getattr(self, name)})
        require_equal_heads(self.n_embd, self.n_head)
        require_probability("dropout", self.dropout)
        if not self.norm_eps > 0:
            raise ValueError(f"norm_eps is {self.norm_eps!r}; it must be above 0, like 1e-5.")

    @property
    def head_size(self) -> int:
        """Columns that each head gets."""
        return self.n_embd // self.n_head

    @classmethod
    def from_name(cls, name: str, **changes: Any) -> GPTConfig:
        """``"gpt2"``, ``"gpt2-medium"``, ``"gpt2-large"``, ``"gpt2-xl"``, ``"tiny"`` or
        ``"storyteller"``, with some numbers changed.

        Raises:
            ValueError: a name that is none of these.
        """
        if name in _GPT2:
            n_layer, n_head, n_embd = _GPT2[name]
            config = cls(n_layer=n_layer, n_head=n_head, n_embd=n_embd)
        elif name in _OURS:
            n_layer, n_head, n_embd, block_size, vocab_size = _OURS[name]
            config = cls(vocab_size, block_size, n_layer, n_head, n_embd)
        else:
            raise ValueError(f"no size is named {name!r}; there are {', '.join(cls.names())}.")
        return replace(config, **changes)

    @staticmethod
    def names() -> tuple[str, ...]:
        """The names that ``from_name`` knows, smallest first."""
        return (*_OURS, *_GPT2)
