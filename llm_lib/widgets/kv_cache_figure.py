"""The KV cache: what is computed again without one, what is kept with one, and what both cost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import traitlets

from llm_lib.accounting import BYTES, forward_flops, kv_cache_numbers
from llm_lib.gpt_config import GPTConfig
from llm_lib.widgets.base import BookWidget, still_table
from llm_lib.widgets.model_map import LABELS
from llm_lib.widgets.sentence import STORY_OPENING

MOST = 400  # tokens of the growing text: the window moves twice
_CONFIG = GPTConfig.from_name("storyteller")
_SIZES = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd")
_STILL_LENGTHS = (1, 16, 64, 128, 256)
_LARGER = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl")


class KVCacheFigure(BookWidget):
    """A text grows token by token; a model reads it with a KV cache and without.

    One cell for each of Storyteller's layers at each position shows what is computed for the newest
    token, what is kept, and what is forgotten when the window moves (``llm_lib.context_window``).
    FLOPs and bytes are those of ``llm_lib.accounting``. On request the page measures the time of a
    token in both ways. Beyond the reader's text the model writes on, greedily.

    Args:
        text: what is read, after the token that begins a tale. Follows the reader.
        step: tokens in the text so far, 1 to 400; None for all of ``text``. Follows the reader.
        cached: True shows the reading with a cache, False the one without, None both.
        follow: whether the text is "your sentence", shared with the other figures.

    ``measured`` holds what the page has measured, for Python to observe: a list of
    ``{"tokens": …, "without": …, "with": …}``, milliseconds for the last of so many tokens. It is
    the reader's machine's, so it is never part of what is saved with a notebook.

    Raises:
        traitlets.TraitError: a step outside its range.
    """

    module = "kv_cache_figure"

    text = traitlets.Unicode(STORY_OPENING).tag(sync=True)
    step = traitlets.Int(None, min=1, max=MOST, allow_none=True).tag(sync=True)
    cached = traitlets.Bool(None, allow_none=True).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    config = traitlets.Dict(read_only=True, help="the sizes of the model").tag(sync=True)
    larger = traitlets.List(read_only=True, help="caches of larger models").tag(sync=True)
    measured = traitlets.List().tag(sync=True)

    @traitlets.default("config")
    def _sizes(self) -> dict[str, int]:
        return {name: value for name, value in asdict(_CONFIG).items() if name in _SIZES}

    @traitlets.default("larger")
    def _larger(self) -> list[dict[str, Any]]:
        return [_cache_of(name) for name in _LARGER]

    def props(self) -> dict[str, Any]:
        return super().props() | {"measured": []}

    def still(self) -> str:
        config = _CONFIG
        rows, without, cached = [], 0, 0
        for length in range(1, config.block_size + 1):
            without += sum(forward_flops(config, length).values())
            cached += sum(forward_flops(config, 1, length - 1).values())
            if length in _STILL_LENGTHS:
                cells = (config.n_layer * length, config.n_layer)
                kept = kv_cache_numbers(config, length) * BYTES["float32"]
                rows.append(tuple(map(_grouped, (length, *cells, without, cached, kept))))
        caches = ", ".join(
            f"{cache['label']} {cache['bytes'] / 1e6:.1f} MB" for cache in self.larger
        )
        caption = (
            "A text is written token by token. Without a cache every layer is computed again at "
            "every token, with one only at the newest. In larger models a cache weighs more; for "
            f"one text of {_grouped(self.larger[0]['tokens'])} tokens, in float16: {caches}."
        )
        columns = (
            "tokens",
            "cells computed for the newest, without a cache",
            "with one",
            "FLOP so far without",
            "with",
            "bytes kept",
        )
        return still_table(caption, columns, rows)


def _cache_of(name: str) -> dict[str, Any]:
    config = GPTConfig.from_name(name)
    size = kv_cache_numbers(config) * BYTES["float16"]
    return {"label": LABELS[name], "tokens": config.block_size, "bytes": size}


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")  # thin spaces, as in the figure
