"""How fast a GPT reads and learns, beside `transformers`' GPT-2 with its fused attention (sdpa).

    python benchmarks/forward_bench.py

Both models have the same config and the same weights, in float32 without dropout, and take turns
within one run on the same threads. A training step is forward, backward and AdamW (PyTorch's fused
one for both). The table shows medians, so the ratios hold on a busy machine better than the
milliseconds do.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from llm_lib.accounting import forward_flops, training_flops  # noqa: E402
from llm_lib.gpt import GPT  # noqa: E402
from llm_lib.gpt_config import GPTConfig  # noqa: E402

SHAPES = {  # label: config, tokens of a sequence, sequences of a batch
    "4 layers, d 128": (GPTConfig(1024, 128, 4, 4, 128), 128, 16),
    "6 layers, d 384": (GPTConfig(1024, 256, 6, 6, 384), 256, 8),
}
Loss = Callable[[Tensor], Tensor]


def both_models(config: GPTConfig) -> dict[str, tuple[nn.Module, Loss]]:
    """Ours and theirs with the same weights, each with the loss of predicting ids from ids."""
    from transformers import GPT2LMHeadModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    ours = GPT(config)
    with tempfile.TemporaryDirectory() as folder:
        ours.save_pretrained(folder)
        theirs = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="sdpa")
    theirs.config.use_cache = False  # ours keeps no cache unless asked
    return {
        "ours": (ours, lambda ids: ours(ids[:, :-1], ids[:, 1:])[1]),
        "transformers": (theirs, lambda ids: shifted_loss(theirs(ids[:, :-1]).logits, ids)),
    }


def shifted_loss(logits: Tensor, ids: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())


def forward(loss: Loss, ids: Tensor) -> Callable[[], object]:
    def run() -> object:
        with torch.no_grad():
            return loss(ids)

    return run


def training_step(model: nn.Module, loss: Loss, ids: Tensor) -> Callable[[], object]:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def run() -> None:
        loss(ids).backward()
        optimizer.step()
        optimizer.zero_grad()

    return run


def race(runners: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each runner, taking turns, after one warm-up each."""
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for round_ in range(rounds + 1):
        for name, runner in runners.items():
            start = time.perf_counter()
            runner()
            if round_:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def bench(label: str, rounds: int) -> list[tuple[str, dict[str, float], int]]:
    """Rows of (label, seconds by model, FLOPs of one run)."""
    config, n_tokens, batch_size = SHAPES[label]
    torch.manual_seed(0)
    models = both_models(config)
    ids = torch.randint(config.vocab_size, (batch_size, n_tokens + 1))
    first, second = (loss(ids).item() for _, loss in models.values())
    assert abs(first - second) < 1e-4, "the two models do not compute the same"
    size = f"{label}, T {n_tokens}, B {batch_size}"
    steps = {name: training_step(model, loss, ids) for name, (model, loss) in models.items()}
    readers = {name: forward(loss, ids) for name, (_, loss) in models.items()}
    flops = sum(forward_flops(config, n_tokens, 0, batch_size).values())
    return [
        (f"forward, {size}", race(readers, 2 * rounds), flops),
        (
            f"training step, {size}",
            race(steps, rounds),
            training_flops(config, n_tokens, batch_size),
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="training steps of each")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"{arguments.threads} threads; medians of {arguments.rounds} steps"
    )
    print(f"{'':44}{'ours':>10}{'transformers':>14}{'ours':>12}   speed of ours relative")
    print(f"{'':44}{'ms':>10}{'ms':>14}{'GFLOP/s':>12}   to transformers")
    for label in SHAPES:
        for row, seconds, flops in bench(label, arguments.rounds):
            ours, theirs = seconds["ours"], seconds["transformers"]
            print(
                f"{row:44}{1000 * ours:10.1f}{1000 * theirs:14.1f}{flops / ours / 1e9:12.1f}"
                f"{theirs / ours:12.2f}×"
            )


if __name__ == "__main__":
    main()
