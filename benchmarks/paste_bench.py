"""How long a page stands still when a reader pastes a megabyte.

    make site && python benchmarks/paste_bench.py

Pastes into the figures that take text, through the browser's own paste, and prints the longest task
of the main thread while the figure digests it (the Long Tasks API reports those above 50 ms).
"""

from __future__ import annotations

import sys

from built_site import open_site
from playwright.sync_api import Browser

from llm_lib.texts import load_text

FIGURES = {
    "tokenizer_playground": ("index.html", None),
    "bpe_merges": ("02_byte_pair_encoding.html", "Train on your own text"),
}
MEGABYTE = 1_000_000
TEXTS = {
    "prose": (load_text("follow-copy") * 60)[:MEGABYTE],
    "one letter": "a" * MEGABYTE,
    "spaces": " " * MEGABYTE,
    "unbroken Chinese": "语言模型从文本开始" * (MEGABYTE // 27),
    "family emoji": "👩‍👩‍👧‍👦" * (MEGABYTE // 25),
}
WATCH = """() => {
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: "longtask" });
}"""


def longest_task(browser: Browser, url: str, widget: str, opener: str | None, text: str) -> float:
    """Milliseconds of the longest task after the paste; 0 where none passed 50 ms."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(url)
    mount = page.locator(f'[data-llm-widget="{widget}"]').first
    mount.scroll_into_view_if_needed()
    page.wait_for_selector(f'[data-llm-widget="{widget}"][data-llm-state="live"]')
    if opener:
        mount.get_by_text(opener).first.click()
    field = mount.locator("textarea").first
    field.click()
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+a")
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    page.keyboard.press("Control+v")
    page.wait_for_timeout(6000)
    longest = page.evaluate("longest")
    if field.input_value()[:20] != text[:20]:
        raise RuntimeError(f"the paste did not arrive in {widget}")
    context.close()
    return longest


def main() -> int:
    print(f"{'1 MB of':<20}" + "".join(f"{widget:>24}" for widget in FIGURES))
    with open_site() as (browser, book):
        for name, text in TEXTS.items():
            row = [
                longest_task(
                    browser,
                    f"{book}/{page}",
                    widget,
                    opener,
                    text,
                )
                for widget, (page, opener) in FIGURES.items()
            ]
            cells = (f"{f'{ms:.0f} ms' if ms else 'under 50 ms':>24}" for ms in row)
            print(f"{name:<20}" + "".join(cells))
    print("bar: nothing stands still for more than 100 ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
