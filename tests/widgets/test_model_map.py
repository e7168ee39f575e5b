"""The model map: its numbers are those of llm_lib.accounting, its areas and lengths to scale."""

from __future__ import annotations

import random
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from llm_lib import accounting
from llm_lib.gpt_config import GPTConfig
from llm_lib.widgets.model_map import SIZES, ModelMap

ACCOUNT = """(settings) => settings.map(({ config, tokens, past, batch, dtype }) => {
  const engine = book("engine/accounting.js");
  return {
    parts: engine.parts(config),
    parameters: engine.countParameters(config),
    flops: engine.forwardFlops(config, tokens, past, batch),
    training: engine.trainingFlops(config, tokens, batch),
    memory: engine.memory(config, tokens, batch, dtype),
  };
})"""


def random_settings(count: int) -> list[dict]:
    draw = random.Random(8)
    settings = []
    for _ in range(count):
        heads, block = draw.randint(1, 25), draw.randint(2, 4096)
        tokens = draw.randint(1, block)
        config = {
            "vocab_size": draw.randint(1, 100_000),
            "block_size": block,
            "n_layer": draw.randint(1, 96),
            "n_head": heads,
            "n_embd": heads * draw.randint(1, 100),
            "bias": draw.random() < 0.5,
            "tie_weights": draw.random() < 0.5,
        }
        past = draw.randint(0, block - tokens)
        dtype = draw.choice(list(accounting.BYTES))
        batch = draw.randint(1, 64)
        rest = {"tokens": tokens, "past": past, "batch": batch, "dtype": dtype}
        settings.append({"config": config, **rest})
    return settings


def test_the_pages_numbers_are_those_of_python(engine):
    settings = random_settings(150)
    page = engine("engine/accounting.js")
    for given, found in zip(settings, page.evaluate(ACCOUNT, settings), strict=True):
        config = GPTConfig(**given["config"])
        tokens, batch = given["tokens"], given["batch"]
        parts = [
            {
                "name": part.name,
                "group": part.group,
                "shape": list(part.shape),
                "bias": part.bias,
                "copies": part.copies,
                "parameters": part.parameters,
            }
            for part in accounting.parts(config)
        ]
        assert found == {
            "parts": parts,
            "parameters": accounting.count_parameters(config),
            "flops": accounting.forward_flops(config, tokens, given["past"], batch),
            "training": accounting.training_flops(config, tokens, batch),
            "memory": accounting.memory(config, tokens, batch, given["dtype"]),
        }


def test_prove_it_finds_no_difference(mount):
    page = mount(ModelMap())
    page.get_by_role("button", name="Prove it").click()
    proof = page.locator(".llm-proof")
    expect(proof.get_by_role("status")).to_contain_text("The largest difference is 0;")
    rows = proof.locator("tbody tr").all_text_contents()
    assert len(rows) == 9
    assert any("gpt2-xl, untied: 1\u202f638\u202f022\u202f400" in row for row in rows)
    assert all(row.endswith("0") for row in rows)


# What a reader sees ------------------------------------------------------------------------------


THIN = 24  # px²: a browser lays out in steps of 1/64 px, which is much of a hair's breadth


def boxes(page: Page, piece: str) -> list[dict]:
    return page.eval_on_selector_all(
        f".llm-model-piece[data-piece='{piece}']",
        "all => all.map(e => { const b = e.getBoundingClientRect();"
        " return { x: b.x, area: b.width * b.height }; })",
    )


def headline(page: Page) -> str:
    return page.locator(".llm-model-headline").inner_text().replace("\u202f", "")


def about(page: Page) -> str:
    return page.locator(".llm-model-about").inner_text().replace("\u202f", "")


def field(page: Page, label: str):
    return page.get_by_role("spinbutton", name=label)


def choose(page: Page, label: str) -> None:
    page.get_by_role("radio", name=label, exact=True).check(force=True)


def test_areas_are_parameters(mount):
    page = mount(ModelMap("storyteller", tie_weights=False, n_layer=5))
    config = GPTConfig.from_name("storyteller", tie_weights=False, n_layer=5)
    scale = boxes(page, "embedding.token")[0]["area"] / (1024 * 128)
    for part in accounting.parts(config):
        drawn = boxes(page, part.name)
        assert len(drawn) == part.copies
        for box in drawn:
            assert box["area"] == pytest.approx(scale * part.parameters, rel=0.02, abs=THIN)
    picture = page.locator(".llm-model-picture").bounding_box()
    whole = picture["width"] * picture["height"]
    assert whole == pytest.approx(scale * accounting.count_parameters(config), rel=0.01)


@pytest.mark.parametrize("layers", [1, 7, 48, 97])
def test_no_block_covers_another_whatever_their_number(mount, layers):
    page = mount(ModelMap(n_layer=layers))
    found = page.eval_on_selector_all(
        ".llm-model-block",
        "all => all.map(e => { const b = e.getBoundingClientRect();"
        " return [b.left, b.top, b.right, b.bottom]; })",
    )
    assert len(found) == layers
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in found]
    assert max(areas) == pytest.approx(min(areas), rel=0.02)
    for i, (left, top, right, bottom) in enumerate(found):
        for other in found[i + 1 :]:
            apart = other[0] >= right - 0.5 or other[2] <= left + 0.5
            assert apart or other[1] >= bottom - 0.5 or other[3] <= top + 0.5


def test_untying_fills_the_free_place_and_moves_nothing(mount):
    page = mount(ModelMap(compare=None))
    head = page.locator(".llm-model-piece[data-piece='head']")
    expect(head).to_have_attribute("data-empty", "")
    before = boxes(page, "embedding.token") + boxes(page, "head")
    page.get_by_label("Tie the head").uncheck()
    expect(head).not_to_have_attribute("data-empty", "")
    assert headline(page) == "GPT-2, untied: 163037184 parameters."
    after = boxes(page, "embedding.token") + boxes(page, "head")
    for old, new in zip(before, after, strict=True):
        assert new == pytest.approx(old, rel=0.01)
    assert after[1]["area"] == pytest.approx(after[0]["area"], rel=0.01)


def test_the_outline_of_the_one_before_is_at_the_same_scale(mount):
    page = mount(ModelMap())
    expect(page.locator(".llm-model-ghost")).to_be_hidden()
    choose(page, "GPT-2 XL")
    ghost = page.locator(".llm-model-ghost")
    expect(ghost).to_have_text("GPT-2: 124M")
    box = ghost.bounding_box()
    scale = boxes(page, "embedding.token")[0]["area"] / (50257 * 1600)
    assert box["width"] * box["height"] == pytest.approx(scale * 124_439_808, rel=0.01)
    assert "That is 12.5 times GPT-2." in headline(page)
    # One slider moved twice is one change: the outline stays what was there before.
    page.get_by_role("slider", name="Layers").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(ghost).to_have_text("GPT-2 XL: 1.56B")
    page.get_by_role("slider", name="Width").press("ArrowLeft")
    expect(ghost).to_contain_text("24 layers of width 1")


def test_a_model_too_small_to_see_can_be_enlarged(mount):
    page = mount(ModelMap())
    choose(page, "Tiny")
    assert boxes(page, "embedding.token")[0]["area"] < 100
    assert headline(page) == "Tiny: 43904 parameters. GPT-2 is 2834 times as large."
    page.get_by_role("button", name="Enlarge it").click()
    expect(page.get_by_label("Outline of")).to_have_value("")
    expect(page.locator(".llm-model-piece[data-piece='embedding.token']")).to_be_focused()
    assert boxes(page, "embedding.token")[0]["area"] > 10_000
    page.get_by_label("Outline of").select_option("storyteller")
    expect(page.locator(".llm-model-ghost")).to_have_text("Storyteller: 957k")


def test_pointing_at_a_rectangle_shows_its_sum(mount):
    page = mount(ModelMap())
    assert "V · C = 50257 · 768 = 38597376" in about(page)
    page.get_by_role("option", name="Block 7: feed-forward, expand").hover()
    assert "Block 7: feed-forward, expand" in about(page)
    assert "C · 4C + 4C = 768 · 3072 + 3072 = 2362368" in about(page)
    assert "2 · C · 4C = 2 · 768 · 3072 = 4718592" in about(page)
    assert "2362368 · 4 bytes = 9.45MB in float32" in about(page)
    assert page.locator(".llm-model-piece[data-lit]").count() == 12
    assert page.locator(".llm-model-piece[data-here]").count() == 1
    page.mouse.move(2, 2)
    assert "Token table" in about(page)


def test_the_picture_and_the_list_work_by_keyboard(mount):
    page = mount(ModelMap())
    page.locator(".llm-model-piece[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    assert about(page).startswith("Position table")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert about(page).startswith("Block 0: queries, keys, values")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert about(page).startswith("Block 2: queries, keys, values")
    page.keyboard.press("ArrowUp")
    assert about(page).startswith("Block 1: queries, keys, values")
    page.keyboard.press("End")
    assert about(page).startswith("Output head")
    assert page.locator(".llm-model-picture [tabindex='0']").count() == 1
    page.locator(".llm-share[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert about(page).startswith("Position table")


def test_the_flops_of_attention_grow_with_the_context(mount):
    page = mount(ModelMap(quantity="flops", compare=None))
    config = GPTConfig.from_name("gpt2")
    for tokens in (1024, 1):
        field(page, "Tokens T").fill(str(tokens))
        flops = accounting.forward_flops(config, 1, tokens - 1)
        page.get_by_role("button", name=re.compile("table")).click()
        rows = page.locator(".llm-twin table tbody tr", has_text="q·k").all_inner_texts()
        assert f"{flops['attention.scores']}" in rows[0].replace("\u202f", "")
        page.get_by_role("button", name="Hide table").click()
        scale = boxes(page, "head")[0]["area"] / flops["head"]
        drawn = sum(box["area"] for box in boxes(page, "blocks.*.feed_forward.expand"))
        assert drawn == pytest.approx(scale * flops["feed_forward.expand"], rel=0.02)
        drawn = sum(box["area"] for box in boxes(page, "blocks.*.attention.scores"))
        assert drawn == pytest.approx(scale * flops["attention.scores"], rel=0.05, abs=12 * THIN)
    assert boxes(page, "embedding.token") == []  # looking up multiplies nothing


def test_memory_bars_are_to_scale_with_the_machines(mount):
    page = mount(ModelMap("gpt2-large", quantity="memory", dtype="bfloat16", batch_size=2))
    memory = accounting.memory(GPTConfig.from_name("gpt2-large"), None, 2, "bfloat16")
    widths = page.eval_on_selector_all(
        ".llm-memory-part", "all => all.map(e => e.getBoundingClientRect().width)"
    )
    held = [memory[name] for name in ("weights", "kv_cache")]
    held += [memory[name] for name in ("weights", "gradients", "optimizer", "activations")]
    scale = widths[0] / memory["weights"]
    assert widths == pytest.approx([scale * size for size in held], rel=0.01)
    mark = page.locator(".llm-memory-mark", has_text="a laptop, 16 GB").bounding_box()
    start = page.locator(".llm-memory-rows").bounding_box()["x"]
    assert mark["x"] - start == pytest.approx(scale * 16e9, abs=3)
    assert "one large GPU, 80 GB" in page.locator(".llm-memory-beyond").inner_text()
    page.locator(".llm-memory-part[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    numbers = f"2 · 36 · 1280 · 2 · 1024 · 2 = {memory['kv_cache']} bytes"
    assert numbers in about(page)
    page.keyboard.press("ArrowRight")
    assert page.locator(".llm-memory-part:focus").get_attribute("aria-label").startswith("Weights")
    assert page.locator(".llm-memory-part[tabindex='0']:focus").count() == 1


def test_the_table_says_what_the_picture_shows(mount):
    page = mount(ModelMap("gpt2-medium"))
    page.get_by_role("button", name="Show as table").click()
    rows = page.eval_on_selector_all(
        ".llm-twin tbody tr",
        "rows => rows.map(r => [...r.cells].map(c => c.textContent.replaceAll('\u202f', '')))",
    )
    counts = [int(row[3]) for row in rows]
    assert (
        sum(counts[:-1])
        == counts[-1]
        == accounting.count_parameters(GPTConfig.from_name("gpt2-medium"))
    )
    config = GPTConfig.from_name("gpt2-medium")
    assert int(rows[-1][5]) == sum(accounting.forward_flops(config, 1, 1023).values())
    choose(page, "Memory")
    cells = page.locator(".llm-twin tbody tr").first.inner_text().replace("\u202f", "")
    assert str(4 * counts[-1]) in cells


def test_heads_that_do_not_divide_the_width_are_explained(mount):
    page = mount(ModelMap())
    field(page, "Heads").fill("7")
    problem = page.locator(".llm-model-problem")
    expect(problem).to_contain_text("7 heads cannot share 768 columns, 768 / 7 = 109.71")
    expect(page.locator(".llm-status")).to_contain_text("7 heads cannot share 768 columns")
    assert len(boxes(page, "blocks.*.attention.qkv")) == 12
    page.get_by_role("button", name="Use 8 heads").click()
    expect(problem).to_be_hidden()
    expect(field(page, "Heads")).to_have_value("8")
    expect(page.get_by_role("slider", name="Heads")).to_be_focused()


@pytest.mark.parametrize("typed", ["0", "-3", "1.5", "129", "1e9"])
def test_what_is_no_size_is_refused_and_goes_back(mount, typed):
    page = mount(ModelMap())
    field(page, "Layers").fill(typed)
    expect(page.locator(".llm-model-problem")).to_have_text(
        "Layers L: give a whole number from 1 to 128."
    )
    assert headline(page) == "GPT-2: 124439808 parameters."
    field(page, "Layers").blur()
    expect(field(page, "Layers")).to_have_value("12")
    field(page, "Layers").fill("")
    field(page, "Layers").blur()
    expect(field(page, "Layers")).to_have_value("12")
    assert page.witness.errors == []


def test_a_shorter_context_takes_its_tokens_along(mount):
    page = mount(ModelMap(quantity="memory"))
    field(page, "Positions").fill("64")
    expect(field(page, "Tokens T")).to_have_value("64")
    field(page, "Tokens T").fill("65")
    expect(page.locator(".llm-model-problem")).to_contain_text("from 1 to 64")
    page.get_by_role("button", name="Reset").click()
    expect(field(page, "Positions")).to_have_value("1024")
    expect(field(page, "Tokens T")).to_have_value("1024")
    expect(page.locator(".llm-memory-ghost").first).to_be_hidden()


def test_a_change_is_said_once_in_words(mount):
    page = mount(ModelMap())
    choose(page, "GPT-2 medium")
    expect(page.locator(".llm-status")).to_have_text(
        "GPT-2 medium: 354\u202f823\u202f168 parameters. That is 2.85 times GPT-2."
    )


def test_the_far_end_of_every_slider_can_be_drawn(mount):
    page = mount(ModelMap("tiny", quantity="memory"))
    sliders = page.locator(".llm-size input[type=range]")
    for i in range(sliders.count()):
        sliders.nth(i).press("End")
    for quantity in ("Memory", "FLOPs per token", "Parameters"):
        choose(page, quantity)
        assert not re.search("NaN|undefined|Infinity", page.locator(".llm-model").inner_text())
    assert page.locator(".llm-model-block").count() == 96
    for i in range(5):
        sliders.nth(i).press("Home")
    assert headline(page).startswith("1 layer of width 8: ")
    assert page.witness.errors == []


# Python, links, people ---------------------------------------------------------------------------


def test_python_sees_changes_and_sets_them(kernel):
    page = kernel(ModelMap())
    field(page, "Layers").fill("24")
    assert page.evaluate("model.saves.at(-1).n_layer") == 24
    field(page, "Positions").fill("64")
    assert page.evaluate("model.saves.at(-1).n_tokens") == 64  # Python never sees more than fit
    field(page, "Positions").fill("1024")
    page.evaluate("model.set('n_embd', 1024); model.set('n_head', 16)")
    assert headline(page).startswith("GPT-2 medium: 354823168 parameters.")
    page.evaluate("model.set('n_head', 5); model.set('block_size', -7); model.set('dtype', 'int8')")
    expect(page.locator(".llm-model-problem")).to_contain_text("5 heads")
    page.evaluate("lifetime.abort()")
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    assert page.witness.errors == []


def test_the_published_numbers_follow_the_sizes():
    shown = ModelMap("tiny")
    heard = []
    shown.observe(lambda change: heard.append(change["new"]), "parameters")
    shown.n_layer = 3
    config = GPTConfig.from_name("tiny", n_layer=3)
    assert heard == [accounting.count_parameters(config)]
    assert shown.flops_per_token == sum(accounting.forward_flops(config, 1, 63).values())
    assert shown.memory == accounting.memory(config)
    shown.n_head = 5
    assert (shown.parameters, shown.memory) == (None, None)
    assert "n_head must divide n_embd" in shown.problem
    shown.n_head = 4
    assert (shown.parameters, shown.problem) == (accounting.count_parameters(config), "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "gpt3"}, "no size is named 'gpt3'"),
        ({"n_head": 7}, "n_head must divide n_embd"),
        ({"n_layer": 0}, "n_layer is 0; the figure takes whole numbers from 1 to 128"),
        ({"n_embd": 10**9}, "n_embd is 1000000000; the figure takes"),
        ({"n_tokens": 2000}, "2000 tokens after 0 do not fit"),
        ({"compare": "xl"}, "compare is 'xl'; it must be None, 'previous' or 'tiny'"),
    ],
)
def test_sizes_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ModelMap(**arguments)


def test_a_link_reproduces_the_state_and_a_mangled_one_does_no_harm(mount):
    link = "#model&n_layer=6&n_embd=384&n_head=6&quantity=2&compare=4&dtype=2&tie_weights=0"
    page = mount(ModelMap(), hash=link)
    expect(field(page, "Width")).to_have_value("384")
    expect(page.get_by_role("radio", name="bfloat16, 2 B")).to_be_checked()
    expect(page.get_by_label("Outline of")).to_have_value("gpt2")
    expect(page.get_by_label("Tie the head")).not_to_be_checked()
    mangled = "#model&n_layer=999999999&n_embd=0&quantity=9&compare=77&dtype=x&n_tokens=-1&%F0%28"
    page = mount(ModelMap(), hash=mangled)
    expect(field(page, "Layers")).to_have_value("128")
    expect(page.get_by_role("radio", name="Parameters")).to_be_checked()
    assert page.witness.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("quantity", ["parameters", "flops", "memory"])
def test_axe_finds_nothing(mount, theme, quantity):
    name = {"light": "gpt2", "dark": "tiny"}[theme]  # with an outline inside, and around
    page = mount(ModelMap(name, quantity=quantity, compare="storyteller"), theme=theme)
    page.get_by_role("button", name="Show as table").click()
    for heads in ("1", "5"):  # 5 do not divide the width: the picture is crossed out
        field(page, "Heads").fill(heads)
        report = Axe().run(page)
        assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize("quantity", ["parameters", "flops", "memory"])
def test_a_phone_needs_no_sideways_scroll(mount, quantity):
    page = mount(ModelMap("gpt2-xl", quantity=quantity, compare="gpt2-large"), width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    small = page.eval_on_selector_all(
        "button, .llm-size input, .llm-share, .llm-option, .llm-check, select",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)"
        ".map(e => e.outerHTML)",
    )
    assert small == []


def test_without_javascript_the_parts_can_be_read(mount):
    page = mount(ModelMap("gpt2-xl"), javascript=False)
    table = page.get_by_role("table")
    expect(table).to_contain_text("1\u202f557\u202f611\u202f200 parameters")
    expect(page.get_by_role("row", name="attention.qkv")).to_contain_text(
        "(1\u202f600, 4\u202f800)"
    )


def test_presets_are_the_sizes_of_the_library():
    presets = {preset["name"]: preset for preset in ModelMap().presets}
    assert tuple(presets) == GPTConfig.names()
    for name, preset in presets.items():
        config = GPTConfig.from_name(name)
        assert [preset[size] for size in SIZES] == [getattr(config, size) for size in SIZES]
