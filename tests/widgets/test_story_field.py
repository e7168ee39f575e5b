"""The field for the book's model: what the model cannot know is marked, and beginnings offered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from llm_lib import tales_words
from llm_lib.tales import texts
from llm_lib.widgets.sentence import STORY_OPENING

FIELD = "ui/story_field.js"
WORDS = "engine/known_words.js"

MAKE = """(options) => {
  globalThis.heard = [];
  const field = book("ui/story_field.js").storyField({ ...options, input: (t) => heard.push(t) });
  document.querySelector("main").append(field.root);
}"""


@pytest.fixture
def field(engine: Callable[..., Page]) -> Callable[..., Page]:
    def field(**options: object) -> Page:
        page = engine(FIELD, WORDS)
        page.evaluate(MAKE, {"authored": STORY_OPENING, **options})
        return page

    return field


def unknown(page: Page, text: str) -> list[str]:
    return page.evaluate(
        "(text) => book('engine/known_words.js').unknownWords(text).map((w) => w.text)", text
    )


def test_the_shipped_words_are_those_of_the_grammar(engine):
    page = engine(WORDS)
    for text in texts(40, seed=99, split="test"):
        assert unknown(page, text) == []


def test_a_word_of_no_tale_is_unknown_and_a_capital_is_no_matter(engine):
    page = engine(WORDS)
    assert unknown(page, "The fox ate a burger. Near the mill, ") == ["burger"]
    assert unknown(page, "Fox and zebra met") == ["zebra"]
    assert unknown(page, "Ada, lant") == []  # still being typed: lantern
    assert unknown(page, "Ada, lant.") == ["lant"]
    assert unknown(page, "") == []


def test_the_build_finds_more_than_one_sample(monkeypatch):
    monkeypatch.setattr(tales_words, "ENOUGH", 300)
    words = tales_words.build()
    assert words == sorted(set(words))
    assert {"Ada", "fox", "the", '"'} <= set(words)


def test_typing_marks_unknown_words_and_is_heard_once(field):
    page = field()
    box = page.get_by_label("Your text")
    assert box.input_value() == STORY_OPENING
    assert page.locator(".llm-unknown").inner_text() == ""
    box.fill("The astronaut met <b>a</b> zebra.")
    assert page.locator(".llm-unknown-word").all_inner_texts() == [
        "astronaut",
        "<",
        "b",
        ">",
        "/",
        "zebra",
    ]
    page.wait_for_function("heard.length === 1")
    assert page.evaluate("heard") == ["The astronaut met <b>a</b> zebra."]


def test_every_beginning_on_offer_is_known_and_can_be_chosen_by_keyboard(field):
    page = field()
    page.get_by_text("Beginnings it knows").focus()
    page.keyboard.press("Enter")
    buttons = page.locator(".llm-offers button")
    assert buttons.count() == 4
    for index in range(4):
        buttons.nth(index).focus()
        page.keyboard.press("Enter")
        text = page.get_by_label("Your text").input_value()
        assert unknown(page, text) == []
        assert page.evaluate("heard.at(-1)") == text
        assert index or text == STORY_OPENING


def test_the_sentence_of_the_reader_comes_first_and_goes_to_the_other_figures(field):
    page = field()
    page.get_by_label("Your text").fill("Now Otto was sad")
    page.wait_for_function("heard.length === 1")
    page.evaluate(MAKE, {"authored": STORY_OPENING})
    boxes = page.get_by_label("Your text")
    assert boxes.nth(1).input_value() == "Now Otto was sad"
    boxes.nth(1).fill("Ivy smiled.")
    page.wait_for_function("heard.includes('Ivy smiled.')")
    assert boxes.nth(0).input_value() == "Ivy smiled."


def test_a_long_paste_is_cut_to_what_the_model_can_read(field):
    page = field(follow=False)
    page.evaluate(
        """() => {
          const box = document.querySelector("textarea");
          box.focus();
          document.execCommand("insertText", false, "fox ".repeat(250000));
        }"""
    )
    assert len(page.get_by_label("Your text").input_value()) <= 1000
