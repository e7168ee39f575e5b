"""The merges that the library's trainer learns from small texts, by both rules for ties."""

from __future__ import annotations

from typing import Any

from llm_lib.tokenizers.bpe_training import TIE_BREAKS
from llm_lib.widgets.bpe_merges import PASSAGE, train

FILE = "merges.json"
MAX_MERGES = 12
TEXTS = (
    PASSAGE,
    "aaaa aaa aaaaaaa aa",  # a pair that overlaps itself
    "ab ba ab ba cd dc",  # nothing but ties
    "café cafe\u0301 🦊🦊\n\nשלום",
)


def build() -> dict[str, Any]:
    """The trainings: a text, a rule, and rows of left id, right id, count and tokens left."""
    trainings = [
        {"text": i, "tie_break": tie_break, "merges": _numbered(text, tie_break)}
        for i, text in enumerate(TEXTS)
        for tie_break in TIE_BREAKS
    ]
    return {
        "against": "the trainer of llm_lib",
        "max_merges": MAX_MERGES,
        "texts": TEXTS,
        "trainings": trainings,
    }


def _numbered(text: str, tie_break: str) -> list[list[int]]:
    """Ids for bytes: 0 to 255 are the bytes, and merge *r* makes 256 + *r*."""
    ids = {bytes([byte]): byte for byte in range(256)}
    rows = []
    for left, right, count, n_tokens in train(text, tie_break, MAX_MERGES):
        rows.append([ids[left], ids[right], count, n_tokens])
        ids[left + right] = 255 + len(rows)
    return rows
