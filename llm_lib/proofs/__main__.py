"""Write the files of ``data/proofs/``: ``python -m llm_lib.proofs``."""

from __future__ import annotations

import json
from pathlib import Path

from llm_lib.atomic_write import write_text
from llm_lib.proofs import attention, batches, embeddings, merges, model_map, tokens
from llm_lib.texts import data_dir


def main(folder: Path | None = None) -> None:
    """Write one file for each figure, into ``data/proofs/`` if no other folder is given."""
    target = data_dir() / "proofs" if folder is None else folder
    target.mkdir(exist_ok=True)
    for module in (tokens, merges, batches, embeddings, attention, model_map):
        contents = {"about": "made by: python -m llm_lib.proofs", **module.build()}
        text = json.dumps(contents, separators=(",", ":"), allow_nan=False) + "\n"
        write_text(target / module.FILE, text)
        print(f"{target / module.FILE}: {len(text):,} bytes")


if __name__ == "__main__":
    main()
