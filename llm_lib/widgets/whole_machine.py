"""The whole machine: a text, every stage that a GPT takes it through, and the next word."""

from __future__ import annotations

import html
from typing import Any

import traitlets

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.uniform import MAX_SEED
from llm_lib.widgets.base import BookWidget
from llm_lib.widgets.sentence import STORY_OPENING
from llm_lib.widgets.token_label import token_label

VOCAB_SIZE = 1024  # of Storyteller

# Each stage with the chapters behind its door: (number, page), the first one named by the title.
CHAPTERS = {
    "tokens": [("1", "01_text_into_tokens"), ("2", "02_byte_pair_encoding")],
    "vectors": [("4", "04_embeddings")],
    "attention": [("5", "05_attention"), ("6", "06_causal_multi_head_attention")],
    "layers": [("7", "07_the_block")],
    "scores": [("8", "08_gpt2")],
    "next": [("9", "09_writing")],
}
_STAGES = {
    "tokens": ("Tokens", "The text is cut into tokens; each has a number, its id."),
    "vectors": ("Vectors", "Each id becomes a vector, and its position adds another."),
    "attention": ("Attention", "Each token looks back at others, and takes what it needs."),
    "layers": ("Layers", "Layer after layer adds to the vector what it has found out."),
    "scores": ("Scores", "The last vector gives every token of the vocabulary a score."),
    "next": (
        "The next word",
        "Scores become probabilities; one token is taken and joins the text.",
    ),
}


class WholeMachine(BookWidget):
    """The reader's text goes through Storyteller, stage by stage, and comes out as a next word.

    Each stage is a door to the chapter that builds it. The figure is made for the front page: its
    doors lead to pages beside that one. In a notebook the chapters are named, not linked.

    Args:
        text: what the model reads, after the token that begins a tale. Follows the reader.
        follow: whether the text is "your sentence", shared with the other figures.
        temperature: of the draws, 0 to 5. At 0 the likeliest token is taken. Follows the reader.
        seed: of the draws, 0 to 2⁵³ - 1. The page writes what ``generate`` writes with this seed
            and temperature, up to rounding.

    ``written`` holds the ids that the model has added so far, and can be observed.

    Raises:
        traitlets.TraitError: a temperature or a seed outside its range.
    """

    module = "whole_machine"

    text = traitlets.Unicode(STORY_OPENING).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    temperature = traitlets.Float(0.8, min=0.0, max=5.0).tag(sync=True)
    seed = traitlets.Int(1, min=0, max=MAX_SEED).tag(sync=True)
    chapters = traitlets.Dict(CHAPTERS, read_only=True).tag(sync=True)
    written = traitlets.List(traitlets.Int()).tag(sync=True)

    def props(self) -> dict[str, Any]:
        return super().props() | {"written": []}  # a page begins with the reader's text alone

    def still(self) -> str:
        tokenizer = book_tokenizer(VOCAB_SIZE)
        pieces = [
            f"{token_label(tokenizer.decode_bytes([token]))} {token}"
            for token in tokenizer.encode(self.text)
        ]
        shown = {"tokens": "\u2003".join(pieces)}
        stages = "\n".join(_still_stage(name, shown.get(name, "")) for name in _STAGES)
        text = html.escape(self.text)
        return (
            f'<p class="llm-machine-still">From “{text}” to its next word, in six stages:</p>\n'
            f'<ol class="llm-machine-still">\n{stages}\n</ol>'
        )


def _still_stage(name: str, numbers: str) -> str:
    title, words = _STAGES[name]
    chapters = CHAPTERS[name]
    doors = ", ".join(f'<a href="{page}.html">chapter {number}</a>' for number, page in chapters)
    more = f"<br>{html.escape(numbers)}" if numbers else ""
    return f"<li><strong>{title}</strong> ({doors}). {words}{more}</li>"
