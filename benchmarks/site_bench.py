"""How heavy the pages are, and how soon their figures answer.

    make site && python benchmarks/site_bench.py

Opens the front page and every chapter of the built site in Chromium, over http, with an empty
cache, several times.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from built_site import ROOT, open_site
from playwright.sync_api import Browser

READY = """() => {
  const first = document.querySelector("[data-llm-widget]");
  first?.scrollIntoView();
  return first?.dataset.llmState === "live";
}"""


def visit(browser: Browser, url: str) -> tuple[int, float]:
    """Bytes of one cold visit, and milliseconds from the start to the first live figure."""
    page = browser.new_context().new_page()
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto(url, wait_until="commit")
    page.wait_for_function(READY, polling=10)
    milliseconds = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    size = sum(len(response.body()) for response in responses)
    page.context.close()
    return size, milliseconds


def main() -> int:
    parser = argparse.ArgumentParser(description="Weight and readiness of the built pages.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pages = ["index", *(p.stem for p in sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb")))]
    print(f"{'page':<26}{'kB, everything':>16}{'first figure, ms (median)':>28}")
    with open_site() as (browser, book):
        for name in pages:
            visits = [visit(browser, f"{book}/{name}.html") for _ in range(rounds)]
            size = statistics.median(size for size, _ in visits)
            ready = statistics.median(ms for _, ms in visits)
            print(f"{name:<26}{size / 1000:>16.0f}{ready:>28.0f}")
    print("bars: 500 kB a page before models; first figure within 1,000 ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
