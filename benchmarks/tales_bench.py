"""How fast tales are made, and how much there is to know in them.

    python benchmarks/tales_bench.py [--stories 20000]

Times are of the process's own CPU, best of three.
"""

from __future__ import annotations

import argparse
import time

from llm_lib.tales import check_facts, corpus, entropy_per_token, floor_by_kind, stories


def best_seconds(work, repeats: int = 3) -> float:
    """Least CPU time of a few runs."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=20_000, help="stories in the timed corpus")
    n = parser.parse_args().stories
    size = len(corpus(n, 1))
    fast = best_seconds(lambda: corpus(n, 1))
    few = max(1, n // 20)
    tales = list(stories(few, 1))
    slow = best_seconds(lambda: list(stories(few, 1)))
    grade = best_seconds(lambda: [check_facts(tale.text) for tale in tales])
    print(
        f"corpus        {size / fast / 1e6:8.1f} MB/s   {n / fast:10,.0f} stories/s   (bar: 2 MB/s)"
    )
    print(f"stories       {size / n * few / slow / 1e6:8.1f} MB/s   {few / slow:10,.0f} stories/s")
    print(
        f"check_facts   {size / n * few / grade / 1e6:8.1f} MB/s   {few / grade:10,.0f} stories/s"
    )
    floor = entropy_per_token(str.split)
    print(
        f"floor         {floor.nats_per_story:8.2f} nats/story, {floor.nats_per_token:.4f} "
        f"+- {floor.standard_error:.4f} nats per word"
    )
    for kind, nats in floor_by_kind(str.split).items():
        print(f"  {kind:<12}{nats:.4f}")


if __name__ == "__main__":
    main()
