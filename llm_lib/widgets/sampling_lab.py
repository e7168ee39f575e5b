"""The sampling lab: from a model's scores to its next token, and to a text."""

from __future__ import annotations

import html
from typing import Any

import traitlets

from llm_lib.uniform import MAX_SEED
from llm_lib.widgets.base import BookWidget

# Stops where many tokens may follow: with none to choose from there is nothing to sample.
LAB_OPENING = "Both Tom and Ruth wanted the"


class SamplingLab(BookWidget):
    """Storyteller's distribution of the next token after the reader's text, and what chance does.

    All 1,024 probabilities under temperature, top-k, top-p and min-p, with the arithmetic of any
    token; many draws against theory; the tree of alternatives; a text that is written token by
    token, in which the reader can go back to any place and choose otherwise.

    The settings are those of :class:`llm_lib.sampling.SamplingOptions`, and what the page writes
    is what :func:`llm_lib.generation.generate` writes with the same settings and seed, up to
    rounding of the scores, as long as the text fits the context.

    Args:
        text: what the model reads, after the token that begins a tale. Follows the reader.
        temperature: 0 (always the likeliest) to 5. Follows the reader, as do the next four.
        top_k: only the k likeliest tokens; None or 0 for no limit.
        top_p: only the likeliest that together hold this probability; None for no limit.
        min_p: only tokens at least this likely, compared to the likeliest; None for no limit.
        seed: of the draws, 0 to 2⁵³ - 1.
        view: "next" (the distribution), "draws" or "tree" (the alternatives).
        follow: whether the text is "your sentence", shared with the other figures.

    ``written`` holds the ids that were added to the text so far, and can be observed.

    Raises:
        traitlets.TraitError: a setting outside its range.
    """

    module = "sampling_lab"

    text = traitlets.Unicode(LAB_OPENING).tag(sync=True)
    temperature = traitlets.Float(1.0, min=0.0, max=5.0).tag(sync=True)
    top_k = traitlets.Int(None, min=0, allow_none=True).tag(sync=True)
    top_p = traitlets.Float(None, min=0.0, max=1.0, allow_none=True).tag(sync=True)
    min_p = traitlets.Float(None, min=0.0, max=1.0, allow_none=True).tag(sync=True)
    seed = traitlets.Int(1, min=0, max=MAX_SEED).tag(sync=True)
    view = traitlets.Enum(("next", "draws", "tree"), "next").tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    written = traitlets.List(traitlets.Int()).tag(sync=True)

    def props(self) -> dict[str, Any]:
        return super().props() | {"written": []}  # a page begins with the reader's text alone

    def still(self) -> str:
        limits = [
            f"{name} {value:g}"
            for name, value in (("top-k", self.top_k), ("top-p", self.top_p), ("min-p", self.min_p))
            if value
        ]
        cut = f"{', '.join(limits)}" if limits else "no limit"
        return (
            "<p>Here a trained model, Storyteller, reads a text in the page and gives each of its "
            f"1,024 tokens a score. After “{html.escape(self.text)}”, with temperature "
            f"{self.temperature:g} and {cut}, the figure shows how likely each token is to come "
            "next, what is cut, and how a score becomes a probability, number by number. It draws "
            "a thousand times and compares the counts with theory, shows the tree of the likeliest "
            "continuations, and writes on from a seed. It needs JavaScript.</p>"
        )
