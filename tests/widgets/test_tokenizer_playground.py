"""The tokenizer playground: its tokens are the library's, and every part of it works by hand."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from llm_lib import book_words
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.texts import load_text
from llm_lib.widgets.sentence import BOOK_SENTENCE
from llm_lib.widgets.tokenizer_playground import UNITS, TokenizerPlayground, cut

pytestmark = pytest.mark.browser

SIZES = (257, 512, 1024, 2048)
STRANGE = [
    "",
    " ",
    "שלום עולם, what?",
    "مرحبا بالعالم 123",
    "👩‍👩‍👧 and 🇫🇷🇩🇪 and 👍🏽",
    "e\u0301\u0323 cafe\u0301 नमस्ते 한국어",
    "</script><script>window.broken = 1</script>",
    "<!-- <script> --> <img src=x onerror='window.broken = 1'>",
    "<|endoftext|> and <unk> <|endoftext|",
    "\ud800 alone \udc00, paired \ud83d\ude00",
    "\x00\x85\x1c\u2028\u3000\ufeff\u202e\t\n\n  x",
    "half-way -- 'tis the don't-know''s -'- '",
    "a" * 700,
]
# The texts travel as JSON in a string: the one way to send half a surrogate pair to a page.
CUT_IN_PAGE = """(input) => {
  const { texts, merges, words, sizes } = JSON.parse(input);
  const { bpeCutter, byteCutter, characterCutter, wordCutter } = book("engine/cuts.js");
  const { wellFormed } = book("engine/text.js");
  const { drain } = book("engine/slices.js");
  const cutters = [characterCutter(), byteCutter(), wordCutter(words)];
  for (const size of sizes) cutters.push(bpeCutter(merges, size));
  return JSON.stringify(texts.map(wellFormed).map((text) => cutters.map((cutter) => {
    const { count, tokens } = drain(cutter.cut(text));
    const covered = tokens.map(({ start, end }) => text.slice(start, end));
    const bytes = tokens.map((token) => Array.from(token.bytes));
    return { count, ids: tokens.map(({ id }) => id), bytes, covered };
  })));
}"""


def random_texts(count: int) -> list[str]:
    draw = random.Random(5)
    words = [*STRANGE[:-1], *load_text("follow-copy").split(" ")[:400]]
    return [
        "".join(draw.choice(words) + " " * draw.randrange(3) for _ in range(9))
        for _ in range(count)
    ]


def cut_in_page(engine: Callable[..., Page], texts: list[str]) -> list[list[dict]]:
    """Each text cut in seven ways: characters, bytes, words, and BPE of the SIZES."""
    words = book_words.build()
    case = {"texts": texts, "merges": _merge_ids(), "words": words, "sizes": SIZES}
    page = engine("engine/cuts.js", "engine/text.js", "engine/slices.js")
    return json.loads(page.evaluate(CUT_IN_PAGE, json.dumps(case)))


def _merge_ids() -> list[tuple[int, int]]:
    tokenizer = book_tokenizer(2048)
    ids = {token: id_ for id_, token in enumerate(tokenizer.vocab[:-1])}
    return [(ids[left], ids[right]) for left, right in tokenizer.merges]


def in_python(text: str) -> list[list[tuple[int, bytes]]]:
    return [
        *(cut(text, unit) for unit in UNITS if unit != "bpe"),
        *(cut(text, "bpe", size) for size in SIZES),
    ]


def row(page: Page, name: str) -> Locator:
    return page.locator(".llm-cut", has=page.get_by_role("radio", name=name))


def counts(page: Page) -> list[int]:
    texts = page.locator(".llm-cut-count").all_inner_texts()
    return [int(text.replace("\u202f", "")) for text in texts]


def shown_ids(page: Page) -> list[int]:
    return [int(text) for text in page.locator(".llm-token-id").all_inner_texts()]


def test_the_ids_in_the_page_are_those_of_the_library(engine):
    texts = STRANGE + random_texts(150)
    for text, cuts in zip(texts, cut_in_page(engine, texts), strict=True):
        for here, there in zip(in_python(text), cuts, strict=True):
            assert there["count"] == len(here), repr(text)
            assert there["ids"] == [id_ for id_, _ in here][:2000], repr(text)


def test_tokens_cover_the_characters_they_stand_for(engine):
    texts = STRANGE + random_texts(20)
    for text, (characters, bytes_, words, *bpe) in zip(
        texts, cut_in_page(engine, texts), strict=True
    ):
        for found in (characters, words):
            spelled = [bytes(token).decode() for token in found["bytes"]]
            assert spelled == found["covered"], repr(text)
        for found in (bytes_, *bpe):
            pieces = zip(found["bytes"], found["covered"], strict=True)
            assert all(bytes(token) in part.encode() for token, part in pieces), repr(text)


def test_long_texts_are_cut_in_blocks_at_places_that_change_nothing(engine):
    story = load_text("follow-copy")
    texts = [story * 4, "x'" * 30_000, "'" * 40_000, "don't-" * 9000, "né" * 20_000]
    for text, cuts in zip(texts, cut_in_page(engine, texts), strict=True):
        assert cuts[2]["count"] == len(cut(text, "words")), text[:20]
        assert len(cuts[2]["ids"]) <= 2000


def test_the_first_state_shows_the_books_sentence(mount):
    page = mount(TokenizerPlayground())
    assert page.get_by_role("textbox").input_value() == BOOK_SENTENCE
    assert counts(page) == [
        len(cut(BOOK_SENTENCE, unit, size))
        for unit, size in [("characters", 0), ("bytes", 0), ("words", 0)]
        + [("bpe", size) for size in (512, 1024, 2048)]
    ]
    assert shown_ids(page) == TokenizerPlayground().ids
    expect(page.locator(".llm-token[aria-selected=true]")).to_have_count(1)
    expect(page.locator(".llm-token-story")).to_contain_text("joined")
    assert page.witness.errors == []


def test_typing_cuts_again_and_looks_at_the_token_at_the_caret(mount):
    page = mount(TokenizerPlayground(text="so he", unit="words"))
    field = page.get_by_role("textbox")
    field.press("End")
    field.press_sequentially(" left")
    assert shown_ids(page) == [id_ for id_, _ in cut("so he left", "words")]
    expect(page.locator(".llm-token[aria-selected=true]")).to_have_text(
        f"left{shown_ids(page)[-1]}"
    )
    field.fill("he set")  # without a key, as a paste by mouse
    expect(page.locator(".llm-token[aria-selected=true]")).to_contain_text("set")
    field.fill("so he left")
    field.press("Home")
    field.press("ArrowRight")
    expect(page.locator(".llm-token[aria-selected=true]")).to_contain_text("so")
    for _ in range(2):
        field.press("ArrowRight")
    expect(page.locator(".llm-token-story")).to_contain_text("White space is in no word")


def test_a_row_is_chosen_by_mouse_and_by_arrow_keys(mount):
    page = mount(TokenizerPlayground())
    row(page, "Words").click()
    assert shown_ids(page) == [id_ for id_, _ in cut(BOOK_SENTENCE, "words")]
    expect(page.locator(".llm-token[data-kind=unknown]")).to_have_count(2)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Bytes")).to_be_checked()
    assert shown_ids(page) == list(BOOK_SENTENCE.encode())
    expect(page.locator(".llm-status")).to_contain_text(f"{len(BOOK_SENTENCE.encode())} tokens")


def test_the_same_characters_light_in_every_row(mount):
    page = mount(TokenizerPlayground(unit="words", text="a café"))
    page.locator(".llm-token", has_text="café").hover()
    pieces = [text.split("\n") for text in page.locator(".llm-cut-pieces").all_inner_texts()]
    flat = ["".join(piece).replace(" ", "") for piece in pieces]
    assert flat[:3] == ["café", "cafC3A9", "café"]
    assert all(piece.startswith("·ca") for piece in flat[3:])
    page.locator(".llm-token", has_text="café").click()
    page.get_by_role("radio", name="Bytes").click()
    expect(page.locator(".llm-token[data-lit]")).to_have_count(5)
    expect(page.locator(".llm-token[aria-selected=true]")).to_have_count(1)


def test_pointing_at_a_bar_lights_its_token_and_pressing_it_keeps_it(mount):
    page = mount(TokenizerPlayground(text="so he", units=["characters", "words"], unit="words"))
    page.locator(".llm-token").nth(1).click()
    selected = page.locator(".llm-token[aria-selected=true]")
    box = row(page, "Characters").locator(".llm-cut-bar").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 8)
    expect(selected).to_contain_text("so")
    page.mouse.move(box["x"], box["y"] + 300)
    expect(selected).to_contain_text("he")
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + 8)
    page.mouse.move(box["x"], box["y"] + 300)
    expect(selected).to_contain_text("o111")


def test_the_tokens_are_walked_by_keys(mount):
    page = mount(TokenizerPlayground(unit="characters"), width=400)
    selected = page.locator(".llm-token[aria-selected=true]")
    selected.focus()
    page.keyboard.press("Home")
    expect(selected).to_have_attribute("data-index", "0")
    page.keyboard.press("ArrowRight")
    expect(selected).to_be_focused()
    expect(selected).to_have_attribute("data-index", "1")
    line = selected.evaluate("(cell) => cell.offsetTop")
    page.keyboard.press("ArrowDown")
    assert selected.evaluate("(cell) => cell.offsetTop") > line
    page.keyboard.press("ArrowUp")
    expect(selected).to_have_attribute("data-index", "1")
    page.keyboard.press("End")
    expect(selected).to_have_attribute("data-index", str(len(BOOK_SENTENCE) - 1))
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox")).to_be_focused()


def test_only_one_token_is_in_the_tab_order(mount):
    page = mount(TokenizerPlayground())
    assert page.locator(".llm-token[tabindex='0']").count() == 1
    page.locator(".llm-token").nth(3).hover()
    assert page.locator(".llm-token[tabindex='0']").get_attribute("data-index") == "3"


def test_a_token_is_explained_in_words(mount):
    page = mount(TokenizerPlayground(text="é room 👩‍👧"))
    story = page.locator(".llm-token-story")
    row(page, "Bytes").click()
    page.locator(".llm-token").nth(1).hover()
    expect(story).to_have_text("Byte 2 of the 2 that write “é”.")
    row(page, "Characters").click()
    page.locator(".llm-token", has_text="👩").hover()
    expect(story).to_contain_text("U+1F469. UTF-8 writes it in 4 bytes. It is one of 3")
    row(page, "BPE 512").click()
    page.locator(".llm-token").nth(0).hover()
    expect(story).to_have_text("One byte of “é”: a token may hold less than a character.")
    tokenizer = book_tokenizer(512)
    id_ = tokenizer.encode(" room")[0]
    left, right = tokenizer.merges[id_ - 256]
    page.locator(".llm-token", has_text=str(id_)).first.hover()
    expect(story).to_contain_text(f"Merge {id_ - 255} of {len(tokenizer.merges)} joined")
    expect(story).to_contain_text(
        f"“{left.decode().replace(' ', '·')}” ({tokenizer.vocab.index(left)})"
    )
    expect(story).to_contain_text(f"“{right.decode()}” ({tokenizer.vocab.index(right)})")


def test_the_table_says_what_the_picture_says(mount):
    page = mount(TokenizerPlayground(vocab_size=2048))
    page.get_by_role("button", name="Show as table").click()
    ids = [int(text) for text in page.locator(".llm-twin td:nth-child(3)").all_inner_texts()]
    assert ids == shown_ids(page) == TokenizerPlayground(vocab_size=2048).ids
    caption = page.locator(".llm-twin caption").inner_text()
    assert all(f": {count}" in caption for count in counts(page))
    row(page, "Words").click()
    expect(page.locator(".llm-twin tbody tr")).to_have_count(len(cut(BOOK_SENTENCE, "words")))


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_any_text_is_data(mount, text):
    page = mount(TokenizerPlayground(text=text, unit="characters", follow=False), width=320)
    for unit in ("characters", "bytes", "words", "bpe"):
        row(page, {"bpe": "BPE 1"}.get(unit, unit.capitalize())).first.click()
        ids = [id_ for id_, _ in cut(text, unit, 1024)]
        expect(page.locator(".llm-token")).to_have_count(len(ids))
        assert shown_ids(page) == ids
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0
    assert page.witness.errors == []


PASTE = """(text) => {
  const field = document.querySelector("textarea");
  field.select();
  const paste = { inputType: "insertFromPaste", data: text, cancelable: true, bubbles: true };
  return field.dispatchEvent(new InputEvent("beforeinput", paste));
}"""


def test_a_megabyte_is_counted_whole_and_drawn_in_part(mount):
    text = (load_text("follow-copy") * 60)[: 2**20]
    page = mount(TokenizerPlayground(units=["words", "bpe"], vocab_sizes=[1024]))
    assert not page.evaluate(PASTE, text), "the browser would lay out the megabyte"
    assert page.get_by_role("textbox").input_value() == text[:4000]
    whole = len(cut(text, "bpe", 1024))
    grouped = f"{whole:,}".replace(",", "\u202f")
    expect(row(page, "BPE").locator(".llm-cut-count")).to_have_text(grouped, timeout=60_000)
    expect(page.locator(".llm-token")).to_have_count(2000)
    expect(page.get_by_text(f"Drawn: the first 2\u202f000 of {grouped} tokens.")).to_be_visible()
    assert shown_ids(page) == [id_ for id_, _ in cut(text[:20_000], "bpe", 1024)][:2000]
    expect(row(page, "Words").locator(".llm-cut-count")).not_to_have_text("…", timeout=60_000)
    assert counts(page)[0] == len(cut(text, "words"))


def test_what_the_field_does_not_show_stays_until_it_is_dropped(mount):
    page = mount(TokenizerPlayground(text="ab" * 5000, unit="characters", units=["characters"]))
    page.get_by_role("textbox").press("Home")
    page.get_by_role("textbox").press("x")
    expect(page.locator(".llm-cut-count")).to_have_text("10\u202f001")
    page.get_by_role("button", name="Drop the rest").click()
    expect(page.locator(".llm-cut-count")).to_have_text("4\u202f000")
    expect(page.get_by_role("textbox")).to_be_focused()


def test_the_field_never_splits_a_character(mount):
    page = mount(
        TokenizerPlayground(text="a" + "👩" * 3000, units=["characters"], unit="characters")
    )
    assert page.get_by_role("textbox").input_value() == "a" + "👩" * 1999
    expect(page.locator(".llm-cut-count")).to_have_text("3\u202f001")


# Waits until a long text is cut in the first way, then replaces it before the others are done.
OVERTAKE = """async (text) => {
  const field = document.querySelector("textarea");
  const known = () => [...document.querySelectorAll(".llm-cut-count")].some(
    (count) => count.textContent.length > 4);
  const replace = (data) => {
    field.select();
    const event = { inputType: "insertFromPaste", data, cancelable: true };
    if (!field.dispatchEvent(new InputEvent("beforeinput", event))) return;
    field.value = data;
    field.dispatchEvent(new InputEvent("input"));
  };
  replace(text);
  while (!known()) await new Promise(requestAnimationFrame);
  replace("so he");
}"""


def test_newer_text_overtakes_older_work(mount):
    page = mount(TokenizerPlayground())
    page.evaluate(OVERTAKE, "word " * 100_000)
    expect(page.locator(".llm-token")).to_have_count(len(cut("so he", "bpe", 1024)))
    page.wait_for_timeout(1500)
    assert counts(page)[:3] == [5, 5, 2]


def test_all_that_is_selected_is_replaced_also_what_is_not_shown(mount):
    page = mount(TokenizerPlayground(text="ab" * 5000, unit="words", units=["words"]))
    page.get_by_role("textbox").select_text()
    page.get_by_role("textbox").press_sequentially("so he")
    expect(page.locator(".llm-token")).to_have_count(2)


def test_pointing_passes_and_clicking_stays(mount):
    page = mount(TokenizerPlayground(text="so he left", unit="words"))
    tokens, selected = page.locator(".llm-token"), page.locator(".llm-token[aria-selected=true]")
    tokens.nth(1).click()
    tokens.nth(0).hover()
    expect(selected).to_contain_text("so")
    page.mouse.move(5, 5)
    expect(selected).to_contain_text("he")


def test_your_sentence_follows_from_figure_to_figure(mount):
    followers = (TokenizerPlayground(), TokenizerPlayground(unit="words"))
    page = mount(*followers, TokenizerPlayground(text="mine", follow=False))
    fields = page.get_by_role("textbox")
    expect(fields).to_have_count(3)
    fields.nth(0).fill("A new one")
    assert [field.input_value() for field in fields.all()] == ["A new one", "A new one", "mine"]
    page.reload()
    expect(fields.nth(1)).to_have_value("A new one")
    expect(fields.nth(2)).to_have_value("mine")


def test_a_link_opens_with_its_sentence(mount):
    page = mount(TokenizerPlayground(), hash="#say=%C3%A9t%C3%A9%20%3C")
    expect(page.get_by_role("textbox")).to_have_value("été <")
    assert shown_ids(page) == [id_ for id_, _ in cut("été <", "bpe", 1024)]


def test_reset_returns_to_the_authored_state(mount):
    page = mount(TokenizerPlayground(unit="words"))
    page.get_by_role("textbox").fill("other")
    row(page, "BPE 512").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("textbox")).to_have_value(BOOK_SENTENCE)
    expect(page.get_by_role("radio", name="Words")).to_be_checked()
    assert shown_ids(page) == [id_ for id_, _ in cut(BOOK_SENTENCE, "words")]


def test_right_to_left_text_runs_from_right_to_left(mount):
    page = mount(TokenizerPlayground(text="שלום", unit="characters", follow=False))
    first, second = (page.locator(".llm-token").nth(i).bounding_box()["x"] for i in (0, 1))
    assert first > second
    page.locator(".llm-token").nth(0).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".llm-token").nth(1)).to_be_focused()


# A stand-in for a kernel's model: what Python sets arrives, what the reader does is sent.
WITH_KERNEL = """(props) => {
  const values = { ...props };
  const listeners = new Map();
  globalThis.sent = [];
  globalThis.model = {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const listener of listeners.get(`change:${name}`) ?? []) listener();
    },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event, listener) =>
      listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener)),
    save_changes: () => sent.push({ ...values }),
  };
  globalThis.lifetime = new AbortController();
  document.querySelector("main").replaceChildren();
  llmBook.widget("tokenizer_playground").render({
    model, el: document.querySelector("main"), signal: lifetime.signal,
  });
}"""


def with_kernel(mount: Callable[..., Page], **props: object) -> Page:
    widget = TokenizerPlayground(**props)
    page = mount(widget)
    page.evaluate(WITH_KERNEL, widget.props())
    return page


def test_what_python_sets_is_shown(mount):
    page = with_kernel(mount)
    page.evaluate("model.set('text', 'so')")
    expect(page.get_by_role("textbox")).to_have_value("so")
    page.evaluate("model.set('vocab_size', 700)")
    expect(page.get_by_role("radio", name="BPE 700")).to_be_checked()
    page.evaluate("model.set('unit', 'words')")
    assert shown_ids(page) == [id_ for id_, _ in cut("so", "words")]
    page.evaluate("model.set('units', ['words'])")
    expect(page.get_by_role("radio")).to_have_count(1)


def test_what_the_reader_does_reaches_python(mount):
    page = with_kernel(mount, follow=False)
    page.get_by_role("textbox").fill("so")
    row(page, "BPE 2").click()
    page.wait_for_function("sent.length > 0 && sent.at(-1).vocab_size === 2048")
    last = page.evaluate("sent.at(-1)")
    assert (last["text"], last["unit"]) == ("so", "bpe")
    expect(page.get_by_role("radio", name="BPE 2")).to_be_focused()


def test_a_removed_figure_hears_nothing_more(mount):
    page = with_kernel(mount, follow=False)
    page.evaluate("lifetime.abort()")
    page.evaluate("model.set('text', 'so')")
    expect(page.get_by_role("textbox")).to_have_value(BOOK_SENTENCE)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_accessible(mount, theme):
    page = mount(TokenizerPlayground(unit="words"), theme=theme)
    page.get_by_role("button", name="Show as table").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_without_javascript_the_still_form_answers(mount):
    page = mount(TokenizerPlayground(), javascript=False)
    rows = page.locator("table.llm-still tbody tr")
    expect(rows).to_have_count(6)
    numbers = [int(text) for text in page.locator(".llm-still td:nth-child(2)").all_inner_texts()]
    assert numbers[:2] == [len(BOOK_SENTENCE), len(BOOK_SENTENCE.encode())]
    expect(rows.nth(2)).to_contain_text("compositor | <unk> | room")
    expect(rows.nth(4)).to_contain_text("C3 | A9")


def test_python_can_observe_ids_and_tokens():
    widget = TokenizerPlayground(text="so", unit="bytes")
    heard = []
    widget.observe(lambda change: heard.append(change.new), "ids")
    assert (widget.ids, widget.tokens) == ([115, 111], ["s", "o"])
    widget.text = "é"
    assert heard == [[0xC3, 0xA9]]
    assert widget.tokens == ["\\xc3", "\\xa9"]
    widget.unit = "words"
    assert widget.tokens == ["<unk>"]


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"unit": "letters"}, traitlets.TraitError, "'characters'.*not.*'letters'"),
        ({"vocab_size": 256}, traitlets.TraitError, "256"),
        ({"vocab_sizes": [4096]}, traitlets.TraitError, "4096"),
        ({"units": ["bytes"]}, ValueError, "unit is 'bpe', which is not among"),
        ({"text": 5}, traitlets.TraitError, "text"),
    ],
)
def test_impossible_inputs_are_refused(props, error, message):
    with pytest.raises(error, match=message):
        TokenizerPlayground(**props)


def test_the_words_in_data_are_those_of_the_story():
    assert list(book_words.book_word_tokenizer().token_to_id) == book_words.build()
