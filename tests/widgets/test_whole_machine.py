"""The whole machine: a text goes through a real model, in a real browser, to its next word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from traitlets import TraitError

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.checkpoints import from_pretrained
from llm_lib.generation import generate
from llm_lib.gpt import GPT
from llm_lib.sampling import SamplingOptions, next_token_probabilities
from llm_lib.widgets.sentence import STORY_OPENING
from llm_lib.widgets.whole_machine import CHAPTERS, WholeMachine

pytestmark = pytest.mark.browser

START = 1023
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
TEXT = "Near the mill lived a fox. Now the"
LIVE = ".llm-machine[data-state=live]"

Mount = Callable[..., Page]


@pytest.fixture(scope="module")
def tokenizer():
    return book_tokenizer(1024)


@pytest.fixture
def gpt(model_folder: Path) -> GPT:
    torch.set_num_threads(1)
    return from_pretrained(model_folder).eval()


@pytest.fixture
def machine(mount: Mount) -> Mount:
    """``machine(text=…, width=…)`` opens the figure and waits until the model has read."""

    def machine(text: str = TEXT, hash: str = "", **options: object) -> Page:
        names = {"follow", "temperature", "seed"} & set(options)
        page = mount(
            WholeMachine(text=text, **{name: options.pop(name) for name in names}),
            hash=hash,
            **options,
        )
        page.wait_for_selector(LIVE)
        return page

    return machine


def ids_of(tokenizer, text: str) -> list[int]:
    return [START, *tokenizer.encode(text)]


def trace(gpt: GPT, ids: list[int]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}

    def hook(name: str, tensor: torch.Tensor) -> torch.Tensor:
        found[name] = tensor.detach().numpy()
        return tensor

    with torch.no_grad():
        gpt(torch.tensor(ids), hook=hook)
    return found


def bars(page: Page) -> list[tuple[str, str]]:
    """Name and percentage of each bar."""
    rows = page.locator(".llm-machine-row").all()
    parts = [(row.locator("bdi"), row.locator(".llm-machine-number")) for row in rows]
    return [(name.inner_text(), number.inner_text()) for name, number in parts]


def table(page: Page) -> list[list[str]]:
    page.get_by_role("button", name="Show as table").click()
    rows = page.locator(".llm-twin:not(.llm-proof) tbody tr").all()
    found = [row.locator("th, td").all_inner_texts() for row in rows]
    page.get_by_role("button", name="Hide table").click()
    return found


def percent(share: float) -> str:
    if share < 0.0005:
        return "<\u202f0.1\u202f%"
    return ">\u202f99.9\u202f%" if share > 0.9995 else f"{100 * share:.1f}\u202f%"


def whole(page: Page) -> str:
    return page.get_by_label("Your text").input_value()


def is_close(shown: str, share: float) -> bool:
    """Whether a percentage is the right one, give or take its last digit."""
    return shown in {percent(share + change) for change in (-1e-4, 0, 1e-4)}


class TestTrueNumbers:
    def test_the_next_words_are_those_of_pytorch(self, machine, gpt, tokenizer):
        page = machine()
        with torch.no_grad():
            logits = gpt(torch.tensor(ids_of(tokenizer, TEXT)))[0][-1]
        expected = next_token_probabilities(logits, SamplingOptions(temperature=0.8))
        order = expected.argsort(descending=True, stable=True)
        shown = bars(page)
        assert len(shown) == 5
        assert is_close(shown[0][1], float(expected[order[0]]))
        for name, share in shown:
            ids = tokenizer.encode(name.replace("·", " "))
            assert len(ids) == 1
            assert is_close(share, float(expected[ids[0]]))

    def test_each_stage_shows_the_models_own_tensors(self, machine, gpt, tokenizer):
        page = machine()
        found = trace(gpt, ids_of(tokenizer, TEXT))
        numbers = {(stage, what): number for stage, what, number in table(page)}
        for what, name in {"token": "embedding.token", "position": "embedding.position"}.items():
            first = [f"{value:.2f}".replace("-", "−") for value in found[name][-1][:3]]
            shown = numbers["Vectors", f"{what}, first three"]
            assert shown.replace("−0.00", "0.00") == ", ".join(first).replace("−0.00", "0.00")
        for layer in range(4):
            for part, name in {"attention": "attention", "feed-forward": "feed_forward"}.items():
                size = float(np.linalg.norm(found[f"blocks.{layer}.{name}"][-1]))
                shown = float(numbers["Layers", f"Layer {layer}: {part} adds"])
                assert shown == pytest.approx(size, rel=1e-3, abs=0.011)
        best = int(found["logits"][-1].argmax())
        name = next(what for stage, what in numbers if stage == "Scores").removeprefix("highest: ")
        assert tokenizer.decode([best]) == name.replace("·", " ")

    def test_the_head_shown_is_the_strongest_of_its_layer(self, machine, gpt, tokenizer):
        page = machine()
        found = trace(gpt, ids_of(tokenizer, TEXT))
        words = page.locator("[data-stage=attention] .llm-machine-words")
        for layer in range(4):
            page.get_by_role("radio", name=str(layer), exact=True).check(force=True)
            weights = found[f"blocks.{layer}.weights"][:, -1]  # (h, S)
            looks = weights[:, 1:-2]  # neither the first, nor the one before, nor itself
            head = int(looks.max(axis=1).argmax())
            expect(words).to_contain_text(f"In layer {layer}, head {head}, ")
            assert percent(float(weights[head].max())) in words.inner_text().replace("\xa0", " ")

    def test_what_a_layer_would_say_is_the_norm_and_the_head_on_its_stream(
        self, machine, gpt, tokenizer
    ):
        page = machine()
        found = trace(gpt, ids_of(tokenizer, TEXT))
        rows = page.locator(".llm-machine-layers li")
        assert rows.count() == 5
        streams = [found["embedding"], *(found[f"blocks.{i}.residual_out"] for i in range(4))]
        for i, stream in enumerate(streams):
            with torch.no_grad():
                logits = gpt.head(gpt.norm(torch.tensor(stream[-1])))
            best = int(logits.argmax())
            share = float(logits.softmax(-1)[best])
            says = rows.nth(i).locator(".llm-machine-says")
            assert is_close(says.locator(".llm-machine-number").inner_text(), share)

    def test_a_changed_text_is_read_like_a_new_one(self, machine, gpt, tokenizer):
        page = machine()
        text = "Near the forest lived a child called Ada. Now"
        page.get_by_label("Your text").fill(text)
        expect(page.locator(".llm-status")).to_contain_text("Next word")
        with torch.no_grad():
            logits = gpt(torch.tensor(ids_of(tokenizer, text)))[0][-1]
        highest = next(number for stage, _, number in table(page) if stage == "Scores")
        assert float(highest) == pytest.approx(float(logits.max()), rel=1e-3, abs=0.011)

    def test_prove_it(self, machine, model_folder):
        if not (model_folder / "proof.json").is_file():
            pytest.skip("this model was made without numbers of PyTorch's")
        page = machine()
        page.get_by_role("button", name="Prove it").click()
        expect(page.locator(".llm-proof-verdict")).to_contain_text("Equal: computed in this page")


class TestWriting:
    def test_the_tale_is_the_one_that_python_writes(self, machine, gpt, tokenizer):
        """Up to rounding: the two may part where a number falls on the edge of two tokens."""
        page = machine(temperature=0.8, seed=5)
        ids = ids_of(tokenizer, TEXT)
        expected = generate(gpt, ids, 6, temperature=0.8, seed=5)[len(ids) :]
        for _ in expected:
            page.get_by_role("button", name="Write the next word").click()
            page.wait_for_timeout(50)
        assert whole(page) == TEXT + tokenizer.decode(expected)

    def test_the_likeliest_token_is_taken_at_temperature_0(self, machine, gpt, tokenizer):
        page = machine()
        page.get_by_role("radio", name="likeliest").check(force=True)
        ids = ids_of(tokenizer, TEXT)
        expected = generate(gpt, ids, 3, temperature=0)[len(ids) :]
        for _ in expected:
            assert page.locator(".llm-machine-row").first.get_attribute("data-kind") == "marked"
            page.get_by_role("button", name="Write the next word").click()
            page.wait_for_timeout(50)
        assert whole(page) == TEXT + tokenizer.decode(expected)

    def test_a_bar_is_a_button_that_writes_its_token(self, machine):
        page = machine()
        name = bars(page)[2][0]
        row = page.locator(".llm-machine-row").nth(2)
        assert row.get_attribute("aria-label").startswith(f"Write “{name}”")
        row.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Your text")).to_have_value(TEXT + name.replace("·", " "))
        written = page.locator(".llm-token[data-kind=written]")
        expect(written).to_have_count(1)
        assert written.get_attribute("aria-label").startswith(f"{name}, id ")
        expect(page.locator("[data-stage=tokens]")).to_contain_text(
            "Written by the model, underlined twice: 1 token."
        )

    def test_keep_writing_goes_on_until_the_end_and_can_be_taken_back(self, machine):
        page = machine(seed=3)
        page.get_by_role("button", name="Keep writing").click()
        more = page.get_by_role("button", name="Keep writing")
        expect(more).to_have_attribute("aria-disabled", "true", timeout=20_000)
        first = whole(page)
        assert first.startswith(TEXT) and len(first) > len(TEXT)
        said = page.locator(".llm-status")
        expect(said).to_contain_text(re.compile("ends here|no more tokens"))
        assert "<|endoftext|>" not in first
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_label("Your text")).to_have_value(TEXT)
        expect(page.locator(".llm-token[data-kind=written]")).to_have_count(0)
        expect(more).to_have_attribute("aria-disabled", "false")

    def test_a_stream_can_be_stopped(self, machine):
        page = machine()
        page.emulate_media(reduced_motion="no-preference")
        page.get_by_role("button", name="Keep writing").click()
        page.wait_for_selector(".llm-token[data-kind=written]")
        page.get_by_role("button", name="Stop").click()
        page.wait_for_timeout(200)
        stopped = whole(page)
        page.wait_for_timeout(300)
        assert whole(page) == stopped != TEXT
        page.get_by_role("button", name="Write the next word").click()
        page.wait_for_function("(t) => document.querySelector('textarea').value !== t", arg=stopped)

    def test_typing_stops_the_stream_and_is_not_written_over(self, machine, tokenizer):
        page = machine()
        page.emulate_media(reduced_motion="no-preference")
        page.get_by_role("button", name="Keep writing").click()
        page.wait_for_selector(".llm-token[data-kind=written]")
        page.get_by_label("Your text").fill("The fox was")
        expect(page.locator(".llm-token")).to_have_count(len(ids_of(tokenizer, "The fox was")))
        page.wait_for_timeout(300)
        assert whole(page) == "The fox was"
        expect(page.locator(".llm-token[data-kind=written]")).to_have_count(0)

    def test_nothing_is_written_over_what_is_being_typed(self, machine):
        page = machine()
        page.evaluate(
            """() => {
              const field = document.querySelector("textarea");
              field.value = "The fox";
              field.dispatchEvent(new Event("input"));
              document.querySelector(".llm-machine-buttons button").click();
            }"""
        )
        expect(page.locator(".llm-status")).to_contain_text("Next word")
        assert whole(page) == "The fox"


class TestLooking:
    def test_a_token_is_lit_through_all_stages(self, machine, tokenizer):
        page = machine()
        tokens = page.locator(".llm-token")
        assert tokens.count() == len(ids_of(tokenizer, TEXT))
        before = bars(page)
        tokens.nth(5).hover()
        expect(page.locator("[data-stage=next] .llm-machine-words")).to_contain_text(
            "the text goes on with"
        )
        assert bars(page) != before
        kept = page.locator(".llm-machine-row[data-kind=marked]")
        assert kept.inner_text().startswith(tokens.nth(6).locator("bdi").inner_text())
        assert kept.get_attribute("aria-disabled") == "true"
        page.mouse.move(5, 5)
        expect(page.locator(".llm-machine-row").first).to_have_attribute("aria-disabled", "false")
        assert bars(page) == before

    def test_arrow_keys_walk_along_the_tokens(self, machine):
        page = machine()
        tokens = page.locator(".llm-token")
        tokens.last.focus()
        page.keyboard.press("ArrowLeft")
        expect(tokens.nth(tokens.count() - 2)).to_be_focused()
        caption = next(row for row in table(page) if row[0] == "Tokens")
        assert caption[1] == tokens.nth(tokens.count() - 2).locator("bdi").inner_text()
        tokens.nth(tokens.count() - 2).focus()
        page.keyboard.press("Home")
        expect(page.locator("[data-stage=attention]")).to_contain_text("nobody to look back at")
        page.keyboard.press("Escape")
        expect(page.get_by_label("Your text")).to_be_focused()
        expect(tokens.last).to_have_attribute("aria-selected", "true")

    def test_the_table_says_what_the_picture_shows(self, machine):
        page = machine()
        rows = table(page)
        shown = [(what, number) for stage, what, number in rows if stage == "The next word"]
        assert shown[:5] == bars(page)
        said = page.locator(".llm-machine-layers .llm-machine-number").all_inner_texts()
        assert [n for s, w, n in rows if s == "Layers" and "adds" not in w] == said

    def test_numbers_under_the_pointer_are_read_out(self, machine, gpt, tokenizer):
        page = machine()
        found = trace(gpt, ids_of(tokenizer, TEXT))
        page.locator(".llm-machine-strip").first.hover(position={"x": 1, "y": 10})
        value = f"{float(found['embedding.token'][-1][0]):.3f}".replace("-", "−")
        expect(page.locator("[data-stage=vectors]")).to_contain_text(
            f"Number 0 of 128, token: {value}"
        )
        page.locator(".llm-machine-scores").hover(position={"x": 1, "y": 40})
        expect(page.locator("[data-stage=scores]")).to_contain_text(re.compile(r"Token \d+, “"))

    def test_typing_is_answered_and_said(self, machine, tokenizer):
        page = machine()
        page.get_by_label("Your text").fill("The fox met a")
        expect(page.locator(".llm-token")).to_have_count(len(ids_of(tokenizer, "The fox met a")))
        expect(page.locator(".llm-status")).to_contain_text(re.compile("^Next word: “.+”, "))

    def test_reset_and_link(self, machine):
        page = machine(hash="#say=The%20fox%20met%20a")
        assert whole(page) == "The fox met a"
        page.get_by_role("radio", name="likeliest").check(force=True)
        page.get_by_role("button", name="Reset").click()
        expect(page.get_by_label("Your text")).to_have_value(TEXT)
        expect(page.get_by_role("radio", name="drawn")).to_be_checked()


HOSTILE = {
    "empty": "",
    "markup": "</script><!--<b onclick='x'>&amp; {{x}}",
    "emoji": "👩‍👩‍👧 and 🇫🇷 met a fox",
    "right to left": "שלום fox مرحبا",
    "half a pair": "\ud83d fox",
}


class TestBadInput:
    @pytest.mark.parametrize("kind", HOSTILE)
    def test_any_text_is_data(self, machine, kind):
        page = machine()
        text = HOSTILE[kind]
        page.evaluate(
            """(text) => {
              const field = document.querySelector("textarea");
              field.value = text;
              field.dispatchEvent(new Event("input"));
            }""",
            text,
        )
        expect(page.locator(".llm-status")).to_contain_text("Next word")
        assert page.locator(".llm-machine b").count() == 0
        page.get_by_role("button", name="Write the next word").click()
        expect(page.locator(".llm-token[data-kind=written]")).to_have_count(1)
        assert page.witness.errors == []

    def test_a_huge_paste_is_cut_and_said_so(self, machine):
        page = machine()
        page.evaluate(
            """() => {
              const box = document.querySelector("textarea");
              box.select();
              document.execCommand("insertText", false, "ox!\\n".repeat(250000));
            }"""
        )
        expect(page.locator("[data-stage=tokens]")).to_contain_text("Only the last 239 tokens")
        expect(page.locator(".llm-token")).to_have_count(240)
        page.get_by_role("button", name="Keep writing").click()
        more = page.get_by_role("button", name="Keep writing")
        expect(more).to_have_attribute("aria-disabled", "true", timeout=20_000)
        assert page.locator(".llm-token").count() <= 256

    def test_a_model_that_is_missing_is_said_and_can_be_tried_again(
        self, mount, model_file, tmp_path
    ):
        gone = tmp_path / "model.js"
        page = mount(WholeMachine(text=TEXT), model_file=gone)
        expect(page.get_by_text("The model is not here")).to_be_visible()
        assert page.locator(".llm-token").count() > 5
        gone.write_text(model_file.read_text("utf-8"), "utf-8")
        page.get_by_role("button", name="Try again").click()
        page.wait_for_selector(LIVE)
        assert len(bars(page)) == 5

    def test_wrong_inputs_are_refused(self):
        for wrong in ({"temperature": -1.0}, {"temperature": 6.0}, {"seed": -1}, {"text": 3}):
            with pytest.raises(TraitError):
                WholeMachine(**wrong)


class TestPlaces:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_axe(self, machine, theme):
        page = machine(theme=theme)
        page.get_by_text("Beginnings it knows").click()
        page.get_by_role("button", name="Show as table").click()
        found = Axe().run(page, options=WCAG).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []

    @pytest.mark.parametrize("width", [320, 360, 700, 1200])
    def test_no_page_scrolls_sideways(self, machine, width):
        page = machine(width=width, text=TEXT + " " + "x" * 300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_first_screen_of_a_phone_holds_field_tokens_and_bars(self, machine):
        page = machine(width=360, height=740)
        top = page.locator(".llm-figure").bounding_box()["y"]
        bar = page.locator(".llm-machine-row").first.bounding_box()
        assert bar["y"] + bar["height"] - top < 380

    def test_each_stage_is_a_door_to_its_chapters(self, machine):
        page = machine()
        for stage, chapters in CHAPTERS.items():
            links = page.locator(f"[data-stage={stage}] .llm-machine-doors a").all()
            pages = [link.get_attribute("href") for link in links]
            assert pages == [f"{name}.html" for _, name in chapters]

    def test_a_notebook_names_the_chapters_and_hears_of_the_text(self, kernel):
        page = kernel(WholeMachine(text=TEXT))
        page.wait_for_selector(LIVE)
        assert page.locator(".llm-machine-doors a").count() == 0
        expect(page.locator("[data-stage=layers]")).to_contain_text("Chapter 7")
        page.evaluate("model.set('text', 'The fox met a')")
        expect(page.get_by_label("Your text")).to_have_value("The fox met a")
        page.get_by_role("button", name="Write the next word").click()
        page.wait_for_function("model.saves.at(-1)?.written.length === 1")
        page.evaluate("lifetime.abort()")
        assert page.evaluate("Object.values(model.heard).every((all) => all.length === 0)")

    def test_without_javascript_the_stages_are_words_with_doors(self, mount, tokenizer):
        page = mount(WholeMachine(text="The <fox>"), javascript=False)
        shown = page.locator("[data-llm-widget]").inner_text()
        assert "The <fox>" in shown
        assert f"·< {tokenizer.encode(' <')[0]}" in shown or "<" in shown
        assert page.locator("[data-llm-widget] a").count() == sum(map(len, CHAPTERS.values()))


class Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)


class TestPython:
    def test_the_page_begins_with_the_readers_text_alone(self):
        widget = WholeMachine()
        widget.written = [5, 6]
        assert widget.props()["written"] == []
        assert widget.text == STORY_OPENING
        assert json.loads(json.dumps(widget.props()))["chapters"].keys() == CHAPTERS.keys()

    def test_the_still_form_holds_no_markup_of_the_readers(self):
        parsed = Text()
        parsed.feed(WholeMachine(text="<script>x</script><b>").still())
        assert set(parsed.tags) == {"p", "ol", "li", "strong", "a", "br"}
