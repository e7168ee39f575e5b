"""How fast the tokenizer trains and encodes, beside `tokenizers` (Rust) and tiktoken (Rust).

    LLM_LIB_DATA=path/to/data python benchmarks/tokenizers_bench.py

Needs tiny-shakespeare.txt, gpt2/encoder.json and gpt2/vocab.bpe in the folder LLM_LIB_DATA. Peers
take turns within one run, each gets one thread, and the table shows medians, so the ratios hold on
a busy machine better than the seconds do.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("RAYON_NUM_THREADS", "1")  # one thread each, for a fair race
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from llm_lib.tokenizers import BPETokenizer  # noqa: E402

DATA = Path(os.environ.get("LLM_LIB_DATA", ""))

STREAM_PROGRAM = """
import os, sys, time
from llm_lib.tokenizers import BPETokenizer
sys.path.insert(0, {here!r})
from tokenizers_bench import load_gpt2, other_words, shakespeare

def resident_mb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

def chunks(n_chars):
    while n_chars > 0:
        for start in range(0, len(text), 4096):
            yield text[start : start + 4096]
        n_chars -= len(text)

tokenizer = load_gpt2()
text = shakespeare() + other_words(shakespeare(), 1)
before = most = resident_mb()
start = time.perf_counter()
for n_ids, _ in enumerate(tokenizer.encode_iterable(chunks(50_000_000)), 1):
    if n_ids % 10_000 == 0:
        most = max(most, resident_mb())
print(most - before, time.perf_counter() - start, n_ids)
"""


def shakespeare() -> str:
    return (DATA / "tiny-shakespeare.txt").read_text(encoding="utf-8")


def other_words(text: str, seed: int) -> str:
    """The same text with its consonants and its vowels swapped around: new words, same rhythm."""
    shuffled = []
    for letters in ("aeiou", "bcdfghjklmnpqrstvwxyz"):
        order = list(letters)
        random.Random(seed).shuffle(order)
        shuffled.append((letters + letters.upper(), "".join(order) + "".join(order).upper()))
    before, after = ("".join(letters) for letters in zip(*shuffled, strict=True))
    return text.translate(str.maketrans(before, after))


def load_gpt2() -> BPETokenizer:
    return BPETokenizer.from_gpt2_files(DATA / "gpt2/encoder.json", DATA / "gpt2/vocab.bpe")


def race(runners: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each runner, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            start = time.perf_counter()
            runner()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def train_with_tokenizers(text: str, vocab_size: int) -> object:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text], trainer)
    assert tokenizer.get_vocab_size() == vocab_size
    return tokenizer


def bench_training(rounds: int) -> list[tuple[str, dict[str, float]]]:
    play = shakespeare()
    plays = "".join([play, *(other_words(play, seed) for seed in range(4))])[:5_000_000]
    rows = []
    for label, text, vocab_size in (
        ("train 130 kB -> 1,000", play[:130_000], 1000),
        ("train 5 MB -> 5,000", plays, 5000),
    ):
        runners = {
            "ours": lambda text=text, size=vocab_size: BPETokenizer.train(text, size),
            "tokenizers": lambda text=text, size=vocab_size: train_with_tokenizers(text, size),
        }
        rows.append((label, race(runners, rounds if len(text) < 1e6 else max(1, rounds // 2))))
    return rows


def bench_encoding(rounds: int, folder: Path) -> list[tuple[str, dict[str, float]]]:
    from tokenizers import Tokenizer

    text = shakespeare()
    ours = load_gpt2()
    ours.save(folder / "tokenizer.json")
    rust = Tokenizer.from_file(str(folder / "tokenizer.json"))
    openai = ours.to_tiktoken("gpt2")
    ids = ours.encode_ordinary(text)
    assert ids == openai.encode_ordinary(text) == rust.encode(text).ids

    def encode_cold() -> None:
        ours._ids_of_piece.clear()
        ours.encode_ordinary(text)

    runners = {
        "ours, cold": encode_cold,
        "ours": lambda: ours.encode_ordinary(text),
        "tokenizers": lambda: rust.encode(text),
        "tiktoken": lambda: openai.encode_ordinary(text),
    }
    median = race(runners, rounds)
    cold = median.pop("ours, cold")
    size = f"{len(text.encode()) / 1e6:.1f} MB"
    return [
        (f"encode {size}, GPT-2, cache empty", {**median, "ours": cold}),
        (f"encode {size}, GPT-2, cache warm", median),
        (
            f"decode {len(ids):,} ids",
            race(
                {
                    "ours": lambda: ours.decode(ids),
                    "tokenizers": lambda: rust.decode(ids),
                    "tiktoken": lambda: openai.decode(ids),
                },
                rounds,
            ),
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each; the median is shown")
    rounds = parser.parse_args().rounds
    if not (DATA / "gpt2/vocab.bpe").is_file():
        sys.exit(
            "set LLM_LIB_DATA to a folder with tiny-shakespeare.txt and gpt2/: see the docstring"
        )

    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; medians of {rounds} runs")
    print(f"{'':36}{'ours':>9}{'tokenizers':>12}{'tiktoken':>10}   speed of ours relative to")
    print(f"{'':36}{'s':>9}{'s':>12}{'s':>10}   tokenizers   tiktoken")
    with tempfile.TemporaryDirectory() as folder:
        rows = [*bench_training(rounds), *bench_encoding(rounds, Path(folder))]
    for label, seconds in rows:
        cells = [f"{label:36}", f"{seconds['ours']:9.3f}"]
        for peer, width in (("tokenizers", 12), ("tiktoken", 10)):
            cells.append(f"{seconds[peer]:{width}.3f}" if peer in seconds else " " * width)
        cells.append("   ")
        for peer, width in (("tokenizers", 9), ("tiktoken", 10)):
            if peer in seconds:
                cells.append(f"{seconds[peer] / seconds['ours']:{width}.2f}×")
        print("".join(cells))

    program = STREAM_PROGRAM.format(here=str(Path(__file__).parent))
    output = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    growth, seconds = float(output[0]), float(output[1])
    print(
        f"encode_iterable, 50 MB in chunks of 4 kB: resident memory grew by {growth:.1f} MB, "
        f"{50 / seconds:.1f} MB/s, {int(output[2]):,} ids"
    )


if __name__ == "__main__":
    main()
