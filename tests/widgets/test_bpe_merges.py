"""BPE merges: the page trains as the library does, and every part of the figure works by hand."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import pairwise

import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from llm_lib.tokenizers import BPETokenizer
from llm_lib.tokenizers.pretokenize import PreTokenizer
from llm_lib.widgets.bpe_merges import PASSAGE, BPEMerges, train

pytestmark = pytest.mark.browser

NASTY = (
    "</script><!-- <img src=x onerror=alert(1)> "
    "שלום עולם שלום 👩‍👩‍👧👩‍👩‍👧 é\u202e \x00\n\n<b>&amp;"
)


def words_of(text: str) -> list[str]:
    return list(PreTokenizer().split(text))


def tokenizer_after(text: str, step: int, tie_break: str = "lexicographic") -> BPETokenizer:
    return BPETokenizer.train(text, 256 + step, tie_break=tie_break)


def signs(token: str) -> str:
    return token.replace(" ", "·").replace("\n", "⏎")


def shown_words(page: Page) -> list[list[str]]:
    return page.eval_on_selector_all(
        ".llm-word",
        "words => words.map((w) => [...w.querySelectorAll('.llm-bit')].map((b) => b.textContent))",
    )


def expected_words(text: str, step: int, tie_break: str = "lexicographic") -> list[list[str]]:
    tokenizer = tokenizer_after(text, step, tie_break)
    return [
        [signs(tokenizer.vocab[id_].decode()) for id_ in tokenizer.encode(word)]
        for word in words_of(text)
    ]


def bars(page: Page) -> list[tuple[str, int]]:
    return [
        tuple(row)
        for row in page.eval_on_selector_all(
            ".llm-pair",
            "rows => rows.map((r) => [r.querySelector('.llm-pair-name').textContent,"
            " Number(r.querySelector('.llm-number').textContent)])",
        )
    ]


def counted_pairs(text: str, step: int) -> Counter[str]:
    """Every pair of the text after some merges, counted by looking."""
    pairs: Counter[str] = Counter()
    for word in expected_words(text, step):
        pairs.update(f"{left}+{right}" for left, right in pairwise(word))
    return pairs


def boxes(page: Page) -> list[tuple[str, str, str]]:
    """The boxes of the tree: text, number of the merge, state."""
    return [
        tuple(box)
        for box in page.eval_on_selector_all(
            ".llm-box",
            "all => all.map((b) => [b.querySelector('bdi').textContent,"
            " b.querySelector('.llm-box-order')?.textContent ?? '', b.dataset.state])",
        )
    ]


def slider(page: Page):
    return page.get_by_role("slider", name="Merges")


def step_of(page: Page) -> int:
    return int(slider(page).input_value())


# What the page computes


REPLAY = """([texts, tieBreak, maxMerges]) => {
  const { replaySliced, treeCells } = book("engine/merge_replay.js");
  const { drain } = book("engine/slices.js");
  return JSON.stringify(texts.map((text) => {
    const replay = drain(replaySliced(text, { tieBreak, maxMerges }));
    const bytes = (id) => Array.from(replay.bytesOf(id));
    const merges = replay.history.map(({ pair, count }, i) =>
      [bytes(pair[0]), bytes(pair[1]), count, replay.lengths[i + 1]]);
    const trees = replay.words.map((word) => treeCells(replay.end.bpe, word));
    const progress = replay.words.map((word) => replay.progress(word, replay.at(0)));
    return { merges, trees, progress, words: replay.words, wordCount: replay.wordCount };
  }));
}"""


def replays(engine, texts: list[str], tie_break: str, max_merges: int = 40) -> list[dict]:
    page = engine("engine/merge_replay.js", "engine/slices.js")
    return json.loads(page.evaluate(REPLAY, [texts, tie_break, max_merges]))


def random_texts(count: int) -> list[str]:
    draw = random.Random(12)
    alphabets = ["ab", "abc ", "aàé 1", "aб👩‍👩 ", "the cat sat ", " \n"]
    return [
        "".join(draw.choices(draw.choice(alphabets), k=draw.randrange(1, 90))) for _ in range(count)
    ]


@pytest.mark.parametrize("tie_break", ["lexicographic", "first"])
def test_merges_counts_and_lengths_are_those_of_python(engine, tie_break):
    texts = [*random_texts(200), PASSAGE]
    for text, replay in zip(texts, replays(engine, texts, tie_break), strict=True):
        made = train(text, tie_break, 40)
        expected = [[list(m.left), list(m.right), m.count, m.n_tokens] for m in made]
        assert replay["merges"] == expected, text
        assert replay["words"] == words_of(text)
        assert replay["wordCount"] == len(words_of(text))


def test_a_tree_tiles_its_word_and_numbers_every_merge_in_it(engine):
    texts = random_texts(100)
    for text, replay in zip(texts, replays(engine, texts, "lexicographic"), strict=True):
        made = train(text, "lexicographic", 40)
        final = BPETokenizer.from_merges([(m.left, m.right) for m in made])
        for word, tree, progress in zip(
            replay["words"], replay["trees"], replay["progress"], strict=True
        ):
            data, cells = word.encode(), tree["cells"]
            covered = Counter(
                (byte, level)
                for cell in cells
                for byte in range(cell["start"], cell["end"])
                for level in range(cell["level"], cell["reach"] + 1)
            )
            assert set(covered.values()) == {1}  # no two boxes overlap …
            tops = Counter(byte for byte, _ in covered)
            for byte, height in tops.items():  # … and no column has a gap
                assert all((byte, level) in covered for level in range(height))
            tokens = final.encode(word)
            merges_inside = [c for c in cells if c["rank"] is not None]
            assert len(merges_inside) == len(data) - len(tokens)
            for cell in merges_inside:
                merge = made[cell["rank"]]
                assert data[cell["start"] : cell["end"]] == merge.left + merge.right
            last = max((c["rank"] + 1 for c in merges_inside), default=0)
            assert progress == {
                "bytes": len(data), "tokens": len(data),
                "finalTokens": len(tokens), "lastMerge": last,
            }  # fmt: skip


def test_the_merges_of_the_widget_are_those_of_the_tokenizer():
    widget = BPEMerges(PASSAGE, max_merges=30)
    trained = BPETokenizer.train(PASSAGE, 256 + 30)
    assert widget.merges == [[a.decode(), b.decode()] for a, b in trained.merges]
    heard = []
    widget.observe(lambda change: heard.append(change["new"]), "merges")
    widget.text = "été été"
    assert heard[-1][0] == ["\\xc3", "\\xa9"]
    widget.tie_break = "first"
    assert widget.merges[0] == ["\\xc3", "\\xa9"]
    widget.text = ""
    assert widget.merges == []


@pytest.mark.parametrize(
    "props", [{"tie_break": "loudest"}, {"step": -1}, {"max_merges": 0}, {"max_merges": 1001}]
)
def test_impossible_settings_are_refused(props):
    with pytest.raises(traitlets.TraitError, match=next(iter(props))):
        BPEMerges(**props)


def test_the_still_form_shows_the_first_merges_and_the_result():
    still = BPEMerges().still()
    trained = BPETokenizer.train(PASSAGE, 256 + 60)
    length = len(trained.encode(PASSAGE))
    assert f"{len(PASSAGE)} bytes, {length} tokens after 60 merges." in still
    assert still.count("<tr>") == 21  # the head and twenty merges
    assert '<th scope="row">8</th><td>h</td><td>e</td><td>he</td><td>8</td><td>186</td>' in still
    assert "<script" not in BPEMerges(NASTY).still()
    assert "0 bytes" in BPEMerges("").still()
    assert "3 bytes, 1 token after 2 merges." in BPEMerges("\ud800").still()  # as U+FFFD


def test_without_javascript_the_merges_can_be_read(mount):
    page = mount(BPEMerges(), javascript=False)
    expect(page.get_by_role("table")).to_contain_text("The first 20 merges")
    expect(page.get_by_role("row", name="8 h e he")).to_be_visible()


# The picture


def test_the_first_state_shows_a_merge_its_places_and_the_next_pair(mount):
    page = mount(BPEMerges())
    assert shown_words(page) == expected_words(PASSAGE, 8)
    newest = page.locator(".llm-words [data-newest]")
    assert newest.all_text_contents() == ["he"] * 8
    dashed = page.locator(".llm-words [data-pair]").all_text_contents()
    assert dashed == ["·l", "ight"] * 8
    expect(page.locator(".llm-merge-headline")).to_have_text("Merge 8 of 60: h + e → he")
    assert page.witness.errors == []


def test_a_token_is_in_one_pair_only_as_when_merging(mount):
    page = mount(BPEMerges("aaa", step=0))
    assert page.locator(".llm-words .llm-bit").count() == 3
    assert page.locator(".llm-words [data-pair]").count() == 2


@pytest.mark.parametrize("step", [0, 1, 13, 31])
def test_text_and_bars_are_those_of_the_moment(mount, step):
    page = mount(BPEMerges(step=step))
    assert shown_words(page) == expected_words(PASSAGE, step)
    pairs = counted_pairs(PASSAGE, step)
    shown = bars(page)
    assert len(shown) == 8
    assert [count for _, count in shown] == sorted(pairs.values(), reverse=True)[:8]
    assert all(pairs[pair] == count for pair, count in shown)
    upcoming = BPEMerges().merges[step]
    assert shown[0][0] == signs("+".join(upcoming))


@pytest.mark.parametrize(
    ("props", "words"),
    [
        (
            {"step": 8},
            "“·l” + “ight” is next: it stands 8 times, more often than any other pair. "
            "Second is “·” + “t”, 7 times.",
        ),
        (
            {"step": 0},
            "“i” + “g” is next: 4 pairs stand 18 times, and ties go to the greater bytes: "
            "“i” sorts after “h”.",
        ),
        (
            {"step": 0, "tie_break": "first"},
            "4 pairs stand 18 times, and ties go to the pair that stands first in the text.",
        ),
        ({"text": "ab ac", "step": 0}, "ties go to the greater bytes: “c” sorts after “b”."),
        ({"text": "xyz", "step": 1}, "“x” + “yz” is next: it is the only pair left."),
        ({"text": "xyz", "step": 9}, "No word has two tokens: there is nothing left to merge."),
        ({"max_merges": 5, "step": 5}, "Training stops here. “a” + “mp” would be next: 2 pairs"),
        ({"step": 40}, "From here on every merge only memorises this text."),
    ],
)
def test_the_reason_is_given_in_words(mount, props, words):
    page = mount(BPEMerges(**props))
    expect(page.locator(".llm-merge-why")).to_contain_text(words)


def test_the_rule_for_ties_is_the_readers_choice(mount):
    page = mount(BPEMerges(step=3))
    page.get_by_label("the first in the text").check(force=True)
    assert BPEMerges().merges[:3] != BPEMerges(tie_break="first").merges[:3]
    assert shown_words(page) == expected_words(PASSAGE, 3, "first")
    slider(page).press("Home")
    expect(page.locator(".llm-merge-why")).to_contain_text("pair that stands first in the text")


def test_the_table_says_what_the_picture_shows(mount):
    page = mount(BPEMerges(step=2))
    page.get_by_role("button", name="Show as table").click()
    page.get_by_role("button", name="Merge", exact=True).click()
    rows = page.eval_on_selector_all(
        ".llm-twin tbody tr", "rows => rows.map((row) => [...row.cells].map((c) => c.textContent))"
    )
    made = train(PASSAGE, "lexicographic", 60)
    assert [row[4] for row in rows] == [str(m.count) for m in made]
    assert [row[7] for row in rows] == [str(m.n_tokens) for m in made]
    assert rows[2][:4] == ["3 (shown)", "igh", "t", "ight"]
    assert rows[0][5:7] == ["h + t, 18", "tie: greater bytes"]
    assert rows[7][5:7] == ["·l + ight, 8", "tie: greater bytes"]
    shown = page.locator(".llm-curve-label[data-end=here]").text_content()
    assert shown == rows[2][7] == str(sum(map(len, shown_words(page))))
    assert rows[-1][7] == page.locator(".llm-curve-label[data-end=last]").text_content()


# By hand


def test_stepping_goes_forth_and_back_and_stops_at_both_ends(mount):
    page = mount(BPEMerges(step=58))
    merge, undo = (page.get_by_role("button", name=n, exact=True) for n in ("Merge", "Undo"))
    for step in (59, 60, 60):
        merge.click(force=True)  # at the end it is retired, not gone: the focus stays
        assert step_of(page) == step
    assert merge.get_attribute("aria-disabled") == "true"
    undo.click()
    assert step_of(page) == 59
    assert shown_words(page) == expected_words(PASSAGE, 59)
    slider(page).press("Home")
    assert undo.get_attribute("aria-disabled") == "true"
    undo.click(force=True)
    assert step_of(page) == 0


def test_the_slider_scrubs_both_ways_by_keyboard(mount):
    page = mount(BPEMerges())
    for key, step in [("End", 60), ("ArrowLeft", 59), ("Home", 0), ("ArrowRight", 1)]:
        slider(page).press(key)
        assert shown_words(page) == expected_words(PASSAGE, step), key
    assert slider(page).get_attribute("aria-valuetext") == (
        "Merge 1 of 60: “i” + “g” became “ig”; the pair stood 18 times. 275 tokens in the text."
    )


def test_the_curve_is_dragged(mount):
    page = mount(BPEMerges())
    box = page.locator(".llm-curve-plot").bounding_box()
    y = box["y"] + 20
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    assert step_of(page) == 30
    page.mouse.move(box["x"] + box["width"] * 2, y, steps=3)
    assert step_of(page) == 60
    page.mouse.move(box["x"] - 50, y, steps=3)
    page.mouse.up()
    assert step_of(page) == 0
    page.mouse.move(box["x"] + 100, y)
    assert step_of(page) == 0  # let go
    assert shown_words(page) == expected_words(PASSAGE, 0)


def test_the_thumb_stands_below_the_hand(mount):
    """Slider and curve share one axis: a click on the slider at a tick sets that very step."""
    page = mount(BPEMerges())
    hand = page.locator(".llm-curve-hand")
    for step in (0, 20, 60):
        slider(page).fill(str(step))
        box = slider(page).bounding_box()
        centre = box["x"] + 12 + (box["width"] - 24) * step / 60
        assert abs(hand.bounding_box()["x"] - centre) < 1.5


def test_playing_goes_on_by_itself_and_stops(mount):
    page = mount(BPEMerges(step=3))
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    play = page.get_by_role("button", name="Play")
    play.click()
    assert step_of(page) == 4
    page.clock.run_for(1500)
    assert step_of(page) == 6
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(1500)
    assert step_of(page) == 6
    slider(page).fill("58")
    play.click()
    page.clock.run_for(1500)
    expect(play).to_be_visible()  # over: it can be played again, from the start
    assert step_of(page) == 60
    play.click()
    assert step_of(page) == 0
    slider(page).press("End")
    expect(play).to_be_visible()  # a hand on the slider stops the clock
    assert step_of(page) == 60


def test_the_result_is_announced_once_not_at_every_tick(mount):
    page = mount(BPEMerges())
    page.evaluate(
        """() => {
          globalThis.said = [];
          const status = document.querySelector(".llm-status");
          new MutationObserver(() => said.push(status.textContent)).observe(
            status, { childList: true });
        }"""
    )
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(5000)
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(1000)
    for _ in range(3):
        slider(page).press("ArrowRight")
    page.clock.run_for(1000)
    said = page.evaluate("said")
    assert [words[: words.index(":")] for words in said] == ["Merge 16 of 60", "Merge 19 of 60"]


def test_a_word_is_chosen_by_click_and_by_keyboard(mount):
    page = mount(BPEMerges())
    name = page.locator(".llm-merge-columns .llm-part").last
    expect(name).to_have_text("How ·lamplighter is put together")
    page.get_by_role("option", name="·faster", exact=False).click()
    expect(name).to_have_text("How ·faster is put together")
    page.keyboard.press("ArrowRight")
    expect(name).to_have_text("How , is put together")
    expect(page.get_by_text("One byte: there is nothing to merge.")).to_be_visible()
    page.keyboard.press("Home")
    expect(name).to_have_text("How The is put together")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "llm-word"
    assert page.evaluate("document.activeElement.previousElementSibling") is not None
    page.keyboard.press("End")
    expect(name).to_have_text("How . is put together")
    stops = page.locator(".llm-words [tabindex='0']")
    assert stops.count() == 1


def test_the_tree_fills_as_the_merges_are_made(mount):
    page = mount(BPEMerges(step=7))
    ranks = {a + b: i for i, (a, b) in enumerate(BPEMerges().merges, 1)}
    shown = boxes(page)
    leaves = [text for text, number, _ in shown if number == ""]
    assert Counter(leaves) == Counter("·lamplighter")
    for text, number, state in shown:
        if number == "":
            assert state == "made"
            continue
        rank = ranks[text.replace("·", " ")]
        assert int(number) == rank
        assert state == ("made" if rank < 7 else "newest" if rank == 7 else "to come")
    assert ("·lamp", "7", "newest") in shown
    expect(
        page.get_by_text(
            "12 bytes, 5 tokens now. Merge 22 is the last in it, and leaves one token."
        )
    ).to_be_visible()
    slider(page).fill("22")
    assert {state for *_, state in boxes(page)} == {"made", "newest"}
    expect(page.get_by_text("12 bytes, 1 token now. Merge 22 made it one token.")).to_be_visible()


def test_pointing_at_a_pair_shows_where_it_stands(mount):
    page = mount(BPEMerges())
    dashed = page.locator(".llm-words [data-pair]")
    page.get_by_role("option", name="t + he").hover()
    assert dashed.all_text_contents() == ["t", "he"] * 6
    page.mouse.move(2, 2)
    assert dashed.all_text_contents() == ["·l", "ight"] * 8
    page.get_by_role("option", name="·l + ight, 8 times, next").focus()
    page.keyboard.press("ArrowDown")
    assert dashed.all_text_contents() == ["·", "t"] * 7
    page.keyboard.press("Tab")
    assert dashed.all_text_contents() == ["·l", "ight"] * 8


def test_the_reader_trains_on_a_text_of_their_own(mount):
    page = mount(BPEMerges())
    page.get_by_text("Train on your own text").click()
    field = page.get_by_label("Text to train on")
    field.fill("banana bandana")
    made = train("banana bandana", "lexicographic", 60)
    expect(slider(page)).to_have_attribute("max", str(len(made)))
    assert shown_words(page) == expected_words("banana bandana", min(8, len(made)))
    page.get_by_role("button", name="Use my sentence").click()
    expect(field).to_have_value(BPEMerges().sentence)
    page.evaluate("localStorage.setItem('llm-book:sentence', 'mine, mine, mine')")
    page.get_by_role("button", name="Use my sentence").click()
    expect(field).to_have_value("mine, mine, mine")
    expect(page.locator(".llm-word").first).to_have_text("mine")
    field.fill("")
    expect(page.get_by_text("No text: there is nothing to train on.")).to_be_visible()
    assert page.locator(".llm-word, .llm-pair").count() == 0
    assert page.evaluate("localStorage.getItem('llm-book:sentence')") == "mine, mine, mine"
    page.get_by_role("button", name="Reset").click()
    assert shown_words(page) == expected_words(PASSAGE, 8)
    expect(field).to_have_value(PASSAGE)
    assert page.witness.errors == []


def test_a_link_reproduces_the_state_and_a_mangled_one_does_no_harm(mount):
    page = mount(BPEMerges(), hash="#bpe&step=2&first=1&text=ab%20ab%20%3C!--")
    assert shown_words(page) == expected_words("ab ab <!--", 2, "first")
    link = page.evaluate(
        """() => new Promise((resolve) => {
          Object.defineProperty(navigator, "clipboard", { value: { writeText: resolve } });
          const buttons = [...document.querySelectorAll("button")];
          buttons.find((button) => button.textContent === "Copy link").click();
        })"""
    )
    assert link.endswith("/page.html#bpe&step=2&first=1&text=ab%20ab%20%3C!--")
    page = mount(BPEMerges(), hash="#bpe&step=-4&first=x&text=%F0%28")
    assert step_of(page) <= 8
    page = mount(BPEMerges(), hash="#bpe&step=999999999")
    assert step_of(page) == 60
    assert page.witness.errors == []


def test_python_sees_changes_and_sets_them(kernel):
    page = kernel(BPEMerges())
    page.get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_function("model.saves.at(-1)?.step === 9")
    page.evaluate("model.set('step', 1)")
    assert shown_words(page) == expected_words(PASSAGE, 1)
    page.evaluate("model.set('max_merges', 5)")
    expect(slider(page)).to_have_attribute("max", "5")
    page.evaluate("model.set('text', 'aaaa aaaa')")
    expect(page.locator(".llm-word")).to_have_text(["aaaa", "·aaaa"])
    assert shown_words(page) == [["aa", "aa"], ["·", "aa", "aa"]]
    page.evaluate("lifetime.abort()")
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    assert page.witness.errors == []


# Bad input


def test_any_text_is_shown_as_text(mount):
    page = mount(BPEMerges(NASTY, step=4), width=320)
    assert page.evaluate("document.querySelectorAll('main img, main script, main b').length") == 0
    trained = tokenizer_after(NASTY, 4)
    lengths = [len(trained.encode(word)) for word in words_of(NASTY)]
    assert list(map(len, shown_words(page))) == lengths
    hebrew = page.locator(".llm-word[dir=rtl]")
    assert hebrew.count() == 3
    for key in ("End", "Home"):
        slider(page).press(key)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.witness.errors == []


@pytest.mark.parametrize(
    "text", ["a man, a plan " * 80_000, "x" * 1_000_000, "\ud800", "日本語" * 300_000]
)
def test_a_huge_paste_is_cut_and_says_so(mount, text):
    page = mount(BPEMerges())
    page.get_by_text("Train on your own text").click()
    page.evaluate(
        """(text) => {
          const field = document.querySelector("textarea");
          field.value = text;
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        text,
    )
    opening = "\ufffd" if text == "\ud800" else text[0]
    page.wait_for_function(
        """(opening) => !document.querySelector("[aria-busy]") &&
          document.querySelector(".llm-word").textContent.startsWith(opening)""",
        arg=opening,
        timeout=60_000,
    )
    cut = page.get_by_text("Only the first 100\u202f000 characters are taken.")
    assert cut.is_visible() == (len(text) > 100_000)
    assert page.locator(".llm-words .llm-bit").count() <= 4000
    slider(page).press("Home")
    taken = text[:100_000].replace("\ud800", "\ufffd").encode()
    here = page.locator(".llm-curve-label[data-end=here]").text_content()
    assert here.replace("\u202f", "") == str(len(taken))
    assert page.witness.errors == []


def test_a_long_text_is_drawn_in_part_counted_in_full_and_says_so(mount):
    text = "tick tock " * 2000
    page = mount(BPEMerges(text, step=1))
    expect(page.get_by_text("of 4\u202f001 words; all are counted.")).to_be_visible()
    made = train(text, "lexicographic", 60)
    here = page.locator(".llm-curve-label[data-end=here]")
    assert here.text_content().replace("\u202f", "") == str(made[0].n_tokens)
    drawn = shown_words(page)
    assert drawn == expected_words(text, 1)[: len(drawn)]


# For everyone


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text", [PASSAGE, "", NASTY])
def test_axe_finds_nothing(mount, theme, text):
    page = mount(BPEMerges(text), theme=theme, width=400)
    page.get_by_role("button", name="Show as table").click()
    page.get_by_text("Train on your own text").click()
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


def test_nothing_moves_for_a_reader_who_wants_stillness(mount):
    page = mount(BPEMerges())  # the page of the tests prefers reduced motion
    moves = page.eval_on_selector_all(
        ".llm-figure *",
        """(all) => all.map((e) => getComputedStyle(e)).filter((style) =>
          style.animationName !== "none" || parseFloat(style.transitionDuration) > 0).length""",
    )
    assert moves == 0
    page.get_by_role("button", name="Merge", exact=True).click()
    assert page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("step", [0, 60])
def test_a_phone_needs_no_sideways_scroll(mount, step):
    page = mount(BPEMerges(step=step), width=320)
    page.get_by_text("Train on your own text").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    small = page.eval_on_selector_all(
        "button, summary, .llm-option, input[type=range]",
        "all => all.filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44)"
        ".map((e) => e.outerHTML)",
    )
    assert small == []


def test_the_words_of_a_text_from_right_to_left_are_walked_that_way(mount):
    page = mount(BPEMerges("שלום עולם"))
    words = page.get_by_role("option")
    words.first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement === document.querySelectorAll('.llm-word')[1]")
