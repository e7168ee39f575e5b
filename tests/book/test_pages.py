"""Every page in a real browser: quiet, local, light, accessible, and fit for a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import built_pages
from playwright.sync_api import Page

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
BUDGET = 500_000  # bytes, everything but a trained model, before compression
MODEL = "/model-"  # fetched once for the whole book
PAGES = [name for name in built_pages() if name != "index.html"]  # that one only forwards

pytestmark = pytest.mark.browser


def wake_widgets(page: Page) -> None:
    """Scroll to each widget so that it starts, and wait until it has."""
    mounts = page.locator("[data-llm-widget]")
    for index in range(mounts.count()):
        mounts.nth(index).scroll_into_view_if_needed()
        page.wait_for_function(
            "(i) => document.querySelectorAll('[data-llm-widget]')[i].dataset.llmState", arg=index
        )


def unfold(page: Page) -> None:
    """Open what is folded, solutions for one: what is hidden passes every check."""
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=WCAG).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} — {node.get('failureSummary', '')[:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """What sticks out to the right of the viewport and makes the page scroll sideways."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
        }"""
    )


@pytest.fixture(params=PAGES)
def visited(request, site_url: str, open_page: Callable[..., Page]) -> Page:
    page = open_page(f"{site_url}/{request.param}")
    wake_widgets(page)
    return page


def test_page(visited: Page) -> None:
    """One visit, all gates: opening a page is what takes the time."""
    page = visited
    page.wait_for_load_state("networkidle")
    states = page.eval_on_selector_all(
        "[data-llm-widget]", "(all) => all.map((m) => [m.dataset.llmWidget, m.dataset.llmState])"
    )
    assert [name for name, state in states if state != "live"] == []
    assert page.witness.errors == []
    assert page.witness.strangers == []
    sizes = {url: size for url, size in page.witness.sizes().items() if MODEL not in url}
    assert sum(sizes.values()) <= BUDGET, f"{sum(sizes.values())} bytes: {sizes}"

    unfold(page)
    assert violations(page) == [], "in light"
    page.emulate_media(color_scheme="dark")
    assert violations(page) == [], "in dark"

    page.set_viewport_size({"width": 360, "height": 740})
    assert overflow(page) == []


# 404.html is left out: it is a server's page, and its addresses start at the server's root.
@pytest.mark.parametrize("name", [page for page in PAGES if page != "404.html"])
def test_page_opens_from_a_file(name: str, site, open_page: Callable[..., Page]) -> None:
    page = open_page((site / name).as_uri())
    wake_widgets(page)
    broken = page.locator('[data-llm-state="broken"]')
    assert broken.count() == 0
    assert page.witness.errors == []
    assert page.witness.strangers == []


@pytest.mark.parametrize("name", [page for page in PAGES if page.startswith("book/")])
def test_page_reads_without_javascript(name: str, site_url: str, open_page) -> None:
    page = open_page(f"{site_url}/{name}", javascript=False)
    mounts = page.locator("[data-llm-widget]")
    for index in range(mounts.count()):
        assert mounts.nth(index).inner_text().strip(), "a figure without a still form"
    assert page.locator("main h1").count() == 1
