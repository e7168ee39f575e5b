"""Fixtures shared by all tests: one Chromium per worker, and pages that tell on themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
QUIET = [  # a browser that looks nothing up by itself
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium_path() -> str:
    """Where Chromium is, from CHROMIUM or the usual names."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("Chromium is missing. Install it: sudo apt-get install chromium", pytrace=False)
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        yield browser
        browser.close()


@dataclass
class Witness:
    """What a page did while it was open: errors in its console, requests to other hosts."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def watch(self, page: Page, own: str) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: self._hear(request.url, own))
        page.on("response", lambda response: self.responses.append(response))

    def _hear(self, url: str, own: str) -> None:
        if not url.startswith((own, "data:", "blob:", "about:")):
            self.strangers.append(url)

    def sizes(self) -> dict[str, int]:
        """Bytes of everything that came over http so far, by address, before compression."""
        return {r.url: len(r.body()) for r in self.responses if r.url.startswith("http")}


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``open_page(url, width=…, theme=…, javascript=…)`` opens a page in a context of its own.

    The page carries its :class:`Witness` as ``page.witness``.
    """
    contexts = []

    def open_page(
        url: str,
        *,
        width: int = 1200,
        height: int = 900,
        theme: str = "light",
        javascript: bool = True,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.witness = Witness()
        own = "file://" if url.startswith("file:") else "/".join(url.split("/")[:3])
        page.witness.watch(page, own)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
