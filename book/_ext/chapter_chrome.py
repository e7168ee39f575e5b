"""What surrounds the text of a page: map, launch links, edit links, footer.

The theme's templates only lay out; every value they show is put into the page's context here.
Three directives serve plain pages: ``{book-map}`` lists the parts with each chapter's promise,
``{launch-links}`` links to the services that run a notebook, and ``{clone-command}`` says how to
fetch the book.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from book_map import Part, book_map, promise_of
from docutils import nodes
from site_links import Repository
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from llm_lib import __version__
from llm_lib.palette import css_variables

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_theme" / "llmbook" / "static"


# What a page of ours may load besides the theme's own files: search, widgets, the palette.
KEPT = {
    "doctools.js", "documentation_options.js", "language_data.js", "llm", "palette.css",
    "searchtools.js", "sphinx_highlight.js",
}  # fmt: skip


class BookMapNode(nodes.General, nodes.Element):
    """Stands for the map of the book until every page has been read."""


class BookMapDirective(SphinxDirective):
    """The map of the book, with the promise of each chapter."""

    def run(self) -> list[nodes.Node]:
        """Leave a placeholder; titles are known after reading."""
        return [BookMapNode()]


class LaunchLinksDirective(SphinxDirective):
    """Links that open a notebook in Binder and Colab: ``{launch-links} book/01_slug.ipynb``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the links for the notebook named in the argument."""
        repository = Repository.from_theme_options(self.config.html_theme_options)
        path = self.arguments[0]
        if not Path(self.env.srcdir, path).is_file():
            raise self.error(f"{{launch-links}} names {path!r}, which is not a file of the book")
        links = (("Binder", repository.binder(path)), ("Colab", repository.colab(path)))
        items = "".join(
            f'<li><a href="{escape(url)}">Open in {name}</a></li>' for name, url in links
        )
        return [nodes.raw("", f'<ul class="launch-links">{items}</ul>', format="html")]


class CloneCommandDirective(SphinxDirective):
    """The commands that fetch the book and run one target of its Makefile."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Write them as one block of shell code."""
        repository = Repository.from_theme_options(self.config.html_theme_options)
        text = f"git clone {repository.url}.git\ncd {repository.name}\n{self.arguments[0]}"
        return [nodes.literal_block(text, text, language="shell")]


@lru_cache(maxsize=1)
def book_version() -> str:
    """Version of the book, with the commit it was built from where git can say."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--short=9", "HEAD"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__} ({answer.stdout.strip()})"


def derive_addresses(app: Sphinx, config: Config) -> None:
    """Fill in every address that follows from the repository."""
    pages = Repository.from_theme_options(config.html_theme_options).pages_url
    config.html_baseurl = config.html_baseurl or pages
    config.ogp_site_url = config.ogp_site_url or config.html_baseurl
    config.notfound_urls_prefix = "/" + config.html_baseurl.split("/", 3)[3]


def add_chrome(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the templates what stands around the text."""
    repository = Repository.from_theme_options(app.config.html_theme_options)
    parts = book_map(app.env, pagename, lambda docname: context["pathto"](docname))
    chapters = [chapter for part in parts for chapter in part.chapters]
    context["book_map"] = parts
    context["here"] = next((chapter for chapter in chapters if chapter.is_here), None)
    context["part_here"] = next((part for part in parts if part.has_reader), None)
    context["numbers"] = {chapter.docname: chapter.number for chapter in chapters}
    context["book_version"] = book_version()
    context["repository_url"] = repository.url
    if pagename == app.config.notfound_pagename:
        context["standalone_css"] = css_variables() + (STATIC / "llmbook.css").read_text("utf-8")
    context["tools"] = _tools(app, pagename, context, repository) if doctree is not None else {}


def _tools(
    app: Sphinx, pagename: str, context: dict[str, Any], repository: Repository
) -> dict[str, str]:
    path = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    title = app.env.titles[pagename].astext()
    tools = {"edit": repository.edit(path), "issue": repository.issue(title, path)}
    if path.endswith(".ipynb"):
        download = context["pathto"](f"_sources/{context['sourcename']}", resource=True)
        tools |= {
            "binder": repository.binder(path),
            "colab": repository.colab(path),
            "download": download,
            "file_name": Path(path).name,
        }
    return tools


def resolve_maps(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the map where a page asked for it."""
    for node in list(doctree.findall(BookMapNode)):
        parts = book_map(
            app.env, docname, lambda target: app.builder.get_relative_uri(docname, target)
        )
        node.replace_self(nodes.raw("", _map_html(app, parts), format="html"))


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take out the settings that sphinx-thebe, which Jupyter Book loads, writes into every page."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext() or node.astext().startswith("<script>kernelName"):
            node.parent.remove(node)


def _map_html(app: Sphinx, parts: tuple[Part, ...]) -> str:
    rows = []
    for part in parts:
        items = []
        for chapter in part.chapters:
            number = f'<span class="map-number">{chapter.number}</span>' if chapter.number else ""
            promise = escape(promise_of(app.env.get_doctree(chapter.docname)))
            link = f'<a href="{escape(chapter.href)}">{escape(chapter.title)}</a>'
            items.append(f'<li>{number}<div>{link}<p class="map-promise">{promise}</p></div></li>')
        rows.append(f"<h3>{escape(part.caption)}</h3><ol>{''.join(items)}</ol>")
    return f'<div class="front-map">{"".join(rows)}</div>'


def write_front_door(app: Sphinx, exception: Exception | None) -> None:
    """Send the bare address of the site to the front page, with a link for those it cannot send."""
    if exception is not None or app.builder.format != "html":
        return
    target, title = app.builder.get_target_uri(app.config.root_doc), escape(app.config.html_title)
    Path(app.outdir, "index.html").write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="refresh" content="0; url={target}">\n'
        f'<link rel="canonical" href="{escape(app.config.html_baseurl + target)}">\n</head>\n'
        f'<body>\n<main><h1>{title}</h1><p><a href="{target}">Open the book</a></p></main>\n'
        "</body>\n</html>\n",
        encoding="utf-8",
    )


def drop_inherited_files(app: Sphinx, exception: Exception | None) -> None:
    """Remove the scripts and fonts of the parent themes: no page of ours loads them."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    keep = {path.name for path in STATIC.iterdir()} | KEPT
    for path in static.iterdir():
        if path.name in keep:
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.add_node(BookMapNode)
    app.add_directive("book-map", BookMapDirective)
    app.add_directive("clone-command", CloneCommandDirective)
    app.add_directive("launch-links", LaunchLinksDirective)
    app.connect("config-inited", derive_addresses, priority=400)
    app.connect("doctree-resolved", resolve_maps)
    app.connect("doctree-resolved", drop_thebe, priority=900)
    app.connect("html-page-context", add_chrome, priority=800)
    app.connect("build-finished", write_front_door, priority=950)
    app.connect("build-finished", drop_inherited_files, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
