"""Attention step by step: its numbers are PyTorch's, and every part of it works by hand."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from llm_lib.attention import attention_weights, causal_mask, scaled_dot_product_attention
from llm_lib.uniform import Uniform
from llm_lib.widgets.attention_steps import STEPS, TOKENS, VECTORS, AttentionSteps

DRAW = np.random.default_rng(5)
TURN = [[0.0, 1.0], [-1.0, 0.0]]
NARROW = "\u202f"
HOSTILE = ["</script><b>x", "<!--", "שלום 👩\u200d👧 e\u0301"]


def random_case(index: int) -> dict:
    """Inputs as the page's engine takes them, and as the widget's class does."""
    weights = {
        name: None if index % 3 == 0 else DRAW.uniform(-2, 2, (2, 2)).round(3).tolist()
        for name in ("query", "key", "value")
    }
    return {
        "vectors": (DRAW.normal(size=(3, 2)) * DRAW.uniform(0.1, 4)).round(3).tolist(),
        "weights": weights,
        "scale": index % 2 == 0,
        "causal": index % 5 < 2,
    }


def theirs(case: dict) -> dict[str, np.ndarray]:
    """The same with PyTorch and ``llm_lib.attention``, step by step."""
    vectors = torch.tensor(case["vectors"], dtype=torch.float64)
    queries, keys, values = (
        vectors if weight is None else vectors @ torch.tensor(weight, dtype=torch.float64)
        for weight in (case["weights"][name] for name in ("query", "key", "value"))
    )
    mask = causal_mask(3) if case["causal"] else None
    dots = queries @ keys.T
    scores = dots / math.sqrt(2) if case["scale"] else dots
    shares = attention_weights(scores, mask)
    if case["scale"]:
        mixtures, whole = scaled_dot_product_attention(queries, keys, values, mask)
        assert torch.allclose(whole, shares)
    else:
        mixtures = shares @ values
    return {
        "dots": dots.numpy(),
        "scores": scores.numpy(),
        "shares": shares.numpy(),
        "mixtures": mixtures.numpy(),
    }


def figure_of(case: dict, **props) -> AttentionSteps:
    weights = {f"{name}_weight": matrix for name, matrix in case["weights"].items()}
    return AttentionSteps(
        vectors=case["vectors"], scale=case["scale"], causal=case["causal"], **weights, **props
    )


# Python


def test_weights_and_mixtures_in_python_are_those_of_the_library():
    for index in range(40):
        case = random_case(index)
        figure, expected = figure_of(case), theirs(case)
        assert np.allclose(figure.weights, expected["shares"])
        assert np.allclose(figure.mixtures, expected["mixtures"])


def test_what_comes_out_can_be_observed():
    figure, heard = AttentionSteps(), []
    figure.observe(lambda change: heard.append(change.new), "weights")
    figure.vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    figure.causal = True
    assert len(heard) == 2
    assert heard[1][0] == [1.0, 0.0, 0.0]
    figure.size = 8
    assert heard[2][2][1] < heard[1][2][1]  # longer vectors, a sharper choice


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"tokens": ("a", "b")}, "tokens holds 2 tokens; give three"),
        ({"tokens": "abc"}, "tokens holds one text; give three"),
        ({"vectors": [[1, 2], [3, 4]]}, r"vectors has shape \(2, 2\); it must be \(3, 2\)"),
        ({"vectors": [[1, 2], [3], [4, 5]]}, "vectors is no array of numbers"),
        ({"vectors": None}, "vectors"),
        ({"vectors": [[math.nan, 0]] * 3}, "not between -10 and 10"),
        ({"vectors": [[11, 0]] * 3}, "not between -10 and 10"),
        ({"key_weight": np.eye(3)}, r"key_weight has shape \(3, 3\); it must be \(2, 2\)"),
    ],
)
def test_impossible_inputs_are_refused_with_the_rule(props, message):
    with pytest.raises(ValueError, match=message):
        AttentionSteps(**props)


def test_what_is_set_later_is_checked_too():
    figure = AttentionSteps()
    with pytest.raises(ValueError, match="vectors has shape"):
        figure.vectors = [[1, 2]]
    figure.query_weight = np.array(TURN)
    assert figure.query_weight == TURN


def test_the_still_form_holds_scores_weights_and_mixtures(mount):
    page = mount(AttentionSteps(causal=True), javascript=False)
    expected = theirs(
        {
            "vectors": VECTORS,
            "weights": dict.fromkeys(("query", "key", "value")),
            "scale": True,
            "causal": True,
        }
    )
    row = page.get_by_role("row", name=re.compile("^pond "))
    share, score = expected["shares"][1, 0], expected["scores"][1, 0]
    expect(row.locator("td").nth(0)).to_have_text(
        f"{score:.2f} → {100 * share:.1f} %".replace("-", "−")
    )
    expect(row.locator("td").nth(2)).to_have_text("−∞ → 0.0 %")


# The engine


def test_every_number_in_between_is_pytorchs(engine):
    cases = [random_case(index) for index in range(200)]
    page = engine("engine/attention.js")
    ours = page.evaluate(
        """(cases) => cases.map((given) => {
          const { dots, scores, shares, mixtures } = book("engine/attention.js").attend(given);
          return { dots, scores, shares, mixtures };
        })""",
        cases,
    )
    worst = 0.0
    for case, mine in zip(cases, ours, strict=True):
        for name, matrix in theirs(case).items():
            worst = max(worst, np.abs(np.array(mine[name]) - matrix).max())
    assert worst < 1e-9


def test_softmax_of_huge_equal_and_hidden_scores(engine):
    page = engine("engine/attention.js")
    rows = page.evaluate(
        """() => [[5000, 5000], [1e6, 0], [-Infinity, 3], [-Infinity, -Infinity]].map(
          book("engine/attention.js").softmax)"""
    )
    assert rows == [[0.5, 0.5], [1, 0], [0, 1], [0, 0]]


def test_the_pages_uniform_numbers_are_pythons(engine):
    page = engine("engine/uniform.js")
    for seed, stream in ((0, 0), (1, 0), (7, 3), (2**40 + 5, 2**32 - 1), (2**53 - 1, 1)):
        drawn = page.evaluate(
            """([seed, stream]) => {
              const next = book("engine/uniform.js").uniform(seed, stream);
              return Array.from({ length: 50 }, next);
            }""",
            [seed, stream],
        )
        numbers = Uniform(seed, stream)
        assert drawn == [numbers.next() for _ in range(50)]


def test_dot_products_spread_as_wide_as_the_root_of_d(engine):
    page = engine("engine/dot_spread.js", "engine/slices.js")
    measured = page.evaluate(
        """() => {
          const { dotSpreads } = book("engine/dot_spread.js");
          return book("engine/slices.js").drain(dotSpreads(3));
        }"""
    )
    assert [m["d"] for m in measured] == [2, 8, 32, 128, 512]
    for m in measured:
        dots = torch.tensor(m["dots"], dtype=torch.float64)
        assert 0.75 < m["scaledSpread"] < 1.3
        assert m["spread"] == pytest.approx(dots.square().mean().sqrt().item())
        for name, scores in (("raw", dots), ("scaled", dots / math.sqrt(m["d"]))):
            assert m[name] == pytest.approx(scores.softmax(-1).amax(-1).mean().item())
    assert measured[-1]["raw"] > 0.9 > 0.5 > measured[-1]["scaled"]


def test_labels_at_tips_keep_off_each_other_and_off_the_tips(engine):
    page = engine("engine/tip_labels.js")
    covered = 0
    for _ in range(40):
        tips = [
            {
                "at": (DRAW.uniform(60, 340, 2)).tolist(),
                "way": DRAW.normal(size=2).tolist(),
                "width": 50,
            }
            for _ in range(3)
        ]
        placed = page.evaluate(
            """(tips) => book("engine/tip_labels.js").placeTipLabels(tips, {
              width: 400, height: 400, lineHeight: 20, marks: [[200, 200], tips[0].at] })""",
            tips,
        )
        for x, y in placed:
            covered += any(
                abs(x - u) < 36 and abs(y - v) < 21 for u, v in [(200, 200), tips[0]["at"]]
            )
        for i, (x, y) in enumerate(placed):
            assert 25 <= x <= 375 and 10 <= y <= 390
            for u, v in placed[i + 1 :]:
                assert abs(x - u) >= 50 or abs(y - v) >= 19.9
    assert covered <= 6  # of 120: where tips crowd, a label may have no better place


def test_prove_it_finds_no_difference(mount):
    page = mount(AttentionSteps())
    page.get_by_role("button", name="Prove it").click()
    expect(page.locator(".llm-proof-verdict")).to_contain_text("Equal: computed in this page")
    expect(page.locator(".llm-proof tbody tr")).to_have_count(3)


def test_the_proof_notices_a_wrong_number(engine):
    page = engine("engine/attention_proof.js", "engine/attention.js")
    largest = page.evaluate("book('engine/attention_proof.js').proveAttention().largest")
    assert 0 < largest < 1e-8
    spoilt = page.evaluate(
        """() => {
          const exp = Math.exp;
          Math.exp = (x) => exp(x * 1.001);
          const { rows } = book("engine/attention_proof.js").proveAttention();
          Math.exp = exp;
          return Object.fromEntries(rows.map(({ label, difference }) => [label, difference]));
        }"""
    )
    assert spoilt["weights"] > 1e-4 and spoilt["scores"] < 1e-8


# The figure


def numbers(page, step: str) -> list[str]:
    """What stands large in the three cells of a step."""
    return page.locator(f"[data-step={step}] .llm-ladder-main").all_inner_texts()


def written(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")


def percent(share: float) -> str:
    return f"{100 * share:.1f}{NARROW}%"


def plain(vectors, **switches) -> dict[str, np.ndarray]:
    weights = dict.fromkeys(("query", "key", "value"))
    return theirs(
        {"vectors": vectors, "weights": weights, "scale": True, "causal": False, **switches}
    )


def hand(page, token: str):
    return page.get_by_role("slider", name=f"Vector of {token}")


def coordinates(page, token: str) -> str:
    return hand(page, token).get_attribute("aria-valuetext")


def drag(page, token: str, dx: float, dy: float) -> None:
    box = hand(page, token).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def test_the_first_state_shows_every_step_of_the_query(mount):
    page = mount(AttentionSteps())
    expected = plain(VECTORS)
    assert numbers(page, "vectors") == ["(2.0, 0.5)", "(−1.0, 1.5)", "(1.0, 1.0)"]
    assert numbers(page, "dots") == [written(x) for x in expected["dots"][2]]
    assert numbers(page, "scale") == [written(x) for x in expected["scores"][2]]
    assert numbers(page, "weights") == [percent(x) for x in expected["shares"][2]]
    x, y = expected["mixtures"][2]
    expect(page.locator("[data-step=mixture] .llm-ladder-result")).to_have_text(
        f"sum ({written(x)}, {written(y)})"
    )
    products = page.locator("[data-step=dots] .llm-ladder-detail").all_inner_texts()
    assert products[:4] == ["1.0×2.0", "+ 1.0×0.5", "1.0×(−1.0)", "+ 1.0×1.5"]
    expect(page.locator(".llm-question")).to_have_text("How much does “it” take from each token?")
    assert page.witness.errors == []


def test_the_reader_steps_through_by_button_and_by_arrow_key(mount):
    page = mount(AttentionSteps(step="vectors"))
    is_open = page.locator("[data-step][data-open]")
    for step in STEPS[1:]:
        page.get_by_role("button", name="Next step").click()
        expect(is_open).to_have_attribute("data-step", step)
    expect(page.locator(".llm-status")).to_contain_text(
        f"Mixture: fox {numbers(page, 'mixture')[0]}"
    )
    page.get_by_role("button", name="Next step").click(force=True)  # at the end nothing happens
    expect(page.locator(".llm-ladder-place")).to_have_text("Step 6 of 6")
    page.locator("[data-step=mixture] button").focus()
    page.keyboard.press("ArrowUp")
    expect(is_open).to_have_attribute("data-step", "weights")
    expect(page.locator("[data-step=weights] button")).to_be_focused()
    page.keyboard.press("Home")
    expect(is_open).to_have_attribute("data-step", "vectors")
    page.locator("[data-step=mask] button").click()
    expect(is_open).to_have_attribute("data-step", "mask")


def test_a_tip_can_be_dragged_and_all_numbers_follow(mount):
    page = mount(AttentionSteps())
    scale = page.locator(".llm-plane").bounding_box()["width"] / 2 / 2.5  # pixels for 1
    drag(page, "pond", 2 * scale, 1 * scale)
    assert coordinates(page, "pond") == "(1.0, 0.5)"
    expected = plain([VECTORS[0], (1.0, 0.5), VECTORS[2]])
    assert numbers(page, "dots") == [written(x) for x in expected["dots"][2]]
    assert numbers(page, "weights") == [percent(x) for x in expected["shares"][2]]
    shares = ", ".join(
        f"{t} {percent(x)}" for t, x in zip(TOKENS, expected["shares"][2], strict=True)
    )
    expect(page.locator(".llm-status")).to_have_text(f"Query it: {shares}.")


def test_a_dragged_tip_stays_under_the_pointer_and_inside_the_plane(mount):
    page = mount(AttentionSteps())
    box = hand(page, "fox").bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(box["x"] - 30, box["y"] - 70)
    now = hand(page, "fox").bounding_box()
    half_a_step = 4  # pixels: the tip goes in tenths
    assert now["x"] + 22 == pytest.approx(box["x"] - 30, abs=half_a_step)
    assert now["y"] + 22 == pytest.approx(box["y"] - 70, abs=half_a_step)
    page.mouse.move(5000, -5000)
    page.mouse.up()
    assert coordinates(page, "fox") == "(2.5, 2.5)"  # the corner; from here a drag leads farther
    expect(page.locator(".llm-plane-number", has_text="3")).to_have_count(0)
    drag(page, "fox", 5000, 0)
    assert coordinates(page, "fox") == "(3.0, 2.5)"


def test_a_tip_can_be_moved_by_arrow_keys(mount):
    page = mount(AttentionSteps())
    hand(page, "it").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert coordinates(page, "it") == "(0.6, 1.2)"
    expected = plain([*VECTORS[:2], (0.6, 1.2)])
    assert numbers(page, "weights") == [percent(x) for x in expected["shares"][2]]
    for _ in range(30):
        page.keyboard.press("Shift+ArrowDown")
    assert coordinates(page, "it") == "(0.6, −10.0)"


def test_arrows_end_where_the_numbers_say(mount):
    page = mount(AttentionSteps(step="mixture", value_weight=TURN))
    mixture = plain(VECTORS)["mixtures"][2] @ np.array(TURN)
    tip = page.eval_on_selector(
        "[data-kind=mixture] polygon", "(p) => p.getAttribute('points').split(' ')[0].split(',')"
    )
    width = page.locator(".llm-plane-picture").evaluate("(p) => p.viewBox.baseVal.width")
    place = (np.array(tip, dtype=float) - width / 2) / (width / 2 / 2.5) * [1, -1]
    assert np.allclose(place, mixture, atol=0.01)
    last = page.locator("[data-kind=part]").last.locator("polygon").get_attribute("points")
    assert last.split(" ")[0] == ",".join(tip)  # head to tail, the parts lead there


def test_scale_and_mask_are_switched_where_they_belong(mount):
    page = mount(AttentionSteps(query=1, step="mask"))
    page.get_by_label("Divide by √d").uncheck()
    page.get_by_label("Hide what comes later").check()
    expected = plain(VECTORS, scale=False, causal=True)
    assert numbers(page, "scale") == [written(x) for x in expected["dots"][1]]
    assert numbers(page, "mask")[2] == "−∞"
    expect(page.locator("[data-step=mask] s")).to_have_text("−∞")
    details = page.locator("[data-step=mask] .llm-ladder-detail").all_inner_texts()
    assert details == ["came before", "itself", "hidden"]
    assert numbers(page, "weights") == [*map(percent, expected["shares"][1][:2]), f"0{NARROW}%"]
    page.get_by_label("Hide what comes later").focus()
    page.keyboard.press("Space")
    assert "−∞" not in numbers(page, "mask")


def test_the_query_is_chosen_by_radio_and_in_the_square(mount):
    page = mount(AttentionSteps(step="weights"))
    expected = plain(VECTORS)["shares"]
    page.get_by_label("fox", exact=True).check()
    assert numbers(page, "weights") == [percent(x) for x in expected[0]]
    cell = page.get_by_role("gridcell", name=re.compile("query pond, key fox"))
    cell.click()
    assert numbers(page, "weights") == [percent(x) for x in expected[1]]
    expect(page.locator(".llm-steps-view")).to_have_attribute("data-lit", "0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert numbers(page, "weights") == [percent(x) for x in expected[2]]
    expect(page.get_by_role("gridcell", name=re.compile("query it, key pond"))).to_be_focused()
    expect(page.get_by_label("it", exact=True)).to_be_checked()
    for _ in range(3):
        page.keyboard.press("ArrowUp")  # stops at the edge
    expect(page.get_by_role("gridcell", name=re.compile("query fox, key pond"))).to_be_focused()
    expect(page.locator(".llm-square-cell[tabindex='0']")).to_have_count(1)


def test_the_square_shows_the_numbers_of_the_open_step(mount):
    page = mount(AttentionSteps(step="dots", causal=True))
    expected = plain(VECTORS, causal=True)
    read = page.locator(".llm-square-cell").all_inner_texts
    assert read() == [written(x) for x in expected["dots"].flat]
    page.locator("[data-step=scale] button").click()
    assert read() == [written(x) for x in expected["scores"].flat]
    page.locator("[data-step=mask] button").click()
    assert read()[:3] == [written(expected["scores"][0, 0]), "−∞", "−∞"]
    page.locator("[data-step=mixture] button").click()
    assert read()[6:] == [percent(x) for x in expected["shares"][2]]


def test_the_same_token_lights_everywhere(mount):
    page = mount(AttentionSteps())
    view = page.locator(".llm-steps-view")
    page.locator("[data-step=weights] [data-token='1']").hover()
    expect(view).to_have_attribute("data-lit", "1")
    lit = page.locator(".llm-plane-arrow[data-kind=key][data-token='1']")
    assert lit.evaluate("(a) => getComputedStyle(a).strokeWidth") == "5px"
    page.mouse.move(2, 2)
    assert view.get_attribute("data-lit") is None
    hand(page, "fox").focus()
    expect(view).to_have_attribute("data-lit", "0")


def test_length_makes_the_choice_sharper(mount):
    page = mount(AttentionSteps())
    page.get_by_role("slider", name="Length of all vectors").press("End")
    expected = plain(np.array(VECTORS) * 8)
    assert numbers(page, "vectors")[0] == "(16.0, 4.0)"
    assert numbers(page, "dots")[0] == f"{expected['dots'][2, 0]:.1f}"
    assert numbers(page, "weights")[0] == f">{NARROW}99.9{NARROW}%"
    drag(page, "pond", 1, 0)
    expect(page.locator(".llm-status")).to_contain_text("Query it")
    hand(page, "pond").press("ArrowRight")
    assert coordinates(page, "pond") == "(−7.2, 12.0)"  # a tenth, eight times as long


def test_matrices_make_queries_and_keys_differ(mount):
    page = mount(AttentionSteps(step="vectors"))
    page.get_by_label("q = x W_Q").select_option(label="turn by 90°")
    page.get_by_label("k = x W_K").select_option(label="stretch the first")
    case = {
        "vectors": VECTORS,
        "weights": {"query": TURN, "key": [[2.0, 0.0], [0.0, 1.0]], "value": None},
        "scale": True,
        "causal": False,
    }
    expected = theirs(case)
    assert numbers(page, "dots") == [written(x) for x in expected["dots"][2]]
    assert numbers(page, "weights") == [percent(x) for x in expected["shares"][2]]
    lines = page.locator("[data-step=vectors] [data-token='2'] .llm-ladder-detail")
    assert lines.all_inner_texts() == ["q (−1.0, 1.0)", "k (2.0, 1.0)", "v (1.0, 1.0)"]
    assert page.locator(".llm-matrix").first.inner_text().split() == ["0", "1", "−1", "0"]


def test_a_matrix_from_python_can_be_left_and_chosen_again(mount):
    given = [[0.4, 0.3], [0.0, 1.0]]
    page = mount(AttentionSteps(step="vectors", value_weight=given))
    choice = page.get_by_label("v = x W_V")
    expect(choice.locator("option:checked")).to_have_text("as given")
    before = numbers(page, "mixture")
    choice.select_option(label="identity")
    assert numbers(page, "mixture") != before
    choice.select_option(label="as given")
    assert numbers(page, "mixture") == before


def test_examples_show_what_they_are_called(mount):
    page = mount(AttentionSteps(causal=True, size=3))
    page.get_by_role("button", name="right angles").click()
    assert numbers(page, "dots") == ["4.00", "0.00", "−4.00"]
    page.get_by_role("button", name="one loud vector").click()
    expect(page.get_by_label("Divide by √d")).not_to_be_checked()
    loud = float(numbers(page, "weights")[2].split(NARROW)[0])
    page.get_by_label("Divide by √d").check()
    assert loud > 90 > float(numbers(page, "weights")[2].split(NARROW)[0]) - 5
    page.get_by_role("button", name="similar words").click()
    first, second, third = (float(p.split(NARROW)[0]) for p in numbers(page, "weights"))
    assert min(first, second) > 2 * third


def test_huge_scores_are_written_and_not_infinite(mount):
    page = mount(
        AttentionSteps(vectors=[[10, 10], [-10, 0], [10, 9]], size=8, step="weights", query=0)
    )
    text = page.locator("[data-step=weights]").inner_text()
    assert "NaN" not in text and "Infinity" not in text
    score = 12800 / math.sqrt(2)
    assert f"×10{''.join('⁰¹²³⁴⁵⁶⁷⁸⁹'[int(d)] for d in str(int(score / math.log(10))))}" in text


def test_the_table_says_what_the_picture_says(mount):
    page = mount(AttentionSteps(causal=True))
    page.get_by_role("button", name="Show as table").click()
    expected = plain(VECTORS, causal=True)
    rows = page.locator(".llm-twin tbody tr")
    expect(rows).to_have_count(12)
    row = page.get_by_role("row", name="pond → fox")
    assert row.locator("td").all_inner_texts()[:4] == [
        written(expected["dots"][1, 0]),
        written(expected["scores"][1, 0]),
        written(expected["scores"][1, 0]),
        percent(expected["shares"][1, 0]),
    ]
    assert page.get_by_role("row", name="fox → pond").locator("td").nth(2).inner_text() == "−∞"
    hand(page, "pond").press("ArrowUp")
    expect(row.locator("td").first).not_to_have_text(written(expected["dots"][1, 0]))


def test_the_second_view_measures_why_there_is_a_root(mount):
    page = mount(AttentionSteps())
    page.get_by_label("Why √d").check()
    expect(page.locator(".llm-spread-words").last).to_contain_text("divided by √512")
    expect(page.locator(".llm-steps-view")).to_be_hidden()
    before = page.locator(".llm-spread-number").all_inner_texts()
    shares = [float(text.split(NARROW)[0]) for text in before]
    assert shares[0::2] == sorted(shares[0::2])  # without the division: ever larger
    assert shares[8] > 90 and all(25 < share < 50 for share in shares[1::2])
    page.get_by_role("button", name="Show as table").click()
    expect(page.locator(".llm-twin tbody tr")).to_have_count(5)
    assert page.locator(".llm-twin tbody tr td:nth-child(4)").all_inner_texts() == before[0::2]
    page.get_by_role("button", name="Draw other vectors").click()
    expect(page.locator(".llm-spread-number").last).not_to_have_text(before[-1])


def test_reset_returns_to_the_authored_state(mount):
    page = mount(AttentionSteps())
    before = page.locator(".llm-ladder").inner_text()
    drag(page, "fox", -40, -60)
    page.get_by_label("pond", exact=True).check()
    page.get_by_label("Hide what comes later").check()
    page.locator("[data-step=vectors] button").click()
    page.get_by_label("k = x W_K").select_option(label="first only")
    assert page.locator(".llm-ladder").inner_text() != before
    page.get_by_role("button", name="Reset").click()
    assert page.locator(".llm-ladder").inner_text() == before


def test_a_link_brings_the_state_back_and_a_mangled_one_nothing(mount):
    page = mount(AttentionSteps(), hash="#attention")
    drag(page, "fox", -40, -60)
    page.get_by_label("Divide by √d").uncheck()
    page.locator("[data-step=vectors] button").click()
    page.get_by_label("k = x W_K").select_option(label="turn by 90°")
    page.get_by_label("pond", exact=True).check()
    state = page.locator(".llm-ladder").inner_text()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link is in the address bar")).to_be_visible()
    link = "#" + page.url.split("#")[1]
    other = mount(AttentionSteps(), hash=link)
    assert other.locator(".llm-ladder").inner_text() == state
    fresh = mount(AttentionSteps()).locator(".llm-ladder").inner_text()
    mangled = "#attention&step=99&query=7x&n0=999999999&view=5&k=77&size=0"
    page = mount(AttentionSteps(), hash=mangled)
    assert page.locator(".llm-ladder").inner_text() == fresh
    assert page.witness.errors == []


def test_python_sets_and_hears(kernel):
    page = kernel(AttentionSteps())
    page.evaluate("model.set('query', 0)")
    expect(page.locator(".llm-question")).to_contain_text("fox")
    page.evaluate("model.set('vectors', [[1, 0], [0, 1], [1, 1]])")
    assert numbers(page, "dots") == ["1.00", "0.00", "1.00"]
    page.get_by_label("Hide what comes later").check()
    assert page.evaluate("model.saves.at(-1).causal") is True
    hand(page, "fox").press("ArrowUp")
    assert page.evaluate("model.saves.at(-1).vectors[0]") == [1, 0.1]
    page.evaluate("model.set('tokens', ['hen', 'nest', 'she'])")
    expect(page.get_by_role("columnheader", name="nest").first).to_be_visible()
    expect(page.locator(".llm-figure")).to_have_count(1)
    page.get_by_role("button", name="Reset").click()
    assert numbers(page, "vectors")[0] == "(2.0, 0.5)"
    page.evaluate("lifetime.abort()")
    assert page.evaluate("Object.values(model.heard).flat().length") == 0


@pytest.mark.parametrize("width", [320, 1000])
def test_hostile_and_long_tokens_stay_text(mount, width):
    page = mount(AttentionSteps(tokens=[*HOSTILE[:2], "x" * 5000]), width=width)
    assert "</script><b>x" in page.locator(".llm-ladder-heads").inner_text()
    assert page.locator(".llm-figure b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = mount(AttentionSteps(tokens=HOSTILE, query=2), width=width)
    expect(page.locator(".llm-question")).to_contain_text("שלום")
    assert page.witness.errors == []


@pytest.mark.parametrize("view", ["steps", "width"])
@pytest.mark.parametrize("step", ["vectors", "weights"])
def test_nothing_scrolls_sideways_on_the_narrowest_phone(mount, step, view):
    page = mount(
        AttentionSteps(
            vectors=[[-10, -9.5], [8.8, -7.3], [-10, 10]],
            size=8,
            step=step,
            view=view,
            causal=True,
            key_weight=[[-1.25, 0.75], [0.33, -2.5]],
        ),
        width=320,
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inside = "(e) => e.scrollWidth <= e.clientWidth + 1"
    cells = page.locator(".llm-ladder-cell, .llm-square-cell").all()
    assert view == "width" or all(cell.evaluate(inside) for cell in cells)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(mount, theme):
    page = mount(AttentionSteps(causal=True, step="vectors", query_weight=TURN), theme=theme)
    for act in (
        lambda: None,
        lambda: page.locator("[data-step=weights] button").click(),
        lambda: page.get_by_role("button", name="Show as table").click(),
        lambda: page.get_by_label("Why √d").check(),
    ):
        act()
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


def test_targets_are_large_enough_for_a_finger(mount):
    page = mount(AttentionSteps(step="vectors"), width=360)
    targets = page.locator(
        ".llm-figure-stage :is(button, select, .llm-plane-hand, .llm-check, .llm-square-cell)"
    ).all()
    sizes = [target.bounding_box()["height"] for target in targets if target.is_visible()]
    assert len(sizes) > 20 and min(sizes) >= 43.9
