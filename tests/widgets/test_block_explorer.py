"""The block explorer: its numbers are PyTorch's, and every part can be reached and left out."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
import traitlets
from axe_playwright_python.sync_playwright import Axe
from layout import overhanging
from playwright.sync_api import Page, expect

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.hooks import compose, record, silence_part
from llm_lib.layers import gelu_tanh
from llm_lib.widgets.block_explorer import BlockExplorer
from llm_lib.widgets.sentence import STORY_OPENING

START = 1023
NARROW = "\u202f"
PARTS = [f"blocks.{i}.{part}" for i in range(4) for part in ("attention", "feed_forward")]
STATIONS = ["embedding", *PARTS, "norm"]


def streams() -> list[str]:
    """The names of the stream as it leaves each station."""
    inside = [f"blocks.{i}.{name}" for i in range(4) for name in ("residual_mid", "residual_out")]
    return ["embedding", *inside, "norm"]


@pytest.fixture(scope="module")
def gpt(model_folder) -> GPT:
    return GPT.from_pretrained(model_folder).eval()


def leave_out(name: str):
    """The hook of PyTorch for a name of ``off``."""
    _, layer, piece = name.split(".")
    if not piece.startswith("norm"):
        return silence_part(int(layer), piece)
    source = f"blocks.{layer}.residual_{'in' if piece == 'norm1' else 'mid'}"
    given: dict[str, torch.Tensor] = {}

    def skip(called, tensor):
        if called == source:
            given["stream"] = tensor
        return given["stream"] if called == name else tensor

    return skip


@torch.no_grad()
def theirs(gpt: GPT, text: str, off: list[str], position: int = -1) -> dict[str, Any]:
    """The same with PyTorch: the vectors of one token, and what each stream would predict."""
    ids = torch.tensor([START, *book_tokenizer(1024).encode(text)])
    hook = compose(*map(leave_out, off)) if off else None
    found = record(gpt, ids, None, hook=hook)
    at = {name: tensor[..., position, :] for name, tensor in found.items()}
    said = [gpt.head(gpt.norm(at[name])).softmax(-1) for name in streams()[:-1]]
    return {**at, "said": [*said, at["logits"].softmax(-1)]}


def amount(number: float) -> str:
    """As ui/amounts.js prints one below 1000, without its sign."""
    return f"{abs(number):.{2 if abs(number) < 99.995 else 1}f}"


def percent(share: float) -> str:
    """As ui/amounts.js prints a share."""
    if share < 0.0005:
        return f"<{NARROW}0.1{NARROW}%"
    return f">{NARROW}99.9{NARROW}%" if share > 0.9995 else f"{100 * share:.1f}{NARROW}%"


def number(text: str) -> float:
    return float(re.search(r"\d[\d.]*", text.replace(NARROW, ""))[0])


def ready(page: Page) -> Page:
    page.wait_for_selector(".llm-block-rung")
    return page


def values(page: Page, bar: str) -> list[str]:
    return page.locator(f"[data-bar={bar}] .llm-block-value").all_inner_texts()


def switch(page: Page, part: str):
    return page.get_by_role("checkbox", name=f"{part} is on")


def next_bars(page: Page) -> list[str]:
    return page.locator(".llm-next-number").all_inner_texts()


def chosen(page: Page) -> str:
    return page.locator(".llm-block-rung[data-chosen] .llm-block-name").inner_text()


# Python


def test_what_cannot_be_left_out_is_refused():
    assert BlockExplorer(off=["blocks.0.norm2", "blocks.0.norm2"]).off == ["blocks.0.norm2"]
    for name in ("blocks.0.heads", "norm", "attention", "blocks.-1.attention"):
        with pytest.raises(ValueError, match="cannot be left out"):
            BlockExplorer(off=[name])
    with pytest.raises(traitlets.TraitError):
        BlockExplorer(reading="heads")


def test_the_still_form_says_what_there_would_be(mount):
    page = mount(BlockExplorer(), javascript=False)
    assert "residual stream" in page.locator("[data-llm-widget]").inner_text()


# The engine


NORM = """([numbers, eps]) => {
  const { histogram } = book("engine/spread.js");
  const reading = { vector: (name) => Float64Array.from(numbers[name]) };
  const station = { norm: "norm", enters: "stream" };
  const steps = book("engine/block_scene.js").normAt(station, reading, 0, eps);
  const bins = histogram(numbers.stream, -2, 2, 8);
  return { steps: steps.map((step) => ({ ...step, numbers: [...step.numbers] })), bins };
}"""


def test_a_norm_step_by_step_is_pytorchs(engine):
    page = engine("engine/block_scene.js", "engine/spread.js")
    torch.manual_seed(3)
    x = torch.randn(96, dtype=torch.float64)
    given = {"stream": x.tolist(), "norm": (2 * x).tolist()}
    found = page.evaluate(NORM, [given, 1e-5])
    before, scaled, after = found["steps"]
    wanted = torch.nn.functional.layer_norm(x, (96,), eps=1e-5)
    assert np.allclose(scaled["numbers"], wanted, atol=1e-9)
    assert before["mean"] == pytest.approx(x.mean().item())
    assert before["deviation"] == pytest.approx(x.std(unbiased=False).item())
    assert after["length"] == pytest.approx((2 * x).norm().item())
    assert found["bins"] == np.histogram(x.clamp(-2, 1.999), bins=8, range=(-2, 2))[0].tolist()


def test_the_drawn_curve_is_gelu(engine):
    page = engine("engine/gelu.js")
    z = torch.linspace(-6, 6, 41, dtype=torch.float64)
    found = page.evaluate("(z) => z.map(book('engine/gelu.js').gelu)", z.tolist())
    assert np.allclose(found, gelu_tanh(z), atol=1e-9)


OVERTAKEN = """async () => {
  const stopped = [];
  const readOnce = async (ids, change, signal) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (signal.aborted) stopped.push(ids);
    signal.throwIfAborted();
    return `${ids} ${change}`;
  };
  const reader = book("engine/compared_reading.js").createComparedReading(readOnce);
  const first = reader.read([1], "a");
  const second = reader.read([2], "b");
  return [await first, await second, await reader.read([2], null), stopped.length];
}"""


def test_a_newer_reading_stops_an_older_one(engine):
    page = engine("engine/compared_reading.js")
    first, second, plain, stopped = page.evaluate(OVERTAKEN)
    assert first is None
    assert second == {"before": "2 null", "after": "2 b"}
    assert plain == {"before": "2 null", "after": "2 null"}
    assert stopped == 1


# The page


@pytest.mark.parametrize(
    "off",
    [[], ["blocks.2.attention", "blocks.0.feed_forward"], ["blocks.1.norm1", "blocks.3.norm2"]],
)
def test_every_station_has_the_numbers_of_pytorch(mount, gpt, off):
    page = ready(mount(BlockExplorer(follow=False, off=off)))
    plain, now = theirs(gpt, STORY_OPENING, []), theirs(gpt, STORY_OPENING, off)
    lengths = [now[name].norm().item() for name in streams()]
    assert [number(text) for text in values(page, "stream")] == pytest.approx(lengths, abs=0.06)
    added = [now[name].norm().item() for name in PARTS]
    shown = [0.0 if text == "silent" else number(text) for text in values(page, "added")]
    assert shown == pytest.approx(added, abs=0.06)
    word = int(plain["said"][-1].argmax())
    for text, before, after in zip(values(page, "chance"), plain["said"], now["said"], strict=True):
        old, new = percent(before[word].item()), percent(after[word].item())
        assert text.endswith(new if old == new else f"{old} → {new}")
    tops = page.locator(".llm-block-top").all_inner_texts()
    best = [percent(said.max().item()) for said in now["said"]]
    assert all(share in text for share, text in zip(best, tops, strict=True))


def test_a_part_is_switched_off_and_on(mount, gpt):
    page = ready(mount(BlockExplorer(follow=False)))
    before = next_bars(page)
    switch(page, "block 3 attention").uncheck()
    expect(page.locator(".llm-next-number").first).to_contain_text("→")
    change = page.locator(".llm-block-change")
    expect(change).to_contain_text("Without block 3 attention")
    plain = theirs(gpt, STORY_OPENING, [])["said"][-1]
    left = theirs(gpt, STORY_OPENING, ["blocks.3.attention"])["said"][-1][plain.argmax()].item()
    assert percent(left) in change.inner_text()
    expect(page.locator(".llm-status")).to_have_text(change.inner_text())
    assert values(page, "added")[6] == "silent"
    page.get_by_role("button", name="Everything on").click()
    expect(page.locator(".llm-next-number").first).not_to_contain_text("→")
    assert next_bars(page) == before
    assert change.inner_text() == ""


def test_a_whole_block_can_be_silent(mount, gpt):
    page = ready(mount(BlockExplorer(follow=False, part="blocks.1.attention")))
    page.get_by_role("button", name="Silence block 1").click()
    expect(page.locator(".llm-block-rung[data-off]")).to_have_count(2)
    lengths = [number(text) for text in values(page, "stream")]
    assert lengths[2] == lengths[3] == lengths[4]
    page.get_by_role("button", name="Silence this part").click()
    expect(page.locator(".llm-block-rung[data-off]")).to_have_count(1)
    page.get_by_role("button", name="Silence block 1").click()
    expect(page.locator(".llm-block-rung[data-off]")).to_have_count(2)
    page.get_by_role("button", name="Silence block 1").click()
    expect(page.locator(".llm-block-rung[data-off]")).to_have_count(0)


def test_all_of_it_is_reached_by_keyboard(mount):
    page = ready(mount(BlockExplorer(follow=False, part="embedding")))
    page.get_by_role("radio", name="embedding").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert chosen(page).split() == ["block", "1", "attention"]
    expect(page.locator(".llm-status")).to_contain_text("After block 1 attention")
    page.keyboard.press("Tab")
    switch(page, "block 1 attention").focus()
    page.keyboard.press(" ")
    expect(page.locator(".llm-block-rung[data-off]")).to_have_count(1)
    page.locator(".llm-token[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".llm-block-start .llm-part").last).to_have_text("What comes after “Near”")
    expect(page.locator(".llm-next-name", has_text="(in your text)")).to_have_count(1)
    field = page.get_by_role("slider", name="Number of the vector")
    field.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-valuenow") == "64"
    assert page.locator(".llm-block-readout").inner_text().startswith("Number 64 of 128")


def test_the_sum_of_a_station_adds_up(mount, gpt):
    page = ready(mount(BlockExplorer(follow=False, part="blocks.2.feed_forward")))
    field = page.get_by_role("slider", name="Number of the vector")
    found = theirs(gpt, STORY_OPENING, [])
    names = [f"blocks.2.{name}" for name in ("residual_mid", "feed_forward", "residual_out")]
    assert int(field.get_attribute("aria-valuenow")) == int(found[names[1]].abs().argmax())
    field.focus()
    page.keyboard.press("End")
    readout = page.locator(".llm-block-readout").inner_text().replace("−", "-")
    shown = [float(text) for text in re.findall(r"-?\d+\.\d{3}", readout)]
    assert shown == pytest.approx([found[name][127].item() for name in names], abs=0.0011)
    page.locator(".llm-block-cells").first.hover(position={"x": 3, "y": 5})
    assert page.locator(".llm-block-readout").inner_text().startswith("Number 0 of")


def test_the_norm_reading_measures_and_skips(mount, gpt):
    page = ready(mount(BlockExplorer(follow=False, reading="norm", part="blocks.1.feed_forward")))
    found = theirs(gpt, STORY_OPENING, [])
    lines = page.locator(".llm-block-panel-numbers").all_inner_texts()
    for line, name in ((lines[0], "blocks.1.residual_mid"), (lines[2], "blocks.1.norm2")):
        vector = found[name]
        assert f"standard deviation {amount(vector.std(unbiased=False).item())}" in line
        assert f"length {amount(vector.norm().item())}" in line
    assert "standard deviation 1.00" in lines[1]
    page.get_by_role("button", name="Skip this norm").click()
    expect(page.locator(".llm-block-change")).to_contain_text("Without the norm before block 1")
    lines = page.locator(".llm-block-panel-numbers").all_inner_texts()
    assert lines[2] == lines[0]


def test_the_activation_reading_counts_neurons(mount, gpt):
    page = ready(
        mount(BlockExplorer(follow=False, reading="activation", part="blocks.2.attention"))
    )
    active = theirs(gpt, STORY_OPENING, [])["blocks.2.active"]
    quiet = int((active.abs() < 0.1).sum())
    assert page.locator(".llm-block-neurons p").last.inner_text().startswith(f"{quiet} of 512")
    assert page.locator(".llm-block-neuron").count() == 512
    first = page.locator(".llm-block-strongest li").first.inner_text()
    assert first.startswith(f"neuron {int(active.abs().argmax())}:")
    assert first.endswith(amount(active.abs().max().item()))


def test_each_part_is_silent_in_turn(mount, gpt):
    page = ready(mount(BlockExplorer(follow=False)))
    page.get_by_role("button", name="Silence each in turn").click()
    expect(page.locator(".llm-status")).to_contain_text("One part silent at a time", timeout=20000)
    word = int(theirs(gpt, STORY_OPENING, [])["said"][-1].argmax())
    kept = [text for text in page.locator(".llm-block-kept").all_inner_texts() if text]
    for text, part in zip(kept, PARTS, strict=True):
        left = theirs(gpt, STORY_OPENING, [part])["said"][-1][word].item()
        assert text.endswith(percent(left))
    page.locator(".llm-token").nth(3).click()
    expect(page.locator(".llm-block-kept").nth(1)).to_be_empty()


def test_table_and_picture_agree(mount):
    page = ready(mount(BlockExplorer(follow=False)))
    page.get_by_role("button", name="Show as table").click()
    rows = page.locator(".llm-twin tbody tr")
    cells = rows.evaluate_all("(rows) => rows.map((r) => [...r.cells].map((c) => c.textContent))")
    assert len(cells) == len(STATIONS)
    assert [row[2] for row in cells] == [amount(number(text)) for text in values(page, "stream")]
    assert [row[1] for row in cells[1:9]] == [
        amount(number(text)) for text in values(page, "added")
    ]
    shown = page.locator("[data-bar=chance] .llm-block-value").evaluate_all(
        "(all) => all.map((value) => value.lastChild.textContent)"
    )
    assert [row[3] for row in cells] == shown
    switch(page, "block 0 attention").uncheck()
    expect(rows.nth(1).locator("td").first).to_contain_text("→ 0.00")


def test_reset_and_link_bring_a_state_back(mount):
    page = ready(mount(BlockExplorer(follow=False)))
    first = (chosen(page), values(page, "stream"))
    page.evaluate("navigator.clipboard.writeText = (text) => { globalThis.copied = text; }")
    page.get_by_label("Your text").fill("Near the pond lived a child called Ada. She & = # did")
    expect(page.locator(".llm-token-text").last).to_have_text("·did")
    page.locator(".llm-token", has_text="·child").click()
    page.get_by_role("radio", name="block 0 feed-forward").check()
    page.locator(".llm-option", has_text="Norm").click()
    page.get_by_role("button", name="Skip this norm").click()
    expect(page.locator(".llm-block-change")).to_contain_text("Without the norm")
    page.get_by_role("button", name="Copy link").click()
    after = (chosen(page), values(page, "stream"), next_bars(page))
    link = page.evaluate("copied")
    again = ready(mount(BlockExplorer(follow=False), hash="#" + link.split("#")[1]))
    expect(again.locator(".llm-block-change")).to_contain_text("Without the norm")
    assert (chosen(again), values(again, "stream"), next_bars(again)) == after
    assert again.get_by_role("radio", name="Norm", exact=True).is_checked()
    again.get_by_role("button", name="Reset").click()
    expect(again.locator(".llm-token-text").last).to_have_text("·Now")
    expect(again.locator(".llm-block-change")).to_be_empty()
    assert (chosen(again), values(again, "stream")) == first


@pytest.mark.parametrize(
    "hash",
    [
        "#blocks&position=9999&part=blocks.99.attention&off=blocks.50.attention&reading=all",
        "#blocks&off=%3Cb%3E&part=norm&position=-1&text=",
    ],
)
def test_a_mangled_link_does_no_harm(mount, hash):
    page = ready(mount(BlockExplorer(follow=False), hash=hash))
    assert page.locator(".llm-block-rung").count() == len(STATIONS)
    assert page.locator(".llm-block-rung[data-off]").count() == 0
    assert page.witness.errors == []


@pytest.mark.parametrize(
    "text",
    ["</script><b>x", "<!-- <img src=x onerror=alert(1)>", "שלום 👩\u200d👧 e\u0301", "", " "],
)
def test_whatever_is_typed_is_only_read(mount, text):
    page = ready(mount(BlockExplorer(follow=False), width=320))
    page.get_by_label("Your text").fill(text)
    count = len(book_tokenizer(1024).encode(text)) + 1
    expect(page.locator(".llm-token")).to_have_count(count)
    assert page.locator(".llm-figure :is(b, img, script)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.witness.errors == []


def test_a_long_text_is_cut_and_says_so(mount):
    page = ready(mount(BlockExplorer(text="It was a day. " * 80_000, follow=False)))
    expect(page.locator(".llm-token")).to_have_count(240)
    assert "tokens are left out" in page.locator(".llm-block-start").inner_text()


def test_proof_compares_what_this_figure_shows(mount, model_folder):
    if not (model_folder / "proof.json").is_file():
        pytest.skip("the random model of this test run has no proof")
    page = ready(mount(BlockExplorer(follow=False)))
    page.get_by_role("button", name="Prove it").click()
    expect(page.locator(".llm-proof-verdict")).to_contain_text("Equal: computed", timeout=20000)
    labels = page.locator(".llm-proof tbody th").all_inner_texts()
    assert {"embedding", "norm1", "hidden", "active", "residual_out", "logits"} <= set(labels)
    assert "weights" not in labels


def test_a_model_that_does_not_come_is_explained_and_can_be_tried_again(
    mount, model_file, tmp_path
):
    missing = tmp_path / "later.js"
    page = mount(BlockExplorer(follow=False), model_file=missing)
    expect(page.locator(".llm-broken")).to_contain_text("The model is not here")
    missing.write_bytes(model_file.read_bytes())
    page.get_by_role("button", name="Try again").click()
    assert ready(page).locator(".llm-block-rung").count() == len(STATIONS)


# A kernel


def test_python_and_the_page_change_the_same_state(kernel):
    page = ready(kernel(BlockExplorer(follow=False)))
    page.evaluate("() => { model.set('part', 'norm'); model.set('position', 4); }")
    expect(page.locator(".llm-block-start .llm-part").last).to_contain_text("“·lived”")
    assert chosen(page) == "last norm"
    page.evaluate("() => model.set('off', ['blocks.3.attention', 'blocks.40.attention'])")
    expect(page.locator(".llm-block-rung[data-off]")).to_have_count(1)
    page.get_by_role("radio", name="block 0 attention").check()
    page.locator(".llm-option", has_text="Activation").click()
    page.locator(".llm-token").nth(2).click()
    switch(page, "block 0 attention").uncheck()
    state = page.evaluate("model.saves.at(-1)")
    assert (state["part"], state["reading"]) == ("blocks.0.attention", "activation")
    assert state["position"] == 2
    assert state["off"] == ["blocks.3.attention", "blocks.0.attention"]
    page.evaluate("() => model.set('text', 'Near the pond lived a child')")
    expect(page.locator(".llm-token-text").last).to_have_text("·child")
    page.evaluate("lifetime.abort()")
    left = page.evaluate("Object.keys(model.heard).filter((name) => model.heard[name].length)")
    assert left == []


# Every reader


@pytest.mark.parametrize(
    ("theme", "reading"),
    [("light", "stream"), ("dark", "stream"), ("light", "norm"), ("dark", "activation")],
)
def test_axe_finds_nothing(mount, theme, reading):
    off = ["blocks.3.attention"]
    page = ready(mount(BlockExplorer(follow=False, off=off, reading=reading), theme=theme))
    page.get_by_role("button", name="Show as table").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize("reading", ["stream", "activation"])
def test_no_sideways_scroll(mount, width, reading):
    off = ["blocks.3.attention"]
    page = ready(mount(BlockExplorer(follow=False, off=off, reading=reading), width=width))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inside = overhanging(page)
    assert inside == []
