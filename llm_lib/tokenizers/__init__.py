"""Text to ids and back: whole words first (chapter 1), then byte pair encoding (chapter 2).

`word.py` is the seed. Byte pair encoding is spread over one file per idea: `pretokenize.py` cuts
text into pieces, `bpe_training.py` learns merges, `merging.py` applies them, `bpe.py` puts the
parts together, `streaming.py` does it for text that never fits in memory, `formats.py` reads and
writes what other libraries use. Nothing here imports torch.
"""

from llm_lib.tokenizers.bpe import BPETokenizer
from llm_lib.tokenizers.bpe_training import BPETrainer, MergeStep
from llm_lib.tokenizers.pretokenize import GPT2_PATTERN, GPT4_PATTERN
from llm_lib.tokenizers.word import WordTokenizer

__all__ = [
    "GPT2_PATTERN",
    "GPT4_PATTERN",
    "BPETokenizer",
    "BPETrainer",
    "MergeStep",
    "WordTokenizer",
]
