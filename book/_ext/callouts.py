"""Turn portable Markdown quotes into call-outs.

``> **Note.** …`` reads well in every notebook viewer. On the site such a quote gets a class from
its first bold words (``callout callout-note``), which the theme styles, and a name for readers
who cannot see it.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

_LABEL = re.compile(r"^[A-Z][\w ’'-]{1,40}[.:!?]$")


class CalloutTransform(SphinxPostTransform):
    """Give each block quote that opens with a bold label a class named after the label."""

    default_priority = 700

    def run(self, **kwargs: object) -> None:
        """Visit the block quotes of one page."""
        for quote in self.document.findall(nodes.block_quote):
            label = label_of(quote)
            if label is not None:
                quote["classes"] += ["callout", f"callout-{nodes.make_id(label.astext())}"]
                label["classes"].append("callout-label")


def label_of(quote: nodes.block_quote) -> nodes.strong | None:
    """The bold words that open a quote and end in a full stop, if it has them."""
    first = quote.children[0] if quote.children else None
    if not isinstance(first, nodes.paragraph):
        return None
    strong = next((child for child in first.children if child.astext()), None)
    if isinstance(strong, nodes.strong) and _LABEL.match(strong.astext()):
        return strong
    return None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    app.add_post_transform(CalloutTransform)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
