"""The sampling lab: its probabilities, draws, texts and trees are those of Python, by any hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.generation import generate
from llm_lib.gpt import GPT
from llm_lib.sampling import SamplingOptions, next_token_probabilities, sample
from llm_lib.uniform import Uniform
from llm_lib.widgets.sampling_lab import LAB_OPENING, SamplingLab
from llm_lib.widgets.token_label import token_label

pytestmark = pytest.mark.browser

END = 1023
TOKENIZER = book_tokenizer(1024)
PROMPT = [END, *TOKENIZER.encode(LAB_OPENING)]
VIEWS = {"next": "The next token", "draws": "A thousand draws", "tree": "Alternatives"}
SPACE = "\u202f"


@pytest.fixture(scope="module")
def model(model_folder) -> GPT:
    torch.set_num_threads(1)
    return GPT.from_pretrained(model_folder).eval()


@pytest.fixture
def lab(mount: Callable[..., Page]) -> Callable[..., Page]:
    """A page with the lab, its model loaded. Other arguments than ``mount``'s are the widget's."""

    def lab(**given: Any) -> Page:
        options = {k: given.pop(k) for k in ("width", "theme", "hash") if k in given}
        page = mount(SamplingLab(**given), **options)
        expect(page.locator(".llm-lab")).to_be_visible()
        return page

    return lab


def next_shares(model: GPT, ids: list[int], **options: Any) -> torch.Tensor:
    with torch.inference_mode():
        logits, _ = model(torch.tensor([ids]))
    return next_token_probabilities(logits[0, -1], SamplingOptions(**options))


def name_of(id_: int) -> str:
    return "the end" if id_ == END else token_label(TOKENIZER.decode_bytes([id_]))


def number(text: str) -> float:
    """“13.6 %” or “2.1×10⁻⁴” as a share; what follows an arrow counts."""
    text = text.split("→")[-1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    if "×10" in text:
        return float(text.replace("×10", "e"))
    return float(re.sub(r"[^\d.]", "", text)) / 100


def link_of(page: Page) -> str:
    """What “Copy link” would copy, from the “#” on."""
    page.evaluate("""() => { navigator.clipboard.writeText = async (text) => {
      globalThis.copied = text;
    }; globalThis.copied = null; }""")
    page.locator(".llm-foot button").last.click()
    page.wait_for_function("copied")
    return "#" + page.evaluate("copied").split("#")[1]


def written(page: Page) -> list[int]:
    """The ids that the figure carries in its link."""
    found = re.search(r"written=([\d.]*)", link_of(page))[1]
    return [int(id_) for id_ in found.split(".") if id_]


def slide(page: Page, name: str, key: str) -> None:
    page.get_by_role("slider", name=name, exact=True).press(key)


# Python


@pytest.mark.parametrize(
    "props",
    [
        {"temperature": 5.1},
        {"temperature": -1},
        {"top_p": 2},
        {"min_p": -0.1},
        {"top_k": -1},
        {"seed": -1},
        {"view": "bars"},
    ],
)
def test_settings_outside_their_range_are_refused(props):
    with pytest.raises(Exception, match=next(iter(props))):
        SamplingLab(**props)


def test_the_still_form_names_the_settings_and_escapes_the_text(mount):
    page = mount(SamplingLab(text="<b>Ada</b>", top_p=0.9, temperature=0.5), javascript=False)
    words = page.locator("[data-llm-widget]").inner_text()
    assert "“<b>Ada</b>”, with temperature 0.5 and top-p 0.9" in words
    assert page.locator("[data-llm-widget] b").count() == 0


# The next token


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 0.5, "top_k": 6},
        {"temperature": 2.0, "top_p": 0.8},
        {"temperature": 5.0, "min_p": 0.2, "top_k": 300},
        {"temperature": 0.0},
    ],
)
def test_bars_and_table_show_the_distribution_of_python(lab, model, options):
    page = lab(**options)
    shares = next_shares(model, PROMPT, **options)
    before = next_shares(model, PROMPT, temperature=options.get("temperature", 1.0))
    top = before.sort(descending=True, stable=True).indices[:12].tolist()
    page.get_by_role("button", name="Show as table").click()
    lines = page.locator(".llm-twin tbody tr")
    assert lines.count() == 101
    for i, row in enumerate(page.locator(".llm-lab-row[role=option]").all()):
        share = float(shares[int(row.get_attribute("data-id"))])
        cells = lines.nth(i).locator("th, td").all_inner_texts()
        assert cells[0] == row.locator("bdi").inner_text() == name_of(int(cells[1]))
        assert abs(float(before[int(cells[1])] - before[top[i]])) < 1e-5  # the i-th likeliest
        text = row.locator(".llm-lab-number").inner_text()
        if share == 0:
            assert row.get_attribute("data-cut") is not None
            assert re.search("top-k|top-p|min-p|temperature 0", text)
            assert cells[-2].startswith("cut by") and cells[-1] == f"0{SPACE}%"
        elif share > 0.0005:
            assert abs(number(text) - share) < 6e-4
            assert abs(number(cells[-1]) - share) < 6e-4
    kept = int((shares > 0).sum())
    expect(page.locator(".llm-lab-main .llm-lab-words")).to_contain_text(
        re.compile("^All" if kept == 1024 else f"^{kept} of")
    )


def test_the_arithmetic_leads_from_logit_to_probability(lab, model):
    options = {"temperature": 0.8, "top_k": 100, "top_p": 0.95, "min_p": 0.01}
    page = lab(**options)
    shares = next_shares(model, PROMPT, **options)
    with torch.inference_mode():
        logits = model(torch.tensor([PROMPT]))[0][0, -1]
    top = int(logits.argmax())
    lines = page.locator(".llm-lab-sum li").all_inner_texts()
    assert f"{float(logits[top]):.2f}" in lines[0]
    assert f"{float(logits[top]) / 0.8:.2f}" in lines[1]
    assert [line.split("\n")[-1] for line in lines[4:7]] == ["kept"] * 3
    assert number(lines[-1].split("\n")[-1]) == pytest.approx(float(shares[top]), abs=6e-4)
    curve = page.get_by_role("slider", name="Token by rank")
    curve.press("End")
    expect(curve).to_have_attribute("aria-valuenow", "1024")
    lines = page.locator(".llm-lab-sum li").all_inner_texts()
    assert lines[4].startswith("Top-k 100: it ranks 1\u202f024") and lines[4].endswith("cut")
    assert lines[5] == "So it is never drawn\n0"
    curve.press("PageDown")
    expect(curve).to_have_attribute("aria-valuenow", "924")


def test_sliders_change_the_distribution_and_their_ends_teach(lab):
    page = lab()
    words = page.locator(".llm-lab-main .llm-lab-words")
    slide(page, "Temperature", "Home")
    expect(words).to_contain_text("1 of 1\u202f024 tokens may be drawn: no doubt is left")
    slide(page, "Temperature", "End")
    expect(words).to_contain_text("All 1\u202f024 tokens may be drawn")
    slide(page, "Top-k", "Home")
    expect(words).to_contain_text("top-k cuts 1\u202f023")
    slide(page, "Top-k", "End")
    slide(page, "Top-p", "Home")
    expect(words).to_contain_text("top-p cuts 1\u202f023")
    slide(page, "Top-p", "End")
    slide(page, "Min-p", "End")
    expect(words).to_contain_text("1 of 1\u202f024")
    expect(words).to_contain_text("min-p cuts 1\u202f023")
    page.get_by_role("button", name="Reset").click()
    expect(words).to_contain_text("All 1\u202f024")
    assert page.get_by_role("slider", name="Temperature").get_attribute("aria-valuetext") == "1"


def test_lines_stand_where_the_limits_are(lab, model):
    page = lab(top_p=0.7, min_p=0.4)
    most = float(next_shares(model, PROMPT).max())
    at = "(e) => Number(getComputedStyle(e).getPropertyValue('--at'))"
    assert page.locator(".llm-lab-mark[data-kind=top-p]").evaluate(at) == pytest.approx(0.7)
    assert page.locator(".llm-lab-mark[data-kind=min-p]").evaluate(at) == pytest.approx(
        0.4 * most, abs=1e-4
    )
    path = page.locator(".llm-lab-cumulative").get_attribute("d")
    places = [float(x) for x in re.findall(r"H ([\d.]+)", path)]
    top = next_shares(model, PROMPT).sort(descending=True).values[:12]
    assert places == pytest.approx(top.cumsum(0).tolist(), abs=1e-4)
    slide(page, "Top-p", "End")
    expect(page.locator(".llm-lab-mark[data-kind=top-p]")).to_be_hidden()


# Writing


@pytest.mark.parametrize("options", [{}, {"temperature": 1.3, "top_p": 0.9}, {"temperature": 0.0}])
def test_a_seed_writes_what_generate_writes(lab, model, options):
    page = lab(seed=5, **options)
    page.get_by_role("button", name="Write one token").click()
    expect(page.locator(".llm-lab-piece")).to_have_count(2)
    page.get_by_role("button", name="Write to the end").click()
    expect(page.locator(".llm-lab-writing")).to_contain_text("Python writes the same with")
    expect(page.locator(".llm-lab-writing")).to_contain_text(re.compile("is over|is full"))
    most = 256 - len(PROMPT)
    expected = generate(model, PROMPT, most, seed=5, stop_tokens=[END], **options)
    assert [*PROMPT, *written(page)] == expected
    expect(page.locator("code")).to_contain_text(f"generate(model, ids, {most}, temperature=")


def test_another_seed_writes_another_text_and_undo_brings_the_first_back(lab, model):
    page = lab(seed=5)
    page.get_by_role("button", name="Write one token").click()
    for _ in range(3):
        page.get_by_role("button", name="Write one token").click()
    expect(page.locator(".llm-lab-piece")).to_have_count(5)
    first = written(page)
    page.get_by_role("button", name="Next seed").click()
    expect(page.get_by_label("Seed")).to_have_value("6")
    expected = generate(model, PROMPT, 4, seed=6, stop_tokens=[END])
    page.wait_for_timeout(50)
    expect(page.locator(".llm-lab-piece")).to_have_count(len(expected) - len(PROMPT) + 1)
    assert [*PROMPT, *written(page)] == expected
    page.get_by_role("button", name="Undo").click()
    assert written(page) == first
    expect(page.locator(".llm-lab-writing")).to_contain_text("Not all of it was drawn")
    page.get_by_label("Seed").fill("5")
    expect(page.locator(".llm-lab-writing")).to_contain_text("Python writes the same")
    assert written(page) == first
    page.get_by_label("Seed").fill("-3")
    expect(page.get_by_label("Seed")).to_have_attribute("aria-invalid", "")


def test_on_to_the_next_doubt_stops_where_the_model_hesitates(lab, model):
    page = lab(seed=2)
    page.get_by_role("button", name="On to the next doubt").click()
    expect(page.locator(".llm-lab-writing")).to_contain_text("Python writes the same")
    ids = written(page)
    sure = [
        float(next_shares(model, [*PROMPT, *ids[:length]]).max()) >= 0.9
        for length in range(1, len(ids) + (ids[-1] != END))
    ]
    assert all(sure[: len(ids) - 1])
    assert ids[-1] == END or not sure[-1]


def test_going_back_shows_the_place_and_another_token_can_be_taken(lab, model):
    page = lab(seed=5)
    for _ in range(3):
        page.get_by_role("button", name="Write one token").click()
    expect(page.locator(".llm-lab-piece")).to_have_count(4)
    ids = written(page)
    page.locator(".llm-lab-piece").last.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".llm-lab-piece").nth(1)).to_be_focused()
    expect(page.locator(".llm-lab")).to_contain_text("written token 2 of 3")
    there = next_shares(model, [*PROMPT, ids[0]])
    rows = page.locator(".llm-lab-row[role=option]")
    other = next(id_ for id_ in there.topk(3).indices.tolist() if id_ not in (ids[1], END))
    row = page.locator(f".llm-lab-row[data-id='{other}']")
    row.click()
    button = page.get_by_role("button", name="instead")
    expect(button).to_have_text(f"Take “{name_of(other)}” instead")
    button.click()
    expect(page.locator(".llm-lab-piece")).to_have_count(3)
    assert written(page) == [ids[0], other]
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    second = int(rows.nth(1).get_attribute("data-id"))
    page.keyboard.press("Enter")
    expect(page.locator(".llm-lab-piece")).to_have_count(4)
    assert written(page) == [ids[0], other, second]
    expect(page.locator(".llm-status")).to_contain_text(name_of(second))


# Draws


def test_a_thousand_draws_stand_beside_theory(lab, model):
    page = lab(view="draws", seed=9, top_k=5, temperature=1.5)
    shares = next_shares(model, PROMPT, top_k=5, temperature=1.5)
    numbers = Uniform(9)
    points = torch.tensor([numbers.next() for _ in range(2000)], dtype=torch.float64)
    drawn = sample(shares.expand(2000, -1), points)
    page.get_by_role("button", name="Show as table").click()
    for n in (1000, 2000):
        counts = torch.bincount(drawn[:n], minlength=1024)
        lines = page.locator(".llm-twin tbody tr")
        expect(page.locator(".llm-twin caption")).to_have_text(f"{n // 1000}\u202f000 draws")
        assert lines.count() == 6  # those that may be drawn, and all others
        top = shares.topk(5).indices.tolist()
        found = [line.locator("th, td").all_inner_texts() for line in lines.all()]
        assert [(cells[0], int(cells[1])) for cells in found[:5]] == [
            (name_of(id_), int(counts[id_])) for id_ in top
        ]
        assert float(found[0][2].replace(SPACE, "")) == pytest.approx(
            n * float(shares[top[0]]), abs=0.6
        )
        variation = float((counts / n - shares).abs().sum()) / 2
        words = page.locator(".llm-lab-draws + .llm-lab-words").inner_text()
        assert f"{100 * variation:.1f}{SPACE}%" in words and "4 degrees of freedom" in words
        page.get_by_role("button", name="Draw a thousand more").click()
    page.get_by_role("button", name="Begin again with a thousand").click()
    expect(page.locator(".llm-twin caption")).to_have_text("1\u202f000 draws")
    slide(page, "Temperature", "Home")
    expect(page.locator(".llm-lab-draws + .llm-lab-words")).to_contain_text("Only one outcome")


# Alternatives


def test_a_branch_multiplies_its_steps_and_can_be_taken(lab, model):
    page = lab(view="tree", temperature=1.5)
    nodes = page.locator(".llm-lab-node")
    expect(nodes.first).to_be_visible()
    nodes.first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    label = page.locator(".llm-lab-node:focus").get_attribute("aria-label")
    expect(page.locator(".llm-lab-forest > .llm-lab-words").first).to_have_text(label)
    product, whole = re.search(r"”: (.*) = (.*)\.$", label).groups()
    ids, together = [], 1.0
    for step in product.split(" × "):
        shares = next_shares(model, [*PROMPT, *ids], temperature=1.5)
        ids.append(int(shares.argmax()))
        together *= float(shares.max())
        assert number(step) == pytest.approx(float(shares.max()), abs=6e-4)
    assert len(ids) > 1, "the path has more than one step"
    assert number(whole) == pytest.approx(together, abs=6e-4)
    page.keyboard.press("Enter")
    expect(page.locator(".llm-lab-piece")).to_have_count(len(ids) + 1)
    assert written(page) == ids
    expect(nodes.first).to_be_visible()
    nodes.first.click()
    expect(page.locator(".llm-lab-piece")).to_have_count(len(ids) + 2)


def test_the_tree_says_the_same_as_its_table_and_arrows_stay_inside(lab):
    page = lab(view="tree", temperature=2.0)
    nodes = page.locator(".llm-lab-node")
    expect(nodes.first).to_be_visible()
    page.get_by_role("button", name="Show as table").click()
    lines = page.locator(".llm-twin tbody tr")
    assert lines.count() == nodes.count() > 5
    ends = [text.split("\n")[-1] for text in nodes.all_inner_texts()]
    together = [line.locator("td").nth(1).inner_text() for line in lines.all()]
    assert [number(a) for a in ends] == pytest.approx([number(b) for b in together], abs=1e-3)
    nodes.first.focus()
    for key in ("ArrowUp", "ArrowLeft", "End", "ArrowRight", "Home"):
        page.keyboard.press(key)
    expect(nodes.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".llm-lab-node:focus")).to_have_attribute("aria-level", "1")
    expect(page.locator(".llm-lab-node[tabindex='0']")).to_have_count(1)


# State


def test_a_link_brings_everything_back_and_a_mangled_one_nothing(lab):
    page = lab(temperature=0.7, top_k=9, top_p=0.95, min_p=0.02, seed=12, view="draws")
    page.get_by_role("button", name="Write one token").click()
    expect(page.locator(".llm-lab-piece")).to_have_count(2)
    before = page.locator(".llm-lab").inner_text()
    link = link_of(page)
    other = lab(hash=link)
    expect(other.locator(".llm-lab-piece")).to_have_count(2)
    # What a link brings was not drawn here.
    assert other.locator(".llm-lab-draws").inner_text() in before
    assert other.get_by_role("slider", name="Min-p").get_attribute("aria-valuetext") == "0.02"
    mangled = "#sampling&view=8&t=99999&k=x&p=7000&m=-1&seed=1e9&written=5.99999.x&text=%"
    page = lab(hash=mangled)
    assert page.get_by_role("slider", name="Temperature").get_attribute("aria-valuetext") == "1"
    expect(page.locator(".llm-lab-piece")).to_have_count(2)  # the one that is an id
    assert page.witness.errors == []


def test_python_sets_and_hears(kernel, model):
    page = kernel(SamplingLab())
    expect(page.locator(".llm-lab")).to_be_visible()
    page.evaluate("model.set('temperature', 0.33)")
    expect(page.get_by_role("slider", name="Temperature")).to_have_attribute(
        "aria-valuetext", "0.33"
    )
    page.evaluate("model.set('top_k', 7)")
    expect(page.locator(".llm-lab-main .llm-lab-words")).to_contain_text("7 of 1")
    slide(page, "Top-k", "ArrowRight")
    assert page.evaluate("model.saves.at(-1).top_k") == 8
    slide(page, "Top-k", "End")
    assert page.evaluate("model.saves.at(-1).top_k") is None
    page.evaluate("model.set('temperature', 0)")
    page.get_by_role("button", name="Write one token").click()
    page.wait_for_function("model.saves.at(-1).written.length === 1")
    assert page.evaluate("model.get('written')") == [int(next_shares(model, PROMPT).argmax())]
    page.evaluate("model.set('text', 'Near the mill lived')")
    expect(page.get_by_label("Your text")).to_have_value("Near the mill lived")
    page.wait_for_function("model.get('written').length === 0")
    page.evaluate("model.set('view', 'tree')")
    expect(page.get_by_role("radio", name="Alternatives")).to_be_checked()
    page.evaluate("lifetime.abort()")
    assert page.evaluate("Object.values(model.heard).flat().length") == 0


def test_typing_ends_what_is_being_written(lab):
    page = lab()
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_role("button", name="Write to the end").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_label("Your text").fill("Now Otto was sad")
    expect(page.locator(".llm-lab-own")).to_have_text("Now Otto was sad")
    expect(page.locator(".llm-lab-piece")).to_have_count(1)
    page.get_by_role("button", name="Write to the end").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Write to the end")).to_be_visible()
    count = page.locator(".llm-lab-piece").count()
    page.wait_for_timeout(200)
    assert page.locator(".llm-lab-piece").count() == count > 1


HOSTILE = '</script><b>x</b> <!-- שלום 👩\u200d👧 e\u0301 \ud800 "'


@pytest.mark.parametrize("text", [HOSTILE, "", "fox " * 250_000])
def test_no_text_breaks_the_figure(lab, text):
    page = lab()
    page.evaluate(
        """(text) => {
          const box = document.querySelector("textarea");
          box.focus();
          box.select();
          if (text) document.execCommand("insertText", false, text);
          else document.execCommand("delete");
        }""",
        text,
    )
    own = page.locator(".llm-lab-own")
    expect(own).to_have_text(re.compile("x</b>" if "<" in text else "fox$|fox $|^$"))
    if len(text) > 1000:
        expect(page.locator(".llm-lab-writing")).to_contain_text("reads the end of your text only")
    page.get_by_role("button", name="Write one token").click()
    expect(page.locator(".llm-lab-piece")).to_have_count(2)
    for view in VIEWS.values():
        page.get_by_role("radio", name=view).check()
    expect(page.locator(".llm-lab-node").first).to_be_visible()
    assert page.locator(".llm-figure b").count() == 0
    assert page.witness.errors == []


# People


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_scrolls_sideways_on_the_narrowest_phone(lab, view):
    page = lab(width=320, view=view, temperature=5.0, top_p=0.3, min_p=0.9)
    page.get_by_role("button", name="Write to the end").click()
    expect(page.locator(".llm-lab-writing")).to_contain_text(re.compile("is over|is full"))
    if view == "tree":
        expect(page.locator(".llm-lab-node").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(lab, theme):
    page = lab(theme=theme, top_p=0.9, min_p=0.2)
    for _ in range(2):
        page.get_by_role("button", name="Write one token").click()
    page.get_by_role("button", name="Show as table").click()
    for view in VIEWS.values():
        page.get_by_role("radio", name=view).check()
        if view == "Alternatives":
            expect(page.locator(".llm-lab-node").first).to_be_visible()
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


def test_the_figure_proves_its_scores(lab):
    page = lab()
    page.get_by_role("button", name="Prove it").click()
    verdict = page.locator(".llm-proof-verdict")
    expect(verdict).to_contain_text(re.compile("^Equal|without numbers"))
    if "Equal" in verdict.inner_text():
        assert "logits" in page.locator(".llm-proof tbody").inner_text()
