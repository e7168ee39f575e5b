"""The attention explorer: its numbers are PyTorch's, and every head can be reached and switched."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from layout import overhanging
from playwright.sync_api import Page, expect

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.hooks import compose, record, silence_head
from llm_lib.widgets.attention_explorer import MOST, AttentionExplorer
from llm_lib.widgets.sentence import STORY_OPENING

START = 1023
NARROW = "\u202f"
WORDS = ["a", "fox", "met", "a", "red", "fox"]
DRAW = np.random.default_rng(7)


def shares(layers: int = 2, heads: int = 3, T: int = 6, causal: bool = True) -> np.ndarray:
    scores = DRAW.normal(size=(layers, heads, T, T)) * 2
    if causal:
        scores = np.where(np.tri(T, dtype=bool), scores, -np.inf)
    powers = np.exp(scores)
    return powers / powers.sum(-1, keepdims=True)


def as_number(text: str) -> float:
    return float(re.search(r"[\d.]+", text.replace(NARROW, ""))[0]) / 100


def ready(page: Page) -> Page:
    page.wait_for_selector(".llm-look-line")
    return page


def numbers(page: Page) -> list[str]:
    return page.locator(".llm-look-share").all_inner_texts()


def bars(page: Page) -> list[list[str]]:
    names, values = (
        page.locator(f".llm-next {part}").all_inner_texts()
        for part in (".llm-next-name", ".llm-next-number")
    )
    return [list(row) for row in zip(names, values, strict=True)]


def chosen(page: Page) -> tuple[int, int]:
    cell = page.locator(".llm-heads-cell[aria-selected=true]")
    return int(cell.get_attribute("data-layer")), int(cell.get_attribute("data-head"))


@pytest.fixture(scope="module")
def gpt(model_folder) -> GPT:
    return GPT.from_pretrained(model_folder).eval()


@torch.no_grad()
def theirs(gpt: GPT, text: str, off: list[list[int]]) -> dict[str, Any]:
    """The same with PyTorch: weights of each layer and next-token probabilities."""
    ids = torch.tensor([START, *book_tokenizer(1024).encode(text)])
    hook = compose(*(silence_head(*pair) for pair in off)) if off else None
    found = record(gpt, ids, ["blocks.*.weights", "logits"], hook=hook)
    return {"ids": ids, **found, "next": found["logits"].softmax(-1)}


# Python


def test_given_weights_are_checked():
    good = shares()
    assert AttentionExplorer(weights=good, tokens=WORDS).weights[1][2][0][0] == 1.0
    with pytest.raises(ValueError, match="go together"):
        AttentionExplorer(weights=good)
    with pytest.raises(ValueError, match=r"shape \(2, 3, 6, 6\) and there are 5 tokens"):
        AttentionExplorer(weights=good, tokens=WORDS[:5])
    with pytest.raises(ValueError, match="one text"):
        AttentionExplorer(weights=good, tokens="abcdef")
    with pytest.raises(ValueError, match="does not sum to 1"):
        AttentionExplorer(weights=good * 1.1, tokens=WORDS)
    with pytest.raises(ValueError, match="no share"):
        AttentionExplorer(weights=good - 0.5, tokens=WORDS)
    with pytest.raises(ValueError, match="no array of layers"):
        AttentionExplorer(weights=[good[0], good[1][:2]], tokens=WORDS)
    long = np.full((3, 4, 100, 100), 0.01)
    with pytest.raises(ValueError, match=str(MOST)):
        AttentionExplorer(weights=long, tokens=["a"] * 100)
    with pytest.raises(ValueError, match="needs the model"):
        AttentionExplorer(weights=good, tokens=WORDS, off=[[0, 0]])


def test_tensors_are_taken_as_record_returns_them():
    layers = [torch.tensor(layer, requires_grad=True)[None] for layer in shares()]
    figure = AttentionExplorer(weights=layers, tokens=WORDS)
    assert np.allclose(figure.weights, torch.cat(layers).detach().numpy(), atol=1e-4)


def test_heads_that_cannot_be_off_are_refused():
    assert AttentionExplorer(off=[(3, 2)]).off == [[3, 2]]
    with pytest.raises(ValueError, match="counted from 0"):
        AttentionExplorer(off=[[0, -1]])
    with pytest.raises(ValueError, match="give a \\[layer, head\\]"):
        AttentionExplorer(off=[3])


def test_the_still_form_says_what_given_heads_look_at(mount):
    weights = shares()
    page = mount(AttentionExplorer(weights=weights, tokens=WORDS, query=3), javascript=False)
    row = page.locator("tr", has_text="layer 1, head 2").inner_text()
    best = int(weights[1, 2, 3].argmax())
    assert f"{WORDS[best]} {100 * weights[1, 2, 3, best]:.1f} %" in row
    assert page.locator("tbody tr").count() == 6
    page = mount(AttentionExplorer(), javascript=False)
    assert "Storyteller" in page.locator("[data-llm-widget]").inner_text()


# The engine


SCORES = """([layers, ids]) => {
  const weights = book("engine/head_reading.js").givenHeads(layers);
  const scene = book("engine/heads_scene.js").headsScene({
    weights, T: ids.length, heads: layers[0].length, ids });
  return { scores: scene.scores, favourite: scene.favourite(ids.length - 1) };
}"""


def test_scores_of_heads_are_means_over_the_tokens_that_have_such_a_place(engine):
    page = engine("engine/head_reading.js", "engine/heads_scene.js")
    weights, ids = shares(T=9), [0, 5, 3, 5, 1, 3, 3, 5, 2]
    found = page.evaluate(SCORES, [weights.tolist(), ids])
    for layer, head in np.ndindex(2, 3):
        square = weights[layer, head]
        copies = {t: [k for k in range(t) if ids[k] == ids[t]] for t in range(2, 9)}
        after = {t: [k + 1 for k in copies[t] if k + 1 < t] for t in copies}
        places = {
            "previous": {t: [t - 1] for t in copies},
            "first": {t: [0] for t in copies},
            "itself": {t: [t] for t in copies},
            "copy": copies,
            "after_copy": after,
            "favourite": {t: [int(square[t].argmax())] for t in copies},
        }
        for score in found["scores"][layer][head]:
            cases = {t: keys for t, keys in places[score["place"]].items() if keys}
            assert score["count"] == len(cases)
            share = np.mean([square[t, keys].sum() for t, keys in cases.items()])
            even = np.mean([len(keys) / (t + 1) for t, keys in cases.items()])
            assert score["share"] == pytest.approx(share, abs=1e-6)
            assert score["even"] == pytest.approx(even)
    look = weights[:, :, 8, 1:7]
    layer, head, _ = np.unravel_index(look.argmax(), look.shape)
    assert (found["favourite"]["layer"], found["favourite"]["head"]) == (layer, head)


def test_a_window_holds_its_query_and_loses_no_share(engine):
    page = engine("engine/attention_window.js")
    weights = shares(1, 1, 50)[0, 0]
    for query in (0, 1, 7, 25, 49):
        places, found = page.evaluate(
            """([square, query]) => {
              const { placesOf, sharesOf } = book("engine/attention_window.js");
              const { places } = placesOf(50, 12, query);
              return [places, sharesOf(Float32Array.from(square.flat()), 50, query, places)];
            }""",
            [weights.tolist(), query],
        )
        assert len(places) <= 12
        assert any(p["kind"] == "token" and p["from"] == query for p in places)
        assert sum(found) == pytest.approx(1, abs=1e-5)


def test_the_next_tokens_compared_hold_the_likeliest_and_the_one_of_the_text(engine):
    page = engine("engine/next_tokens.js")
    logits = DRAW.normal(size=(2, 40)) * 3
    before, after = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    rarest = int(before.argmin())
    found = page.evaluate(
        """([logits, actual]) => {
          const { compareNext, probabilitiesAt } = book("engine/next_tokens.js");
          const data = Float32Array.from(logits.flat());
          const [a, b] = [0, 1].map((row) => probabilitiesAt(data, 40, row));
          return compareNext(a, b, 6, actual);
        }""",
        [logits.tolist(), rarest],
    )
    ids = [row["id"] for row in found["rows"]]
    assert len(ids) == 6
    assert {rarest, int(before.argmax()), int(after.argmax())} <= set(ids)
    assert [row["before"] for row in found["rows"]] == pytest.approx(before[ids], abs=1e-6)
    assert [row["after"] for row in found["rows"]] == pytest.approx(after[ids], abs=1e-6)
    assert found["rest"]["after"] == pytest.approx(1 - after[ids].sum(), abs=1e-6)


# The page, with the model


def test_what_is_shown_is_what_pytorch_computes(mount, gpt):
    off = [[0, 1], [2, 3], [3, 2]]
    page = ready(mount(AttentionExplorer(layer=3, head=0, off=off, follow=False)))
    expected = theirs(gpt, STORY_OPENING, off)
    plain = theirs(gpt, STORY_OPENING, [])
    row = expected["blocks.3.weights"][0, -1]
    for text, share in zip(numbers(page), row.tolist(), strict=True):
        assert as_number(text) == pytest.approx(share, abs=0.0011)
    top = page.locator(".llm-next-number").first.inner_text()
    best = int(plain["next"][-1].argmax())
    parts = [as_number(part) for part in top.split("→")]
    expected_top = [float(found["next"][-1, best]) for found in (plain, expected)]
    assert parts == pytest.approx(expected_top, abs=0.0011)
    losses = [
        torch.nn.functional.cross_entropy(found["logits"][:-1], found["ids"][1:]).item()
        for found in (plain, expected)
    ]
    shown = page.locator(".llm-heads-next .llm-heads-note").inner_text()
    assert [float(n) for n in re.findall(r"\d+\.\d+", shown)] == pytest.approx(losses, abs=0.011)


def test_a_head_is_switched_off_and_on_by_mouse(mount):
    page = ready(mount(AttentionExplorer(layer=3, head=1, follow=False)))
    before = bars(page)
    assert all("→" not in value for _, value in before)
    page.get_by_role("button", name="Switch this head off").click()
    expect(page.locator(".llm-next-number").first).to_contain_text("→")
    assert page.locator(".llm-heads-cell[data-off]").count() == 1
    expect(page.locator(".llm-status")).to_contain_text("Without layer 3 head 1")
    page.locator(".llm-heads-cell").first.click()
    page.get_by_role("button", name="Switch this head off").click()
    expect(page.locator(".llm-head-off")).to_have_text("Off: layer 3 head 1, layer 0 head 0.")
    page.get_by_role("button", name="Only this head").click()
    expect(page.locator(".llm-heads-cell[data-off]")).to_have_count(15)
    page.get_by_role("button", name="All heads on").click()
    expect(page.locator(".llm-next-number").first).not_to_contain_text("→")
    assert bars(page) == before


def test_heads_and_tokens_are_reached_by_keyboard(mount):
    page = ready(mount(AttentionExplorer(layer=0, head=0, follow=False)))
    page.locator(".llm-heads-cell[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert chosen(page) == (2, 1)
    expect(page.locator(".llm-head-panel .llm-part")).to_have_text("Layer 2, head 1")
    page.keyboard.press(" ")
    expect(page.locator(".llm-heads-cell[data-off]")).to_have_count(1)
    expect(page.locator(".llm-next-number").first).to_contain_text("→")
    page.locator(".llm-look-line[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".llm-look-title")).to_contain_text("“Near” looks at")
    assert page.locator(".llm-look-line:focus bdi").inner_text() == "Near"
    expect(page.locator(".llm-heads-next .llm-part")).to_have_text("What comes after “Near”")
    # The text goes on with a token, which is marked.
    expect(page.locator(".llm-next-name", has_text="(in your text)")).to_have_count(1)
    assert numbers(page)[2] == "–"  # later tokens are unseen


def test_the_pointer_reads_a_cell_and_leaves_the_choice_alone(mount, gpt):
    page = ready(mount(AttentionExplorer(layer=1, head=2, follow=False)))
    weights = theirs(gpt, STORY_OPENING, [])["blocks.1.weights"][2]
    title = page.locator(".llm-look-title").inner_text()
    page.locator(".llm-attention-square").scroll_into_view_if_needed()
    cell = page.locator(".llm-square-lit[data-way=down]").get_attribute("width")
    picture = page.locator(".llm-attention-square").bounding_box()
    bottom = picture["y"] + picture["height"]
    row, column = 12, 3
    x = picture["x"] + (column + 0.5) * float(cell)
    y = bottom - (len(weights) - row - 0.5) * 20
    page.mouse.move(x, y)
    said = page.locator(".llm-look-title").inner_text()
    assert said.startswith("“·morning” gives “·mill” ")
    assert as_number(said) == pytest.approx(float(weights[row, column]), abs=0.0011)
    page.mouse.move(2, 2)
    assert page.locator(".llm-look-title").inner_text() == title
    page.mouse.click(x, y)
    expect(page.locator(".llm-look-line[aria-selected=true] bdi")).to_have_text("·morning")


def test_table_and_picture_agree(mount):
    page = ready(mount(AttentionExplorer(layer=2, head=1, follow=False)))
    page.get_by_role("button", name="Show as table").click()
    rows = page.locator(".llm-twin tbody tr")
    cells = rows.evaluate_all("(rows) => rows.map((row) => row.cells[1 + 2 * 4 + 1].textContent)")
    assert cells == numbers(page)
    assert page.locator(".llm-twin th[scope=col]").count() == 17
    page.get_by_role("button", name="Switch this head off").click()
    expect(page.locator(".llm-twin caption").first).to_contain_text("→")


def test_each_head_is_tried_in_turn(mount, gpt):
    page = ready(mount(AttentionExplorer(follow=False)))
    page.get_by_role("button", name="Switch each off in turn").click()
    expect(page.locator(".llm-status")).to_contain_text("One head off at a time", timeout=20000)
    plain = theirs(gpt, STORY_OPENING, [])["next"][-1]
    best = int(plain.argmax())
    shown = page.locator(".llm-heads-effect").all_inner_texts()
    assert len(shown) == 16
    for i, text in enumerate(shown):
        left = theirs(gpt, STORY_OPENING, [[i // 4, i % 4]])["next"][-1, best]
        assert as_number(text) == pytest.approx(float(left), abs=0.0101)
    page.get_by_label("Your text").fill("Near the pond lived a child called Ada. She")
    expect(page.locator(".llm-heads-effect").first).to_be_empty()


def test_reset_and_link_bring_a_state_back(mount):
    page = ready(mount(AttentionExplorer(follow=False)))
    first = (chosen(page), bars(page))
    page.evaluate("navigator.clipboard.writeText = (text) => { globalThis.copied = text; }")
    page.get_by_label("Your text").fill("Near the pond lived a child called Ada. She")
    expect(page.locator(".llm-look-line bdi").last).to_have_text("·She")
    page.locator(".llm-heads-cell").nth(5).click()
    page.get_by_role("button", name="Switch this head off").click()
    page.locator(".llm-look-line", has_text="·Ada").click()
    expect(page.locator(".llm-next-number").first).to_contain_text("→")
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("copied")
    after = (chosen(page), numbers(page), bars(page))
    again = ready(mount(AttentionExplorer(follow=False), hash="#" + link.split("#")[1]))
    expect(again.locator(".llm-next-number").first).to_contain_text("→")
    assert (chosen(again), numbers(again), bars(again)) == after
    again.get_by_role("button", name="Reset").click()
    expect(again.locator(".llm-look-line bdi").last).to_have_text("·Now")
    expect(again.locator(".llm-next-number").first).not_to_contain_text("→")
    assert (chosen(again), bars(again)) == first


@pytest.mark.parametrize(
    "hash", ["#heads&layer=99&head=99&query=99&off0=99999999", "#heads&off9=1"]
)
def test_a_mangled_link_does_no_harm(mount, hash):
    page = ready(mount(AttentionExplorer(follow=False), hash=hash))
    assert page.locator(".llm-next li").count() == 7
    assert page.witness.errors == []


@pytest.mark.parametrize(
    "text",
    [
        "</script><b>x",
        "<!-- & <img src=x onerror=alert(1)>",
        "שלום עולם 👩\u200d👧 e\u0301",
        "",
        " ",
    ],
)
def test_whatever_is_typed_is_only_read(mount, text):
    page = ready(mount(AttentionExplorer(follow=False), width=320))
    page.get_by_label("Your text").fill(text)
    count = len(book_tokenizer(1024).encode(text)) + 1
    expect(page.get_by_label("Query")).to_have_attribute("max", str(count - 1))
    assert page.locator(".llm-figure :is(b, img, script)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.witness.errors == []


def test_a_long_text_is_cut_and_windowed_and_says_so(mount):
    page = ready(mount(AttentionExplorer(text="It was a day. " * 100_000, follow=False)))
    notes = page.locator(".llm-look .llm-heads-note").last
    expect(notes).to_contain_text("Drawn: tokens")
    expect(notes).to_contain_text("tokens are left out")
    assert 12 <= page.locator(".llm-look-line").count() <= 40
    shown = [as_number(text) for text in numbers(page) if text != "–"]
    assert sum(shown) == pytest.approx(1, abs=0.05)
    page.locator(".llm-look-line[tabindex='0']").focus()
    page.keyboard.press("Home")
    assert page.locator(".llm-look-line:focus bdi").inner_text() == "start"
    assert page.locator(".llm-look-line").nth(1).get_attribute("data-kind") == "token"


def test_proof_compares_what_this_figure_shows(mount, model_folder):
    if not (model_folder / "proof.json").is_file():
        pytest.skip("the random model of this test run has no proof")
    page = ready(mount(AttentionExplorer(follow=False)))
    page.get_by_role("button", name="Prove it").click()
    expect(page.locator(".llm-proof-verdict")).to_contain_text("Equal: computed", timeout=20000)
    labels = page.locator(".llm-proof tbody th").all_inner_texts()
    assert labels == ["scores", "weights", "heads", "logits"]


def test_a_model_that_does_not_come_is_explained_and_can_be_tried_again(
    mount, model_file, tmp_path
):
    missing = tmp_path / "later.js"
    page = mount(AttentionExplorer(follow=False), model_file=missing)
    expect(page.locator(".llm-broken")).to_contain_text("The model is not here")
    missing.write_bytes(model_file.read_bytes())
    page.get_by_role("button", name="Try again").click()
    assert ready(page).locator(".llm-heads-cell").count() == 16


# The page, with given weights


def test_a_reader_s_own_weights_are_shown_without_a_model(mount):
    weights = shares(causal=False)
    page = ready(mount(AttentionExplorer(weights=weights, tokens=WORDS, layer=1, head=0, query=2)))
    shown = [as_number(text) for text in numbers(page)]
    assert shown == pytest.approx(weights[1, 0, 2].tolist(), abs=0.0011)
    assert page.get_by_role("button", name="Switch this head off").count() == 0
    assert page.get_by_label("Your text").count() == 0
    assert page.locator(".llm-heads-cell").count() == 6
    assert page.evaluate(
        "!performance.getEntriesByType('resource').some((e) => /model/.test(e.name))"
    )


# A kernel


def test_python_and_the_page_change_the_same_state(kernel, gpt):
    page = kernel(AttentionExplorer(follow=False))
    ready(page)
    page.evaluate("() => { model.set('layer', 1); model.set('head', 3); model.set('query', 4); }")
    expect(page.locator(".llm-look-title")).to_contain_text("“·lived” looks at")
    assert chosen(page) == (1, 3)
    page.evaluate("() => model.set('off', [[3, 2], [40, 0]])")
    expect(page.locator(".llm-next-number").first).to_contain_text("→")
    assert page.locator(".llm-heads-cell[data-off]").count() == 1
    page.locator(".llm-heads-cell").first.click()
    page.locator(".llm-look-line").nth(2).click()
    state = page.evaluate("model.saves.at(-1)")
    assert (state["layer"], state["head"], state["query"]) == (0, 0, 2)
    page.evaluate("() => model.set('text', 'Near the pond lived a child')")
    expect(page.locator(".llm-look-line bdi").last).to_have_text("·child")
    page.evaluate("lifetime.abort()")
    left = page.evaluate("Object.keys(model.heard).filter((name) => model.heard[name].length)")
    assert left == []


# Every reader


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(mount, theme):
    page = ready(mount(AttentionExplorer(follow=False, off=[[3, 2]]), theme=theme))
    page.get_by_role("button", name="Show as table").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [320, 360, 600, 760])
def test_no_sideways_scroll(mount, width):
    page = ready(mount(AttentionExplorer(follow=False, off=[[3, 2]]), width=width))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inside = overhanging(page)
    assert inside == []
