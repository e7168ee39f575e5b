"""The KV cache figure: its cells, sums and texts are Python's, and it times a real model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from traitlets import TraitError

from llm_lib.accounting import forward_flops, kv_cache_numbers
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.context_window import window_start
from llm_lib.generation import generate
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.widgets.kv_cache_figure import MOST, KVCacheFigure
from llm_lib.widgets.sentence import STORY_OPENING

pytestmark = pytest.mark.browser

END = 1023
CONFIG = GPTConfig.from_name("storyteller")
PROMPT = [END, *book_tokenizer(1024).encode(STORY_OPENING)]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
WITHOUT, WITH = "Without a cache", "With a cache"

NASTY = {
    "1 MB": "a" * 1_000_000,
    "RTL": "שלום עולם",
    "emoji": "👩\u200d👩\u200d👧\u200d👦👩🏽\u200d🚀",
    "script": "</script><img onerror=alert(1) src=x>",
    "comment": "<!-- <script",
    "nothing": "",
}

Open = Callable[..., Page]


@pytest.fixture
def figure(mount: Open) -> Open:
    """A page with the figure. Arguments that are not ``mount``'s are the widget's."""

    def figure(**given: Any) -> Page:
        known = ("width", "theme", "hash", "model_file")
        options = {name: given.pop(name) for name in known if name in given}
        page = mount(KVCacheFigure(**given), **options)
        expect(page.locator(".llm-kv-view")).to_be_visible()
        return page

    return figure


def costs(most: int) -> list[dict[str, Any]]:
    """What each token of a growing text takes, counted with Python's accounting."""
    found, total = [], [0, 0]
    for length in range(1, most + 1):
        start = window_start(length, CONFIG.block_size)
        held = length - start
        moved = start != window_start(length - 1, CONFIG.block_size)
        fresh = held if moved else 1
        flops = [
            sum(forward_flops(CONFIG, held).values()),
            sum(forward_flops(CONFIG, fresh, held - fresh).values()),
        ]
        total = [a + b for a, b in zip(total, flops, strict=True)]
        cells = [CONFIG.n_layer * held, CONFIG.n_layer * fresh]
        kept = 4 * kv_cache_numbers(CONFIG, held)
        found.append({"start": start, "row": [length, *cells, *flops, *total, kept]})
    return found


def table(page: Page) -> dict[int, list[int]]:
    page.get_by_role("button", name="Show as table").click()
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator(".llm-twin tr").all()]
    page.get_by_role("button", name="Hide table").click()
    numbers = [[int(re.sub(r"\D", "", cell)) for cell in row[:8]] for row in rows[1:]]
    return {row[0]: row for row in numbers}


def cells(page: Page, name: str) -> str:
    return page.get_by_role("img", name=name).get_attribute("aria-label")


def go_to(page: Page, step: int) -> None:
    page.get_by_role("slider", name="Tokens in the text").fill(str(step))


def runs(page: Page, at: int) -> dict[str, tuple[float, float]]:
    """Where the runs of a picture are drawn, in tokens: state → (from, to)."""
    plane = page.locator(".llm-kv-plane").nth(at)
    return plane.evaluate("""(plane) => {
      const box = plane.querySelector(".llm-kv-cells").getBoundingClientRect();
      const tokens = (x) => ((x - box.left) / box.width) * Number(plane.dataset.columns);
      const drawn = [...plane.querySelectorAll(".llm-kv-run")].filter((run) => !run.hidden);
      return Object.fromEntries(drawn.map((run) => {
        const { left, right } = run.getBoundingClientRect();
        return [run.dataset.state, [tokens(left), tokens(right)]];
      }));
    }""")


class TestTrueNumbers:
    def test_cells_flops_and_bytes_are_those_of_python_at_every_length(self, engine):
        page = engine("engine/cache_costs.js")
        names = ("vocab_size", "block_size", "n_layer", "n_head", "n_embd")
        config = {name: getattr(CONFIG, name) for name in names}
        found = page.evaluate(
            """([config, most]) => book("engine/cache_costs.js").costsOfGrowth(config, most)
              .map(({ length, start, fresh, flops, total, bytes }) => ({ start, row: [length,
                config.n_layer * fresh.without, config.n_layer * fresh.with, flops.without,
                flops.with, total.without, total.with, bytes] }))""",
            [config, 1000],
        )
        assert found == costs(1000)

    def test_the_table_holds_the_same_numbers_and_the_picture_shows_them(self, figure):
        page, expected = figure(step=40), costs(MOST)
        rows = table(page)
        assert {1, 40, 256, 257, 385} <= set(rows)
        assert all(row == expected[length - 1]["row"] for length, row in rows.items())
        assert cells(page, WITHOUT) == f"{WITHOUT}: 160 cells computed"
        assert cells(page, WITH) == f"{WITH}: 4 cells computed, 156 kept"
        assert runs(page, 0)["computed"] == pytest.approx((0, 40), abs=0.2)
        assert runs(page, 1)["kept"] == pytest.approx((0, 39), abs=0.2)
        expect(page.locator(".llm-kv-view")).to_contain_text("= 163\u202f840\u00a0bytes")

    def test_a_full_context_loses_the_whole_cache(self, figure):
        page = figure()
        page.get_by_role("button", name="Fill the context").click()
        expect(page.locator(".llm-kv-view")).to_contain_text("All 256 positions are taken")
        assert cells(page, WITH) == f"{WITH}: 4 cells computed, 1\u202f020 kept"
        page.get_by_role("button", name="Add a token").click()
        expect(page.locator(".llm-kv-view")).to_contain_text("the cache is made anew")
        assert cells(page, WITH) == f"{WITH}: 516 cells computed, 512 forgotten"
        assert runs(page, 1)["forgotten"] == pytest.approx((0, 128), abs=0.5)
        assert runs(page, 1)["computed"] == pytest.approx((128, 257), abs=0.5)

    def test_beyond_the_text_the_model_writes_what_python_writes(self, engine, model_folder):
        page = engine("ui/model.js", "engine/window_writing.js", "engine/slices.js")
        torch.set_num_threads(1)
        model = GPT.from_pretrained(model_folder).eval()
        most, prompt = 270, (PROMPT * 20)[:250]  # the window moves on the way
        expected = generate(model, prompt, most - len(prompt), temperature=0)
        found = page.evaluate(
            """async ([ids, most]) => {
              const { gpt } = await book("ui/model.js").loadModel({});
              const { drain, UNHURRIED } = book("engine/slices.js");
              return drain(book("engine/window_writing.js").writeOn(gpt, ids, most, UNHURRIED));
            }""",
            [prompt, most],
        )
        assert found == expected

    def test_the_proof_compares_with_pytorch_and_cached_with_whole(self, figure):
        page = figure(text="Near the mill lived a fox.")
        page.get_by_role("button", name="Prove it").click()
        verdict = page.locator(".llm-proof-verdict")
        expect(verdict).to_contain_text("largest difference", timeout=20_000)
        rows = page.locator(".llm-proof tbody th").all_inner_texts()
        assert rows[:3] == ["keys", "values", "logits"] and "one by one" in rows[3]
        assert verdict.inner_text().startswith("Equal: ")


class TestHands:
    def test_the_first_state_shows_all_of_the_text_and_the_last_token_as_new(self, figure):
        page = figure()
        assert page.get_by_role("slider").input_value() == str(len(PROMPT))
        assert page.locator(".llm-kv-names [data-newest]").inner_text() == "·Now"
        assert page.locator(".llm-kv-text [data-newest]").inner_text().strip() == "Now"

    def test_buttons_and_keys_step_and_the_result_is_said(self, figure):
        page = figure(step=3)
        page.get_by_role("button", name="Back").press("Enter")
        expect(page.locator(".llm-status")).to_contain_text("2 tokens: without a cache, 8")
        slider = page.get_by_role("slider", name="Tokens in the text")
        slider.press("ArrowRight")
        slider.press("ArrowRight")
        assert cells(page, WITH) == f"{WITH}: 4 cells computed, 12 kept"
        slider.press("Home")
        assert cells(page, WITH) == f"{WITH}: 4 cells computed"
        assert page.get_by_role("button", name="Back").get_attribute("aria-disabled") == "true"
        slider.press("End")
        assert slider.input_value() == str(MOST)

    def test_playing_goes_on_and_stops_at_the_move_of_the_window(self, figure):
        page = figure(step=250)
        play = page.get_by_role("button", name="Play")
        play.click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.locator(".llm-kv-view")).to_contain_text("made anew", timeout=5000)
        page.get_by_role("button", name="Pause").click()
        assert int(page.get_by_role("slider").input_value()) >= 257

    def test_one_picture_alone(self, figure):
        page = figure(cached=True)
        assert page.get_by_role("img").count() == 1
        page.get_by_role("radio", name=WITHOUT).check()
        assert cells(page, WITHOUT).startswith(WITHOUT)
        assert page.get_by_role("img").count() == 1

    def test_typing_makes_the_text_grow(self, figure):
        page = figure(step=100)
        page.get_by_label("Your text").fill("Near the mill")
        expect(page.get_by_role("slider")).to_have_value("4")

    def test_reset_and_the_link_give_a_state_back(self, figure):
        page = figure(step=30, cached=False, follow=False)
        page.evaluate("globalThis.copied = null")
        page.evaluate("navigator.clipboard.writeText = async (text) => void (copied = text)")
        go_to(page, 90)
        page.get_by_role("button", name="Copy link").click()
        page.wait_for_function("copied")
        link = page.evaluate("copied").split("#")[1]
        page.get_by_role("button", name="Reset").click()
        expect(page.get_by_role("slider")).to_have_value("30")
        again = figure(hash=f"#{link}")
        assert again.get_by_role("slider").input_value() == "90"
        assert again.get_by_role("img").count() == 1

    def test_python_hears_and_is_heard(self, kernel):
        page = kernel(KVCacheFigure())
        page.get_by_role("button", name="Fill the context").click()
        assert page.evaluate("model.saves.at(-1).step") == 256
        page.evaluate("model.set('step', 7); model.set('cached', true)")
        expect(page.get_by_role("img")).to_have_attribute(
            "aria-label", f"{WITH}: 4 cells computed, 24 kept"
        )
        page.evaluate("model.set('text', 'Near the mill'); model.set('step', null)")
        expect(page.get_by_label("Your text")).to_have_value("Near the mill")
        page.evaluate("lifetime.abort()")
        assert page.evaluate("Object.values(model.heard).flat().length") == 0


class TestMeasuring:
    def test_it_times_both_ways_here_and_publishes_the_times(self, kernel):
        page = kernel(KVCacheFigure())
        page.get_by_role("button", name="Measure here").click()
        page.wait_for_function("model.get('measured').length === 21", timeout=60_000)
        points = page.evaluate("model.get('measured')")
        assert [point["tokens"] for point in points] == [1, *range(10, 201, 10)]
        assert all(0 < point[way] < 1e9 for point in points for way in ("without", "with"))
        assert points[-1]["without"] > points[-1]["with"]  # 200 columns take longer than one
        words = page.locator(".llm-kv-measured")
        expect(words).to_contain_text("Here, on your machine: with 200 tokens")
        assert page.locator(".llm-kv-measure polyline").count() == 2
        page.get_by_role("button", name="Show as table").click()
        assert page.locator(".llm-twin thead th").all_inner_texts()[-1] == "ms here with"
        page.get_by_role("button", name="Reset").click()
        expect(words).to_contain_text("how long does it take here?")
        assert page.evaluate("model.get('measured')") == []

    def test_it_can_be_stopped(self, kernel):
        page = kernel(KVCacheFigure())
        expect(page.get_by_role("button", name="Measure here")).to_be_visible()
        page.evaluate("""() => {
          const press = document.querySelector(".llm-kv-measure button");
          press.click();
          globalThis.label = press.textContent;
          press.click();
        }""")
        assert page.evaluate("label") == "Stop"
        page.wait_for_timeout(300)
        expect(page.get_by_role("button", name="Measure here")).to_be_visible()
        assert page.evaluate("model.get('measured')") == []
        assert page.locator(".llm-kv-measure .llm-kv-curves").is_hidden()
        expect(page.locator(".llm-kv-measured")).to_contain_text("how long does it take here?")

    def test_times_are_never_saved_with_a_notebook(self):
        widget = KVCacheFigure()
        widget.measured = [{"tokens": 1, "without": 1.0, "with": 1.0}]
        assert widget.props()["measured"] == []


class TestForEverybody:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_axe_finds_nothing(self, figure, theme):
        page = figure(theme=theme, step=257)
        expect(page.get_by_role("button", name="Measure here")).to_be_visible()
        page.get_by_role("button", name="Show as table").click()
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()

    @pytest.mark.parametrize("step", [12, 30, 257])
    def test_a_phone_scrolls_down_only(self, figure, step):
        page = figure(width=320, step=step)
        expect(page.get_by_role("button", name="Measure here")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        small = page.evaluate("""() => {
          const hasWords = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
          const isSmall = (e) => parseFloat(getComputedStyle(e).fontSize) < 14;
          return [...document.querySelectorAll(".llm-kv-view *")]
            .filter((e) => e.checkVisibility() && hasWords(e) && isSmall(e))
            .map((e) => e.outerHTML);
        }""")
        assert small == []

    @pytest.mark.parametrize("name", NASTY)
    def test_any_text_is_only_text(self, figure, name):
        page, text = figure(follow=False), NASTY[name]
        page.get_by_label("Your text").press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.insert_text(text)
        tokens = min(240, 1 + len(book_tokenizer(1024).encode(text[:1000])))
        expect(page.get_by_role("slider")).to_have_value(str(tokens))
        page.get_by_role("button", name="Fill the context").click()
        expect(page.locator(".llm-kv-view")).to_contain_text("All 256 positions are taken")
        assert page.locator(".llm-kv img, .llm-kv script").count() == 0
        assert page.witness.errors == []

    def test_without_the_model_there_are_a_picture_and_words(self, figure, tmp_path):
        page = figure(model_file=tmp_path / "none.js", step=20)
        expect(page.locator(".llm-broken")).to_contain_text("The model is not here")
        assert cells(page, WITH) == f"{WITH}: 4 cells computed, 76 kept"

    def test_the_still_form_counts_with_python(self, mount):
        page = mount(KVCacheFigure(), javascript=False)
        rows = [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()]
        expected = costs(256)
        for row in rows:
            length, *numbers = (int(re.sub(r"\D", "", cell)) for cell in row)
            whole = expected[length - 1]["row"]
            assert numbers == [*whole[1:3], *whole[5:]]
        assert [row[0] for row in rows] == ["1", "16", "64", "128", "256"]
        assert "GPT-2 37.7 MB" in page.locator("caption").inner_text()

    @pytest.mark.parametrize("step", [0, 401])
    def test_a_step_outside_the_figure_is_refused(self, step):
        with pytest.raises(TraitError, match="step"):
            KVCacheFigure(step=step)
