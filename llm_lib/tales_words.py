"""The words of Tales: what a model trained on Tales can know.

The page marks every other word a reader types, since the model has never seen it. Made by
``python -m llm_lib.tales_words``; see ``data/README.md``.
"""

from __future__ import annotations

import json

from llm_lib.atomic_write import write_text
from llm_lib.tales import texts
from llm_lib.texts import data_dir
from llm_lib.tokenizers.word import split_words

FILE = "tales-words.json"
ENOUGH = 20_000  # tales: no new word comes after the first few thousand


def build() -> list[str]:
    """Every word of a large sample of training tales, sorted."""
    found: set[str] = set()
    for text in texts(ENOUGH, seed=0, split="train"):
        found.update(split_words(text))
    return sorted(found)


def main() -> None:
    """Write ``data/tales-words.json``."""
    about = "The words of Tales; made by: python -m llm_lib.tales_words"
    words = build()
    text = json.dumps({"about": about, "words": words}, ensure_ascii=False, separators=(",", ":"))
    target = data_dir() / FILE
    write_text(target, text + "\n")
    print(f"{target}: {len(words)} words")


if __name__ == "__main__":
    main()
