"""A quote that opens with a bold label becomes a call-out; any other quote stays a quote."""

from __future__ import annotations

import built  # noqa: F401  # puts book/_ext on the path
import pytest
from callouts import label_of
from docutils import nodes


def quote(*inline: nodes.Node) -> nodes.block_quote:
    return nodes.block_quote("", nodes.paragraph("", "", *inline))


@pytest.mark.parametrize(
    "label", ["Note.", "In production.", "Common mistake.", "Predict.", "Why?"]
)
def test_a_bold_label_makes_a_callout(label: str) -> None:
    found = label_of(quote(nodes.Text(""), nodes.strong("", label), nodes.Text(" Then text.")))
    assert found is not None
    assert found.astext() == label


@pytest.mark.parametrize(
    "plain",
    [
        quote(nodes.Text("Someone said so.")),
        quote(nodes.Text("It is "), nodes.strong("", "Note.")),
        quote(nodes.strong("", "No full stop")),
        nodes.block_quote("", nodes.bullet_list()),
        nodes.block_quote(),
    ],
)
def test_any_other_quote_stays_a_quote(plain: nodes.block_quote) -> None:
    assert label_of(plain) is None
