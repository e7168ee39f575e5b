"""The book's interactive figures. Each needs a browser and nothing else; none needs torch."""

from llm_lib.widgets.attention_explorer import AttentionExplorer
from llm_lib.widgets.attention_steps import AttentionSteps
from llm_lib.widgets.batch_explorer import BatchExplorer
from llm_lib.widgets.block_explorer import BlockExplorer
from llm_lib.widgets.bpe_merges import BPEMerges
from llm_lib.widgets.embedding_explorer import EmbeddingExplorer
from llm_lib.widgets.kv_cache_figure import KVCacheFigure
from llm_lib.widgets.model_map import ModelMap
from llm_lib.widgets.quiz import Quiz
from llm_lib.widgets.sampling_lab import SamplingLab
from llm_lib.widgets.tokenizer_playground import TokenizerPlayground
from llm_lib.widgets.whole_machine import WholeMachine

__all__ = [
    "AttentionExplorer",
    "AttentionSteps",
    "BPEMerges",
    "BatchExplorer",
    "BlockExplorer",
    "EmbeddingExplorer",
    "KVCacheFigure",
    "ModelMap",
    "Quiz",
    "SamplingLab",
    "TokenizerPlayground",
    "WholeMachine",
]
