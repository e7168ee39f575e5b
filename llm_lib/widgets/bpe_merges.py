"""Byte pair encoding trained on a text of the reader's, one merge at a time."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple

import traitlets

from llm_lib.tokenizers.bpe_training import TIE_BREAKS, BPETrainer
from llm_lib.tokenizers.piece_counts import count_pieces
from llm_lib.tokenizers.pretokenize import well_formed
from llm_lib.widgets.base import BookWidget, still_table
from llm_lib.widgets.sentence import BOOK_SENTENCE
from llm_lib.widgets.token_label import token_label

# Every second word is kin to "light", "lamp" or "last": after some thirty merges the pairs that
# stand twice are used up, and what follows only memorises.
PASSAGE = (
    "The lamplighter lights the lamps at night. The lamps are slight and the night is long, but "
    "lamplight is light, and light is right. A lighter lamp lights faster, says the lamplighter, "
    "and the lightest lamp lights fastest. At first light the lamplighter unlights the lamps and "
    "sleeps till night."
)
_STILL_MERGES = 20


class Merge(NamedTuple):
    """One merge of a training: the pair, how often it stood, the length of the text after it."""

    left: bytes
    right: bytes
    count: int
    n_tokens: int


class BPEMerges(BookWidget):
    """Byte pair encoding on a text: which pair is merged, why, and what becomes of the text.

    The page trains by itself; its merges are those of ``BPETokenizer.train``.

    Args:
        text: the text to train on. ``None``, the default, is a passage made for it.
        tie_break: which of several equally frequent pairs is merged, see ``BPETrainer``.
        step: how many merges are shown as made; more than there are shows the last.
        max_merges: how many merges are learned, 1 to 1,000. A short text has pairs for fewer.

    Attributes:
        merges: the pairs learned from ``text``, in order, as ``[left, right]``; bytes that are no
            whole character as ``"\\xc3"``. Follows what the reader types; ``observe`` it.

    Raises:
        traitlets.TraitError: a value of the wrong type or out of range.
    """

    module = "bpe_merges"

    text = traitlets.Unicode(PASSAGE).tag(sync=True)
    tie_break = traitlets.Enum(TIE_BREAKS, "lexicographic").tag(sync=True)
    step = traitlets.Int(8, min=0).tag(sync=True)
    max_merges = traitlets.Int(60, min=1, max=1000).tag(sync=True)
    sentence = traitlets.Unicode(
        BOOK_SENTENCE, help="what “Use my sentence” takes until the reader has typed one"
    ).tag(sync=True)

    merges = traitlets.List(traitlets.List(traitlets.Unicode()), read_only=True)

    def __init__(self, text: str | None = None, **props: Any) -> None:
        super().__init__(**props, **({} if text is None else {"text": text}))
        self._train_again()

    @traitlets.observe("text", "tie_break", "max_merges")
    def _train_again(self, change: object = None) -> None:
        made = train(self.text, self.tie_break, self.max_merges)
        self.set_trait("merges", [[_readable(m.left), _readable(m.right)] for m in made])

    def still(self) -> str:
        made = train(self.text, self.tie_break, self.max_merges)
        shown = made[:_STILL_MERGES]
        opening = f"“{self.text[:300]}{'…' if len(self.text) > 300 else ''}”"
        sizes = _count(len(well_formed(self.text).encode()), "byte")
        if made:
            sizes += f", {_count(made[-1].n_tokens, 'token')} after {_count(len(made), 'merge')}"
        more = f" The first {len(shown)} merges:" if len(shown) < len(made) else ""
        return still_table(
            f"{opening}: {sizes}.{more}",
            ["merge", "left", "right", "new token", "count", "tokens in the text"],
            [
                (i, token_label(m.left), token_label(m.right), token_label(m.left + m.right),
                 m.count, m.n_tokens)
                for i, m in enumerate(shown, 1)
            ],
        )  # fmt: skip


def train(text: str, tie_break: str, max_merges: int) -> list[Merge]:
    """The first merges that byte pair encoding learns from a text; none from an empty one."""
    if not text:
        return []
    piece_counts = count_pieces(text)
    trainer = BPETrainer(piece_counts, tie_break)
    counts = piece_counts.values()
    made = []
    for (left, right), count in islice(trainer.steps(), max_merges):
        n_tokens = sum(len(word) * n for word, n in zip(trainer.words, counts, strict=True))
        made.append(Merge(left, right, count, n_tokens))
    return made


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _readable(token: bytes) -> str:
    return token.decode("utf-8", "backslashreplace")
