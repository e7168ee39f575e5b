"""What the site does by itself, in a real browser: search, theme, copy, print, the front page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from built import CHAPTERS
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
CHAPTER = f"book/{CHAPTERS[0].stem}.html"


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_a_chapter(scheme: str, site, site_url: str, open_page) -> None:
    base = site_url if scheme == "http" else site.as_uri()
    page: Page = open_page(f"{base}/{CHAPTER}")
    page.get_by_role("searchbox").first.fill("vocabulary")
    page.get_by_role("searchbox").first.press("Enter")
    page.wait_for_url("**/search.html?q=vocabulary*")
    results = page.locator("#search-results a")
    expect(results.first).to_be_visible(timeout=10_000)
    assert any(CHAPTERS[0].stem in (link.get_attribute("href") or "") for link in results.all())
    assert page.witness.errors == []
    assert page.witness.strangers == []


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_the_theme_is_chosen_and_remembered(site_url: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site_url}/{CHAPTER}")
    light = background(page)
    button = page.get_by_role("button", name=re.compile("theme|colour|auto", re.IGNORECASE)).first
    for _ in range(3):
        button.click()
        if background(page) != light:
            break
    dark = background(page)
    assert dark != light
    page.reload()
    assert background(page) == dark


def test_the_system_decides_until_the_reader_does(site_url: str, open_page) -> None:
    light = background(open_page(f"{site_url}/{CHAPTER}"))
    dark = background(open_page(f"{site_url}/{CHAPTER}", theme="dark"))
    assert light != dark


def test_a_code_cell_can_be_copied(site_url: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site_url}/{CHAPTER}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell = page.locator(".cell_input").first
    code = cell.locator("pre").inner_text().strip()
    cell.hover()
    cell.get_by_role("button", name=re.compile("copy", re.IGNORECASE)).click()
    page.wait_for_timeout(100)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == code
    assert ">>>" not in copied


def test_the_map_shows_where_the_reader_is(site_url: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site_url}/{CHAPTER}", width=1400, javascript=False)
    here = page.locator('nav [aria-current="page"]')
    assert here.first.is_visible()
    assert "Text into tokens" in here.first.inner_text()


def test_the_map_shows_what_the_page_is_part_of(site_url: str, open_page) -> None:
    page = open_page(f"{site_url}/book/api_model.html")
    here = page.locator(".book-map a[aria-current]")
    assert here.count() == 1
    assert here.get_attribute("aria-current") == "true"
    assert here.inner_text() == "API reference"


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_root_forwards_to_the_front_page(scheme: str, site, site_url: str, open_page) -> None:
    base = site_url if scheme == "http" else site.as_uri()
    page: Page = open_page(f"{base}/index.html", javascript=False)
    page.wait_for_url("**/book/index.html")
    assert page.locator("main h1").count() == 1


def test_the_front_page_is_alive_in_the_first_screen(site_url: str, open_page) -> None:
    page = open_page(f"{site_url}/book/index.html", width=1280, height=800)
    page.wait_for_selector('[data-llm-state="live"]')
    box = page.locator("[data-llm-widget]").first.bounding_box()
    assert box["y"] < 500, "the figure starts below the first screen"
    field = page.locator("[data-llm-widget] textarea").first
    before = page.locator("[data-llm-widget]").first.inner_text()
    field.fill("My own sentence")
    page.wait_for_timeout(300)
    assert page.locator("[data-llm-widget]").first.inner_text() != before


def test_the_sentence_follows_the_reader(site_url: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site_url}/book/index.html")
    page.wait_for_selector('[data-llm-state="live"]')
    page.locator("[data-llm-widget] textarea").first.fill("It follows me")
    page.wait_for_timeout(600)
    page.goto(f"{site_url}/{CHAPTER}")
    mount = page.locator('[data-llm-widget="tokenizer_playground"]').first
    mount.scroll_into_view_if_needed()
    expect(mount.locator("textarea")).to_have_value("It follows me")


def test_print_keeps_the_text_and_drops_the_chrome(site_url: str, open_page) -> None:
    page = open_page(f"{site_url}/{CHAPTER}", theme="dark")
    page.emulate_media(media="print")
    assert page.locator("main h1").is_visible()
    assert not page.get_by_role("searchbox").first.is_visible()
    assert background(page) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)", "rgb(250, 249, 246)")


def test_a_missing_page_answers_with_ours(site_url: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site_url}/no/such/page.html")
    assert page.locator("h1").count() == 1
    assert "404" in page.title() or "not" in page.inner_text("main").lower()


def test_pages_carry_opengraph_and_the_sitemap_lists_them(site) -> None:
    html = (site / CHAPTER).read_text("utf-8")
    assert re.search(r'<meta property="og:title" content="[^"]+', html)
    assert re.search(r'<meta property="og:description" content="[^"]+', html)
    sitemap = (site / "sitemap.xml").read_text("utf-8")
    assert all(f"book/{chapter.stem}.html" in sitemap for chapter in CHAPTERS)


def test_formulas_are_drawn_and_named(site) -> None:
    chapters = [(site / "book" / f"{chapter.stem}.html").read_text("utf-8") for chapter in CHAPTERS]
    assert not [html for html in chapters if "MathJax" in html or "katex" in html.lower()]
    assert any(re.search(r'<svg[^>]*role="img"[^>]*aria-label="[^"]+"', html) for html in chapters)
