"""The map of the book: parts and chapters, with where the reader is.

Used three times: at the left of every page, as the list on the front page (the ``book-map``
directive) and for the line above a chapter's title.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from docutils import nodes
from sphinx.environment import BuildEnvironment


@dataclass(frozen=True)
class Chapter:
    """One page in the map. ``number`` is empty for a page outside the numbered parts.

    ``is_above``: the page being written is not this one, but one of those below it.
    """

    docname: str
    title: str
    number: str
    href: str
    is_here: bool
    is_above: bool = False


@dataclass(frozen=True)
class Part:
    """A titled group of pages."""

    caption: str
    chapters: tuple[Chapter, ...]

    @property
    def is_numbered(self) -> bool:
        """True for a part whose pages are chapters, false for reference pages."""
        return any(chapter.number for chapter in self.chapters)

    @property
    def has_reader(self) -> bool:
        """True when the page being written belongs to this part."""
        return any(chapter.is_here or chapter.is_above for chapter in self.chapters)


def book_map(env: BuildEnvironment, here: str, href: Callable[[str], str]) -> tuple[Part, ...]:
    """The parts of the book as the page ``here`` sees them.

    Args:
        env: the Sphinx environment, after reading.
        here: the page being written.
        href: gives the link from ``here`` to a page.
    """
    site_map = env.external_site_map  # type: ignore[attr-defined]  # set by sphinx-external-toc
    return tuple(
        Part(
            caption=tree.caption or "",
            chapters=tuple(
                _chapter(env, str(item), here, href)
                for item in tree.files()
                if str(item) in env.titles
            ),
        )
        for tree in site_map.root.subtrees
    )


def _chapter(env: BuildEnvironment, docname: str, here: str, href: Callable[[str], str]) -> Chapter:
    number = env.toc_secnumbers.get(docname, {}).get("", ())
    return Chapter(
        docname=docname,
        title=env.titles[docname].astext(),
        number=".".join(map(str, number)),
        href=href(docname),
        is_here=docname == here,
        is_above=here in env.toctree_includes.get(docname, ()),
    )


def promise_of(doctree: nodes.document) -> str:
    """The first paragraph under the title: what a chapter promises, in one line."""
    section = next(doctree.findall(nodes.section), None)
    if section is None:
        return ""
    first = next((node for node in section.children if isinstance(node, nodes.paragraph)), None)
    return first.astext().replace("\n", " ") if first is not None else ""
