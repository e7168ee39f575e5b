"""The captured picture is BertViz's, of today's Storyteller, and fetches nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
import torch

from llm_lib.bertviz_offline import CapturedHeadView, captured_head_view
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.hooks import record
from llm_lib.texts import data_dir

TEXT = (
    "There was once a child called Otto, who lived near the bridge. "
    "One sunny evening, he set out singing. Now"
)
LINE = re.compile(r'<path d="M[\d.]+ ([\d.]+) [\d.]+ ([\d.]+)" opacity="(.*?)"')
TOP, ROW = 41.25, 22.5  # where BertViz puts the middle of the first line, and the distance of lines


def drawn_weights(svg: str, length: int) -> torch.Tensor:
    weights = torch.zeros(length, length)
    for left, right, opacity in LINE.findall(svg):
        row, column = (round((float(y) - TOP) / ROW) for y in (left, right))
        weights[row, column] = float(opacity)
    return weights


def test_it_shows_the_weights_of_the_shipped_model() -> None:
    svg = captured_head_view().svg
    ids = book_tokenizer(1024).encode("<|endoftext|>" + TEXT, allowed_special="all")
    layer, head = (int(re.search(rf'data-{what}="(\d)"', svg)[1]) for what in ("layer", "head"))
    model = GPT.from_pretrained(data_dir() / "storyteller")
    name = f"blocks.{layer}.weights"
    weights = record(model, torch.tensor(ids), name)[name][head]  # (T, T)
    # Fainter lines than 0.03 are left out.
    difference = (drawn_weights(svg, len(ids)) - weights).abs().max()
    assert difference < 0.04, "run: python book/_tools/capture_bertviz.py"


def test_it_asks_for_nothing_from_elsewhere() -> None:
    html = captured_head_view()._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", html)
    assert not re.findall(r"\b(?:href|src|on\w+)=", html)


def test_it_has_words_for_those_who_do_not_see_it() -> None:
    view = captured_head_view()
    assert "BertViz's head view" in view.alt
    assert view._repr_mimebundle_()["text/plain"] == f"Figure: {view.alt}"
    assert 'role="img" aria-label="BertViz' in view.svg


def test_a_missing_picture_says_how_to_make_it(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="capture_bertviz"):
        CapturedHeadView(tmp_path)
