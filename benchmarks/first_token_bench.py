"""How soon after a visit begins a page shows what the model says next.

    make site && python benchmarks/first_token_bench.py

Opens each page of the built site that carries a figure with the book's model, over http: once with
an empty cache, and then several times with a full one. The clock runs from the start of the
navigation until the page has written the first probability of a next token. The figure is scrolled
into view, as a reader would do, and nothing is clicked.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys

from built_site import SITE, open_site
from playwright.sync_api import Browser, Page

BAR = 500  # milliseconds, cached
# Figures that read a text by themselves, and where each writes probabilities of next tokens.
FIGURES = {
    "whole_machine": ".llm-machine-row .llm-machine-number",
    "sampling_lab": ".llm-lab-row .llm-lab-number",
    "attention_explorer": ".llm-next .llm-next-number",
}
# Runs before the page's own scripts, and looks at every change of the page.
WATCH = """([figure, selector]) => {
  let isInView = false;
  const look = () => {
    const mount = document.querySelector(`[data-llm-widget="${figure}"]`);
    if (!mount) return;
    if (!isInView) mount.scrollIntoView();
    isInView = true;
    const isShown = (place) => /[0-9].*%/.test(place.textContent);
    if (![...mount.querySelectorAll(selector)].some(isShown)) return;
    observer.disconnect();
    performance.mark("first-token");
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });
}"""
MARK = "performance.getEntriesByName('first-token')[0]"


def mounts() -> list[tuple[str, str]]:
    """(page, figure) for each page of the site that carries one of the figures."""
    return [
        (file.stem, figure)
        for file in sorted((SITE / "book").glob("*.html"))
        for figure in FIGURES
        if f'data-llm-widget="{figure}"' in file.read_text("utf-8")
    ]


def visit(page: Page, url: str) -> float:
    """Milliseconds from the start of the navigation to the first probability on the page."""
    page.goto(url, wait_until="commit")
    page.wait_for_function(MARK, polling=50)
    return page.evaluate(f"{MARK}.startTime")


def visits(browser: Browser, url: str, figure: str, rounds: int) -> tuple[float, list[float]]:
    """The time of a first visit, and those of ``rounds`` more by the same browser."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(f"({WATCH})({json.dumps([figure, FIGURES[figure]])})")
    cold = visit(page, url)
    cached = [visit(page, url) for _ in range(rounds)]
    context.close()
    return cold, cached


def main() -> int:
    parser = argparse.ArgumentParser(description="The first next token in a page, cached site.")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print(f"{'page':<34}{'figure':<20}{'cold, ms':>10}{'cached, median':>16}{'worst':>8}")
    with open_site() as (browser, book):
        found = mounts()
        for name, figure in found:
            cold, cached = visits(browser, f"{book}/{name}.html", figure, rounds)
            times = f"{cold:>10.0f}{statistics.median(cached):>16.0f}{max(cached):>8.0f}"
            print(f"{name:<34}{figure:<20}{times}")
    if not found:
        print(f"no page of the site carries one of: {', '.join(FIGURES)}")
    print(f"bar: {BAR} ms, cached")
    return 0


if __name__ == "__main__":
    sys.exit(main())
