"""How the parts of a figure lie on the page."""

from __future__ import annotations

from playwright.sync_api import Page

OVERHANGING = """() => {
  const edge = (element) => element.getBoundingClientRect().right;
  const figure = document.querySelector(".llm-figure");
  const all = [...figure.querySelectorAll("*")];
  return all.filter((e) => edge(e) > edge(figure) + 1).map((e) => e.getAttribute("class"));
}"""


def overhanging(page: Page) -> list[str | None]:
    """The classes of what sticks out of the figure to the right."""
    return page.evaluate(OVERHANGING)
