"""The residual stream of one token through the blocks of a GPT, and the model without a part."""

from __future__ import annotations

import re
from typing import Any

import traitlets

from llm_lib.widgets.base import BookWidget
from llm_lib.widgets.sentence import STORY_OPENING

READINGS = ("stream", "norm", "activation")
_PIECE = re.compile(r"blocks\.\d{1,4}\.(attention|feed_forward|norm1|norm2)")


class BlockExplorer(BookWidget):
    """What every part of every block writes into the stream of one token; any part can be silent.

    Storyteller reads the reader's text. From the embedding to the last norm the figure shows how
    long each written vector is and the stream after it, and what the model would say if it stopped
    there: the logit lens (nostalgebraist, 2020), which is the last norm and the head applied to
    the stream. A part that is off adds nothing, as with :func:`llm_lib.hooks.silence_part`; a norm
    that is off hands on what it was given.

    Args:
        text: what the model reads first; the reader may type another. ``<|endoftext|>`` goes first.
        follow: the text is "your sentence", shared with the book's other figures.
        position: the token whose stream is shown; -1 is the last. Follows the reader.
        reading: ``"stream"`` (the numbers that are added), ``"norm"`` (a layer norm step by step)
            or ``"activation"`` (the neurons on the curve of GELU). Follows the reader.
        part: the station that is shown close up: ``"embedding"``, ``"blocks.0.attention"``,
            ``"blocks.0.feed_forward"``, …, ``"norm"``. Empty: the part after which the likeliest
            next token has gained most. Follows the reader.
        off: what is left out, by the names of :mod:`llm_lib.hooks`: ``"blocks.2.attention"``,
            ``"blocks.0.feed_forward"``, or a norm, ``"blocks.1.norm2"``. Follows the reader.

    Raises:
        traitlets.TraitError: a reading that there is not.
        ValueError: a name in ``off`` that cannot be left out.
    """

    module = "block_explorer"

    text = traitlets.Unicode(STORY_OPENING).tag(sync=True)
    follow = traitlets.Bool(True).tag(sync=True)
    position = traitlets.Int(-1).tag(sync=True)
    reading = traitlets.Enum(READINGS, "stream").tag(sync=True)
    part = traitlets.Unicode("").tag(sync=True)
    off = traitlets.List(traitlets.Unicode()).tag(sync=True)

    @traitlets.validate("off")
    def _check_off(self, proposal: Any) -> list[str]:
        for name in proposal.value:
            if not _PIECE.fullmatch(name):
                raise ValueError(
                    f"off holds {name!r}, which cannot be left out; give names such as "
                    "'blocks.0.attention', 'blocks.0.feed_forward', 'blocks.0.norm1' or "
                    "'blocks.0.norm2'"
                )
        return list(dict.fromkeys(proposal.value))

    def still(self) -> str:
        return (
            "<p>Here a trained model, Storyteller, reads your text in the page. From the embedding "
            "to the last norm the figure follows the residual stream of one token: how much "
            "attention and feed-forward of each block add, how long the stream is after that, and "
            "what the model would say if it stopped there. Any part can be switched off, and the "
            "probabilities of the next word before and after stand side by side. It needs "
            "JavaScript.</p>"
        )
