"""How heavy the pages are, and how soon their figures answer.

    make site && python benchmarks/site_bench.py

Opens the front page and every chapter of the built site in Chromium, over http, with an empty
cache, several times.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "book" / "_tools"))
from serve import bind  # noqa: E402

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
    if not (SITE / "index.html").is_file():
        print("The site is not built. Build it: make site")
        return 1
    server = bind(SITE, 8700)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "google-chrome"
    pages = ["index", *(p.stem for p in sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb")))]
    print(f"{'page':<26}{'kB, everything':>16}{'first figure, ms (median)':>28}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in pages:
            url = f"http://127.0.0.1:{server.server_port}/book/{name}.html"
            visits = [visit(browser, url) for _ in range(rounds)]
            size = statistics.median(size for size, _ in visits)
            ready = statistics.median(ms for _, ms in visits)
            print(f"{name:<26}{size / 1000:>16.0f}{ready:>28.0f}")
        browser.close()
    print("bars: 500 kB a page before models; first figure within 1,000 ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
