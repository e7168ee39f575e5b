"""Every link inside the book leads somewhere, down to the anchor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from built import ROOT, built_pages

REFERENCES = {"a": "href", "link": "href", "script": "src", "img": "src", "source": "src"}

FOREIGN = re.compile(
    r"""src=["']?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import"""
    r"""|<link\b(?=[^>]*rel="(?!canonical))[^>]*href="(?:https?:)?//"""
)


@dataclass
class PageParser(HTMLParser):
    """The ids a page offers, the addresses it refers to, and its pictures without words."""

    ids: set[str] = field(default_factory=set)
    references: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("id"):
            self.ids.add(given["id"])
        if tag in REFERENCES and (address := given.get(REFERENCES[tag])):
            self.references.append(address)
        hidden = given.get("aria-hidden") == "true"
        if tag == "img" and "alt" not in given:
            self.unnamed.append(self.get_starttag_text() or tag)
        if (
            tag == "svg"
            and not hidden
            and not (given.get("aria-label") or "aria-labelledby" in given)
        ):
            self.unnamed.append(self.get_starttag_text() or tag)


def parse(path: Path) -> PageParser:
    parser = PageParser()
    parser.feed(path.read_text("utf-8"))
    return parser


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, PageParser]:
    return {name: parse(site / name) for name in built_pages()}


def broken_references(name: str, pages: dict[str, PageParser], site: Path) -> list[str]:
    broken = []
    for address in pages[name].references:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        if parts.path.startswith("/"):
            if name != "404.html":  # shown at any depth, so it needs full paths; tested below
                broken.append(f"{address} (leads out of a site that is published in a folder)")
            continue
        target = (site / name).parent / unquote(parts.path) if parts.path else site / name
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            broken.append(f"{address} (no such file)")
        elif parts.fragment and target.suffix == ".html":
            known = pages.get(str(target.resolve().relative_to(site.resolve())))
            if known and unquote(parts.fragment) not in known.ids:
                broken.append(f"{address} (no such anchor)")
    return broken


def test_there_are_pages(pages: dict[str, PageParser]) -> None:
    assert {"index.html", "search.html", "404.html"} <= set(pages)
    listed = re.findall(r"(?:root|file): *(\S+)", (ROOT / "_toc.yml").read_text("utf-8"))
    assert listed
    assert {f"{name}.html" for name in listed} <= set(pages)


def test_every_link_and_anchor_exists(pages: dict[str, PageParser], site: Path) -> None:
    broken = {name: found for name in pages if (found := broken_references(name, pages, site))}
    assert not broken


def test_every_picture_has_words(pages: dict[str, PageParser]) -> None:
    unnamed = {name: page.unnamed for name, page in pages.items() if page.unnamed}
    assert not unnamed


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, PageParser], site: Path) -> None:
    """A static look at what the browser test below sees happen: no script, style or font tag."""
    foreign = {}
    for name in pages:
        text = (site / name).read_text("utf-8")
        found = FOREIGN.findall(text)
        if found:
            foreign[name] = found
    assert not foreign


def test_the_404_page_works_at_any_depth(site: Path) -> None:
    """GitHub Pages shows 404.html for any address, so what it needs has full paths."""
    import yaml

    url = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
    prefix = f"/{url.rstrip('/').split('/')[-1]}/"
    local = [
        address
        for address in parse(site / "404.html").references
        if not urlsplit(address).scheme and not address.startswith("#")
    ]
    assert local
    assert all(address.startswith(prefix) for address in local), local
    missing = [a for a in local if not (site / urlsplit(a).path.removeprefix(prefix)).exists()]
    assert not missing
