"""The batch explorer: its arithmetic is the dataloader's, and every part of it works by hand."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from llm_lib.datasets import TokenDataset, create_dataloader
from llm_lib.widgets.batch_explorer import BatchExplorer

PLAN = """(settings) => settings.map((s) => {
  const { account, batchWindows, planBatches, windowStart } = book("engine/batches.js");
  const plan = planBatches(s);
  const sums = account(plan);
  const batches = Array.from({ length: plan.batchCount }, (_, b) =>
    batchWindows(plan, b).map((w) => windowStart(plan, w)));
  return { ...sums, inputsOfAll: [...sums.inputsOfAll], windowCount: plan.windowCount, batches };
})"""


def random_settings(count: int) -> list[dict]:
    draw = random.Random(3)
    settings = []
    while len(settings) < count:
        length, context = draw.randint(2, 80), draw.randint(1, 14)
        if context < length:
            settings.append(
                {
                    "length": length,
                    "contextSize": context,
                    "stride": draw.randint(1, 20),
                    "batchSize": draw.randint(1, 7),
                    "dropLast": draw.random() < 0.5,
                    "shuffle": draw.random() < 0.5,
                    "seed": draw.randint(0, 2**32 - 1),
                }
            )
    return settings


def loader_batches(s: dict) -> list[list[int]]:
    """Where the windows of each batch begin, as the real dataloader gives them."""
    try:
        loader = create_dataloader(
            torch.arange(s["length"]),
            s["contextSize"],
            s["stride"],
            s["batchSize"],
            shuffle=s["shuffle"],
            drop_last=s["dropLast"],
            seed=s["seed"],
        )
    except ValueError:
        return []  # drop_last leaves no batch
    return [inputs[:, 0].tolist() for inputs, _ in loader]


def test_the_batches_are_those_of_create_dataloader(engine):
    settings = random_settings(400)
    plans = engine("engine/batches.js").evaluate(PLAN, settings)
    assert len(plans) == 400
    for s, plan in zip(settings, plans, strict=True):
        assert plan["batches"] == loader_batches(s), s


def test_what_becomes_of_each_token_is_what_the_dataset_reads(engine):
    settings = random_settings(300)
    plans = engine("engine/batches.js").evaluate(PLAN, settings)
    for s, plan in zip(settings, plans, strict=True):
        dataset = TokenDataset(torch.arange(s["length"]), s["contextSize"], s["stride"])
        read = Counter(i for inputs, _ in dataset for i in inputs.tolist())
        said = Counter(i for _, targets in dataset for i in targets.tolist())
        kept = [
            start + p
            for batch in plan["batches"]
            for start in batch
            for p in range(s["contextSize"])
        ]
        seen = set(kept) | {i + 1 for i in kept}
        end = max(said)
        fates = [
            "used" if i in seen
            else "dropped" if read[i] or said[i]
            else "skipped" if i < end
            else "left over"
            for i in range(s["length"])
        ]  # fmt: skip
        assert plan["fates"] == fates, s
        assert plan["inputsOfAll"] == [read[i] for i in range(s["length"])], s
        assert plan["windowCount"] == len(dataset)
        assert plan["leftOver"] == dataset.left_over
        assert plan["readAgain"] == sum(n > 1 for n in read.values())
        assert plan["predictions"] == len(kept)
        assert plan["distinctTargets"] == len({i + 1 for i in kept})


def test_the_still_form_shows_the_windows_of_the_dataset():
    for s in random_settings(60):
        widget = BatchExplorer(
            [str(i) for i in range(s["length"])], context_size=s["contextSize"], stride=s["stride"]
        )
        dataset = TokenDataset(torch.arange(s["length"]), s["contextSize"], s["stride"])
        assert list(widget.starts()) == [int(inputs[0]) for inputs, _ in dataset]
        assert widget.left_over() == dataset.left_over
        inputs, targets = (" ".join(map(str, row.tolist())) for row in dataset[0])
        assert f"<td>{inputs}</td><td>{targets}</td>" in widget.still()


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"tokens": ["one"]}, "tokens holds 1 token; give at least 2"),
        ({"tokens": "a text"}, "tokens is one text; give a list"),
        (
            {"tokens": list("abc"), "context_size": 3},
            "context_size is 3; it must be between 1 and 2",
        ),
        ({"stride": 0}, "stride is 0; it must be at least 1"),
        ({"batch_size": -1}, "batch_size is -1; it must be at least 1"),
    ],
)
def test_impossible_settings_are_refused_with_the_rule(props, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        BatchExplorer(**props)


def cells(page, part: str) -> list[list[str]]:
    """The grid as text: rows of inputs or of targets."""
    return page.eval_on_selector_all(
        ".llm-batch-row",
        f"rows => rows.map(row => [...row.querySelectorAll('.llm-batch-{part}')]"
        ".map(cell => cell.textContent))",
    )


def lit(page, role: str) -> list[int]:
    return page.eval_on_selector_all(
        f".llm-strip [data-lit={role}]", "found => found.map((cell) => Number(cell.dataset.index))"
    )


def cell(page, row: int, position: int):
    return page.locator(f".llm-batch-cell[data-row='{row}'][data-position='{position}']")


def sums(page) -> dict[str, int]:
    return page.eval_on_selector_all(
        ".llm-batch-sums > div",
        "rows => Object.fromEntries(rows.map((row) => [row.querySelector('dt').textContent,"
        " Number(row.querySelector('.llm-number').textContent)]))",
    )


def test_the_first_state_already_shows_what_falls_off_the_end(mount):
    page = mount(BatchExplorer())
    assert sums(page) == {
        "Windows": 5, "Batches": 2, "Predictions": 16, "Dropped": 1,
        "Read again": 0, "Skipped": 0, "Left over": 3,
    }  # fmt: skip
    left = page.eval_on_selector_all(
        "[data-fate='left over']", "found => found.map((cell) => cell.dataset.index)"
    )
    assert left == ["21", "22", "23"]
    assert lit(page, "input") == [0, 1, 2]
    assert lit(page, "target") == [3]
    assert page.witness.errors == []


def test_targets_are_the_inputs_one_token_on(mount):
    tokens = list("abcdefghijkl")
    page = mount(BatchExplorer(tokens, context_size=3, stride=2, batch_size=4))
    loader = create_dataloader(torch.arange(12), 3, 2, 4, shuffle=False)
    inputs, targets = next(iter(loader))
    assert cells(page, "input") == [[tokens[i] for i in row] for row in inputs.tolist()]
    assert cells(page, "target") == [[tokens[i] for i in row] for row in targets.tolist()]


def test_pointing_at_a_cell_lights_its_prefix_its_target_and_the_strip(mount):
    page = mount(BatchExplorer())
    cell(page, 1, 1).hover()
    assert lit(page, "input") == [4, 5]
    assert lit(page, "target") == [6]
    assert page.locator("[data-reads]").count() == 2
    assert page.locator("[data-says] .llm-batch-target").all_text_contents() == ["and"]
    expect(page.locator(".llm-batch-reading")).to_have_text(
        "In window 1, position 1: read failed ,, say and"
    )
    page.mouse.move(2, 2)
    assert lit(page, "target") == [3]  # back to the cell that is chosen
    page.locator(".llm-strip-token[data-index='8']").hover()  # the last target of window 1
    assert lit(page, "input") == [4, 5, 6, 7]


def test_the_grid_works_by_keyboard_into_the_next_batch(mount):
    page = mount(BatchExplorer())
    cell(page, 0, 2).focus()
    page.keyboard.press("ArrowRight")
    assert lit(page, "target") == [4]
    page.keyboard.press("ArrowDown")
    assert lit(page, "target") == [8]
    page.keyboard.press("ArrowDown")
    expect(page.locator(".llm-batch-title")).to_have_text("Batch 1, of 2 in an epoch")
    assert lit(page, "target") == [12]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "position 3: read some weeks nobody at, say Crewe"
    )
    page.keyboard.press("ArrowUp")
    assert lit(page, "target") == [8]


def test_the_window_moves_by_keyboard_on_the_strip(mount):
    page = mount(BatchExplorer())
    strip = page.get_by_role("slider", name="Window")
    strip.focus()
    page.keyboard.press("End")
    expect(strip).to_have_attribute("aria-valuenow", "4")
    expect(page.locator(".llm-batch-title")).to_contain_text("Batch 2 is not full")
    page.keyboard.press("ArrowLeft")
    expect(strip).to_have_attribute("aria-valuetext", "window 3: read Crewe and Hollis could, say "
                                    "and Hollis could say")  # fmt: skip
    page.keyboard.press("PageUp")  # two windows on, but there is one
    expect(strip).to_have_attribute("aria-valuenow", "4")
    page.keyboard.press("Home")
    expect(strip).to_have_attribute("aria-valuenow", "0")
    assert strip.evaluate("(element) => element === document.activeElement")


def centre(page, token: int) -> tuple[float, float]:
    box = page.locator(f".llm-strip-token[data-index='{token}']").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_window_is_dragged_and_settles_on_the_stride(mount):
    page = mount(BatchExplorer(stride=3))
    strip = page.get_by_role("slider", name="Window")
    page.mouse.move(*centre(page, 2))
    page.mouse.down()
    page.mouse.move(*centre(page, 8), steps=4)
    expect(strip).to_have_attribute("aria-valuenow", "2")  # 6 tokens on: two strides
    page.mouse.up()
    page.mouse.move(*centre(page, 14))
    expect(strip).to_have_attribute("aria-valuenow", "2")
    page.mouse.down()  # a press elsewhere brings the window there
    page.mouse.up()
    expect(strip).to_have_attribute("aria-valuenow", "4")


def test_settings_change_the_picture_at_once(mount):
    page = mount(BatchExplorer())
    stride = page.get_by_role("slider", name="Stride")
    stride.focus()
    page.keyboard.press("Home")
    assert sums(page)["Read again"] == 21
    assert sums(page)["Windows"] == 20
    expect(page.locator(".llm-status")).to_have_text(
        "20 windows in 10 batches; 21 tokens read more than once."
    )
    stride.fill("7")
    assert sums(page)["Skipped"] == 4
    page.get_by_label("Context").fill("1")
    assert cells(page, "input") == [["Hubert"], ["for"]]
    page.get_by_label("Batch size").fill("6")
    assert sums(page)["Batches"] == 0
    expect(page.locator(".llm-batch-title")).to_contain_text("not full, so it is dropped")
    page.get_by_label("Drop a last batch").uncheck()
    assert sums(page)["Batches"] == 1
    page.get_by_role("button", name="Reset").click()
    assert sums(page)["Windows"] == 5
    assert sums(page)["Dropped"] == 1


def test_stepping_goes_through_the_batches_and_stops_at_both_ends(mount):
    page = mount(BatchExplorer(drop_last=False))
    loader = create_dataloader(torch.arange(24), 4, 4, 2, shuffle=False, drop_last=False)
    tokens = BatchExplorer().tokens
    step = page.get_by_role("button", name="Next")
    for inputs, _ in loader:
        assert cells(page, "input") == [[tokens[i] for i in row] for row in inputs.tolist()]
        step.click(force=True)  # at the end it is retired, not gone: the focus stays
    expect(step).to_be_focused()
    assert len(cells(page, "input")) == 1  # the last batch, not full, kept
    page.get_by_role("button", name="Previous").click()
    expect(page.locator(".llm-status")).to_have_text("Batch 1, of 3 in an epoch")


def test_shuffled_rows_are_those_of_the_dataloader(mount):
    page = mount(BatchExplorer(batch_size=3))
    page.get_by_label("Shuffle").check()
    page.get_by_role("button", name="Reshuffle (seed 0)").click()
    expect(page.get_by_role("button", name="Reshuffle (seed 1)")).to_be_focused()
    inputs, _ = next(iter(create_dataloader(torch.arange(24), 4, 4, 3, shuffle=True, seed=1)))
    tokens = BatchExplorer().tokens
    assert cells(page, "input") == [[tokens[i] for i in row] for row in inputs.tolist()]


def test_the_table_says_what_the_picture_shows(mount):
    page = mount(BatchExplorer(stride=2))
    page.get_by_role("button", name="Show as table").click()
    page.get_by_role("button", name="Next").click()
    rows = page.eval_on_selector_all(
        ".llm-twin tbody tr", "rows => rows.map(row => [...row.cells].map(c => c.textContent))"
    )
    shown = zip(cells(page, "input"), cells(page, "target"), strict=True)
    assert [row[2:] for row in rows] == [[" ".join(a), " ".join(b)] for a, b in shown]
    assert [row[:2] for row in rows] == [["2", "4"], ["3", "6"]]


def test_python_sees_changes_and_sets_them(kernel):
    page = kernel(BatchExplorer())
    page.get_by_label("Stride").fill("2")
    assert page.evaluate("model.saves.at(-1).stride") == 2
    page.get_by_role("button", name="Next").click()
    assert page.evaluate("model.saves.at(-1).batch") == 1
    page.evaluate("model.set('tokens', [...'abcdef']); model.set('context_size', 3)")
    assert cells(page, "input") == [["a", "b", "c"], ["c", "d", "e"]]
    page.evaluate("model.set('tokens', [])")
    expect(page.locator(".llm-batch-reading")).to_have_text(
        "No window fits: a window of 1 input needs 2, and here are 0 tokens."
    )
    page.evaluate("lifetime.abort()")
    assert page.evaluate("Object.values(model.heard).flat().length") == 0
    assert page.witness.errors == []


def test_a_link_reproduces_the_state_and_a_mangled_one_does_no_harm(mount):
    page = mount(BatchExplorer(), hash="#batches&stride=2&shuffle=1&seed=5&batch=1&drop_last=0")
    assert page.get_by_label("Stride").input_value() == "2"
    assert page.get_by_label("Shuffle").is_checked()
    assert not page.get_by_label("Drop a last batch").is_checked()
    expect(page.locator(".llm-batch-title")).to_contain_text("Batch 1,")
    broken = "#batches&stride=-3&context_size=1e9&batch=999999999&batch_size=%F0%28&seed="
    page = mount(BatchExplorer(), hash=broken)
    assert page.get_by_label("Stride").input_value() == "4"
    expect(page.locator(".llm-batch-title")).to_contain_text("Batch 2 is not full")
    assert page.witness.errors == []


NASTY = ["</script>", "<!--", "<img/src=x/onerror=alert(1)>", "'", "&amp;", "שלום", "👩‍👩‍👧", "",
         "\n", " the", "x" * 400]  # fmt: skip


def test_any_text_is_shown_as_text(mount):
    page = mount(BatchExplorer(NASTY, context_size=10, stride=1, batch_size=1), width=320)
    shown = page.locator(".llm-strip-text").all_text_contents()
    assert shown == [*NASTY[:7], "∅", "⏎", "·the", f"{'x' * 40}…"]
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.witness.errors == []


def test_a_long_text_is_drawn_in_part_and_says_so(mount):
    tokens = [f"t{i}" for i in range(20_000)]
    page = mount(BatchExplorer(tokens, context_size=64, stride=64, batch_size=100))
    assert page.locator(".llm-strip-token").count() == 240
    expect(page.get_by_text("Drawn: tokens 0 to 239 of 20\u202f000.")).to_be_visible()
    expect(
        page.get_by_text("the first 8 of 100 windows, the first 32 of 64 positions")
    ).to_be_visible()
    page.get_by_role("slider", name="Window").focus()
    page.keyboard.press("End")
    assert sums(page)["Windows"] == 312
    assert page.locator(".llm-strip-token[data-edge='last']").get_attribute("data-index") == "19968"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(mount, theme):
    page = mount(BatchExplorer(stride=6, shuffle=True), theme=theme)
    page.get_by_role("button", name="Show as table").click()
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


def test_a_phone_needs_no_sideways_scroll(mount):
    page = mount(BatchExplorer(context_size=12, stride=1, batch_size=6), width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    small = page.eval_on_selector_all(
        "button, label, .llm-batch-cell, input[type=range]",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)"
        ".filter(e => !e.htmlFor).map(e => e.outerHTML)",
    )
    assert small == []


def test_without_javascript_the_windows_can_be_read(mount):
    page = mount(BatchExplorer(), javascript=False)
    expect(page.get_by_role("table")).to_contain_text("3 tokens left over at the end")
    expect(page.get_by_role("row", name="some weeks nobody at")).to_contain_text(
        "weeks nobody at Crewe"
    )
