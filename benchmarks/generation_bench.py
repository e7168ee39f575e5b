"""How fast a GPT writes one text, beside Hugging Face's ``generate``.

    python benchmarks/generation_bench.py

Random weights, the same in both, loaded from one folder; greedy, with a KV cache, batch 1; the peer
uses its fused attention (sdpa). Both take turns within one run and the table shows medians, so the
ratios hold on a busy machine better than the tokens per second do. Our weights are packed once, as
both models are loaded once; what a call costs that packs them itself has a column of its own.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from llm_lib.decoding import Decoder  # noqa: E402
from llm_lib.generation import generate  # noqa: E402
from llm_lib.gpt import GPT  # noqa: E402
from llm_lib.gpt_config import GPTConfig  # noqa: E402

PROMPT = [3, 1, 4, 1, 5, 9, 2, 6]
CASES = [  # label, configuration, dtype, new tokens, least speed relative to the peer
    ("Storyteller's size, float32", "storyteller", torch.float32, 200, 2.5),
    ("GPT-2 124M, float32", "gpt2", torch.float32, 64, 1.0),
    ("GPT-2 124M, bfloat16", "gpt2", torch.bfloat16, 64, 2.0),
]


def peer_of(model: GPT, folder: Path, dtype: torch.dtype) -> Callable[[int], list[int]]:
    """Hugging Face's model with the same weights, as a function of the number of new tokens."""
    from transformers import GPT2LMHeadModel, logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model.save_pretrained(folder)
    peer = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="sdpa", dtype=dtype).eval()
    peer.generation_config.eos_token_id = None  # write to the end
    peer.generation_config.pad_token_id = 0
    ids = torch.tensor([PROMPT])
    mask = torch.ones_like(ids)

    def write(n_new: int) -> list[int]:
        out = peer.generate(ids, attention_mask=mask, max_new_tokens=n_new, do_sample=False)
        return out[0].tolist()

    return write


def race(runners: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each runner, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for runner in runners.values():
        runner()  # to warm up
    for _ in range(rounds):
        for name, runner in runners.items():
            start = time.perf_counter()
            runner()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def bench(name: str, dtype: torch.dtype, n_new: int, rounds: int, folder: Path) -> dict[str, float]:
    """Tokens per second: ours, ours that packs, ours drawn with top-p 0.9, and the peer."""
    torch.manual_seed(0)
    model = GPT(GPTConfig.from_name(name)).to(dtype).eval()
    peer = peer_of(model, folder, dtype)
    if dtype == torch.float32:
        assert generate(model, PROMPT, 8, temperature=0) == peer(8)
    writer = Decoder(model)
    seconds = race(
        {
            "ours": lambda: generate(writer, PROMPT, n_new, temperature=0),
            "packing": lambda: generate(model, PROMPT, n_new, temperature=0),
            "drawn": lambda: generate(writer, PROMPT, n_new, top_p=0.9),
            "peer": lambda: peer(n_new),
        },
        rounds,
    )
    return {key: n_new / median for key, median in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each; the median is shown")
    parser.add_argument("--threads", type=int, default=2, help="of torch (default: 2)")
    parser.add_argument("--only", default="", help="only cases whose label holds this")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(
        f"Python {platform.python_version()}, torch {torch.__version__}, {os.cpu_count()} cores, "
        f"{args.threads} threads; medians of {args.rounds} runs, tokens per second"
    )
    columns = f"{'ours':>8}{'packing':>9}{'top-p':>8}{'transformers':>14}"
    print(f"{'':30}{columns}   ours relative to it   bar")
    for label, name, dtype, n_new, bar in CASES:
        if args.only not in label:
            continue
        with tempfile.TemporaryDirectory() as folder:
            speed = bench(name, dtype, n_new, args.rounds, Path(folder))
        print(
            f"{label:30}{speed['ours']:8.0f}{speed['packing']:9.0f}{speed['drawn']:8.0f}{speed['peer']:14.0f}"
            f"{speed['ours'] / speed['peer']:20.2f}×  {bar:.1f}×",
            flush=True,
        )


if __name__ == "__main__":
    main()
