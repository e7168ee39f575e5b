"""The built site in a browser, for the benchmarks that look at pages."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "book" / "_tools"))
from serve import bind  # noqa: E402


@contextmanager
def open_site() -> Iterator[tuple[Browser, str]]:
    """Chromium, and the address of the folder that holds the chapters.

    Raises:
        SystemExit: the site is not built.
    """
    if not (SITE / "index.html").is_file():
        sys.exit("The site is not built. Build it: make site")
    server = bind(SITE, 8700)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "google-chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser, f"http://127.0.0.1:{server.server_port}/book"
        browser.close()
