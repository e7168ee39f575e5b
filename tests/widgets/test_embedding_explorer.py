"""The embedding explorer: its numbers are the library's; every view works by hand and by key."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from llm_lib.embeddings import nearest_neighbours, pca, sinusoidal_positions
from llm_lib.widgets.embedding_explorer import EmbeddingExplorer, pack, unpack

KINDS = {
    "animal": [" fox", " goose", " otter", " owl"],
    "place": [" garden", " mill", " pond", " barn"],
    "name": [" Ada", " Tom", " Ruth", " Jack"],
}
GROUPS = {token: kind for kind, tokens in KINDS.items() for token in tokens}
TOKENS = list(GROUPS)
DRAW = np.random.default_rng(4)
BEFORE = DRAW.normal(size=(12, 8))
AFTER = np.repeat(DRAW.normal(size=(3, 8)), 4, axis=0) + 0.3 * DRAW.normal(size=(12, 8))
POSITIONS = sinusoidal_positions(24, 8)


def explorer(**props: object) -> EmbeddingExplorer:
    snapshots = [("before", BEFORE), ("after", AFTER)]
    return EmbeddingExplorer(
        **{
            "tokens": TOKENS,
            "groups": GROUPS,
            "snapshots": snapshots,
            "positions": POSITIONS,
            **props,
        }
    )


def written(number: float, decimals: int = 2) -> str:
    text = f"{abs(number):.{decimals}f}"
    return f"\u2212{text}" if number < 0 and float(text) else text


def seen(token: str) -> str:
    return token.replace(" ", "·")


def near_words(token: str, snapshot: int, k: int = 5) -> list[tuple[str, str]]:
    found = explorer().nearest(token, snapshot, k)
    return [(seen(other), written(cosine)) for other, cosine in found]


def listed(page: Page) -> list[tuple[str, str]]:
    items = page.locator(".llm-near-token")
    names, numbers = items.locator("bdi"), items.locator(".llm-number")
    return list(zip(names.all_inner_texts(), numbers.all_inner_texts(), strict=True))


def point(page: Page, token: str):
    return page.get_by_role("option", name=f"{seen(token)}, {GROUPS[token]}")


def centre(page: Page, token: str) -> tuple[float, float]:
    box = point(page, token).locator(".llm-mark").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def chosen(page: Page) -> str:
    return page.locator(".llm-map-point[aria-selected=true] bdi").inner_text()


def view(page: Page, name: str) -> None:
    page.get_by_label(name, exact=True).check()


# The Python side


@pytest.mark.parametrize("convert", [list, torch.tensor, np.float32])
def test_lists_arrays_and_tensors_give_the_same_figure(convert):
    rows = AFTER.astype("float32")
    given = rows.tolist() if convert is list else convert(rows)
    if isinstance(given, torch.Tensor):
        given.requires_grad_()
    figure = explorer(snapshots=[("after", given)])
    assert figure.props() == explorer(snapshots=[("after", rows)]).props()


def test_tensors_in_bfloat16_are_read():
    figure = explorer(snapshots=[("after", torch.tensor(AFTER).bfloat16())])
    assert np.allclose(unpack(figure.snapshots[0]), AFTER, atol=0.02)


def test_numbers_keep_four_digits_on_the_wire():
    rows = DRAW.normal(size=(30, 16)) * 0.02
    packed = pack(rows)
    assert np.abs(unpack(packed) - rows).max() <= packed["scale"] / 2
    assert packed["scale"] < 1e-4 * np.abs(rows).max()
    assert np.array_equal(unpack(pack(np.zeros((2, 3)))), np.zeros((2, 3)))


def test_the_largest_figure_we_promise_stays_under_60_kilobytes():
    tokens = [f" token{i}" for i in range(120)]
    figure = EmbeddingExplorer(
        tokens=tokens,
        groups=dict.fromkeys(tokens, "thing"),
        snapshots=[(f"step {i}", DRAW.normal(size=(120, 32))) for i in range(4)],
        positions=sinusoidal_positions(64, 32),
    )
    assert len(figure.mount_html().encode()) < 60_000


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"tokens": "fox"}, "one text"),
        ({"tokens": [" a", " b"]}, "2 tokens"),
        ({"tokens": [*TOKENS[:-1], " fox"]}, "' fox' is there twice"),
        ({"snapshots": []}, "empty"),
        ({"snapshots": [("after", AFTER[:5])]}, r"\(5, 8\).*12 tokens.*\(12, 8\).*weight\[ids\]"),
        ({"snapshots": [("a", AFTER), ("b", AFTER[:, :4])]}, r"'b' has shape \(12, 4\)"),
        ({"snapshots": [("after", [[1, 2], [3]])]}, "of one length"),
        ({"snapshots": [("after", AFTER * np.nan)]}, "NaN"),
        ({"positions": POSITIONS[:, :6]}, r"\(24, 6\).*\(T, 8\)"),
        ({"positions": None, "view": "sum"}, "give positions"),
        ({"selected": "fox"}, "'fox'.*one of the tokens"),
        ({"snapshot": 2}, "snapshot is 2.*0 to 1"),
        ({"position": 24}, "position is 24.*0 to 23"),
        ({"pair": 4}, "pair is 4.*0 to 3"),
        ({"groups": {token: str(i) for i, token in enumerate(TOKENS)}}, "12 kinds.*at most 5"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(props, message):
    with pytest.raises(ValueError, match=message):
        explorer(**props)


def test_neighbours_are_those_of_the_library():
    figure = explorer()
    for i, token in enumerate(TOKENS):
        theirs = nearest_neighbours(torch.tensor(AFTER), i, 5)
        ours = figure.nearest(token)
        assert [name for name, _ in ours] == [TOKENS[j] for j, _ in theirs]
        assert [c for _, c in ours] == pytest.approx([c for _, c in theirs], abs=1e-3)


def test_neighbours_follow_what_is_chosen_in_python():
    figure = explorer()
    figure.selected = " mill"
    assert figure.neighbours == [[t, round(c, 3)] for t, c in figure.nearest(" mill", 1)]
    figure.snapshot = 0
    assert figure.neighbours == [[t, round(c, 3)] for t, c in figure.nearest(" mill", 0)]


def test_other_vectors_can_be_shown_while_training():
    figure = explorer()
    figure.show([("step 1", AFTER), ("step 2", BEFORE)])
    assert figure.neighbours == explorer(snapshot=0).neighbours  # the second is shown, as before
    figure.show([("step 9", BEFORE)])
    assert figure.snapshot == 0
    assert figure.neighbours == explorer(snapshot=0).neighbours
    with pytest.raises(ValueError, match=r"\(12, 8\)"):
        figure.show([("step 10", BEFORE[:, :4])])


def test_the_still_form_compares_before_and_after(mount):
    page = mount(explorer(), javascript=False)
    row = page.get_by_role("row", name="·fox")
    expect(page.locator("thead")).to_have_text(re.compile("token.*before.*after", re.S))
    for snapshot in (0, 1):
        text = ", ".join(" ".join(pair) for pair in near_words(" fox", snapshot, 3))
        expect(row.locator("td").nth(snapshot)).to_have_text(text)


# The engine


def test_pca_in_the_page_is_that_of_the_library(engine):
    page = engine("engine/vectors.js")
    for shape in [(12, 8), (5, 20), (40, 32), (3, 2), (60, 60)]:
        rows = DRAW.normal(size=shape) * DRAW.uniform(0.1, 3, size=shape[1])
        here = page.evaluate(
            """(rows) => {
              const { pca, project } = book("engine/vectors.js");
              const basis = pca(rows);
              return { ...basis, coordinates: project(rows, basis) };
            }""",
            rows.tolist(),
        )
        there = pca(torch.tensor(rows))
        for name, mine in (
            ("components", here["components"]),
            ("coordinates", here["coordinates"]),
            ("variance_share", here["shares"]),
        ):
            assert np.allclose(mine, getattr(there, name).numpy(), atol=1e-6), (shape, name)


def test_neighbours_in_the_page_are_those_of_the_library(engine):
    rows = DRAW.normal(size=(30, 6))
    rows[7] = rows[3] * 2  # the same direction: equal cosines, the lower index first
    rows[9] = 0
    found = engine("engine/vectors.js").evaluate(
        """(rows) => rows.map((_, i) =>
          book("engine/vectors.js").nearestNeighbours(rows, i, 29))""",
        rows.tolist(),
    )
    for i, near in enumerate(found):
        theirs = nearest_neighbours(torch.tensor(rows), i, 29)
        cosines = dict(theirs)
        assert near[0]["index"] == theirs[0][0]
        for neighbour in near:
            assert neighbour["cosine"] == pytest.approx(cosines[neighbour["index"]], abs=1e-12)


def test_vectors_arrive_in_the_page_as_python_packed_them(engine):
    rows = DRAW.normal(size=(7, 5))
    packed = pack(rows)
    there = engine("engine/vectors.js").evaluate(
        "(packed) => book('engine/vectors.js').unpack(packed)", packed
    )
    assert np.array_equal(np.array(there), unpack(packed))


def test_in_between_every_point_is_on_its_straight_way(engine):
    layouts = DRAW.normal(size=(3, 4, 2))
    at = engine("engine/vectors.js").evaluate(
        """(layouts) => [0, 0.25, 1, 1.5, 2].map((t) =>
          book("engine/vectors.js").layoutAt(layouts, t))""",
        layouts.tolist(),
    )
    a, b, c = layouts
    assert np.allclose(at, [a, 0.75 * a + 0.25 * b, b, (b + c) / 2, c])


def test_labels_keep_off_each_other_and_off_other_marks(engine):
    points = (DRAW.uniform(size=(60, 2)) * [400, 300]).tolist()
    widths = DRAW.uniform(20, 70, size=60).tolist()
    placed = engine("engine/plane.js").evaluate(
        """([points, widths]) => book("engine/plane.js").placeLabels(points, {
          widths, lineHeight: 20, radii: points.map(() => 6), order: points.map((_, i) => i),
          must: 0, width: 400, height: 300,
        })""",
        [points, widths],
    )
    boxes = [
        (x + o[0], y + o[1], x + o[0] + w, y + o[1] + 20)
        for (x, y), w, o in zip(points, widths, placed, strict=True)
        if o
    ]
    assert 15 < len(boxes) < 60
    for i, a in enumerate(boxes):
        assert min(a) >= 0 and a[2] <= 400 and a[3] <= 300
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


# Tokens


def test_the_first_state_shows_the_first_tokens_neighbours(mount):
    page = mount(explorer())
    assert chosen(page) == "·fox"
    assert listed(page) == near_words(" fox", 1)
    expect(page.get_by_role("option")).to_have_count(12 + 12)  # on the map and in the list
    expect(page.locator(".llm-map-point[data-near]")).to_have_count(5)
    assert page.witness.errors == []


def test_a_click_near_a_point_chooses_it(mount):
    page = mount(explorer())
    x, y = centre(page, " mill")
    page.mouse.click(x + 11, y + 10)  # beside the mark, where nothing else is nearer
    assert chosen(page) == "·mill"
    assert listed(page) == near_words(" mill", 1)
    words = ", ".join(" ".join(pair) for pair in near_words(" mill", 1))
    said = f"Nearest to ·mill, place (after): {words}."
    expect(page.locator(".llm-status")).to_have_text(said)


def test_the_token_under_the_pointer_is_read_out_as_numbers(mount):
    page = mount(explorer())
    page.mouse.move(*centre(page, " pond"))
    unit = AFTER / np.linalg.norm(AFTER, axis=1, keepdims=True)
    x, y = pca(torch.tensor(unit)).coordinates[TOKENS.index(" pond")].tolist()
    cosine = written(float(unit[TOKENS.index(" pond")] @ unit[0]))
    expect(page.locator("[data-view=tokens] .llm-reading")).to_have_text(
        f"·pond, place: {written(x)} across, {written(y)} up. Cosine with ·fox: {cosine}."
    )
    assert chosen(page) == "·fox"


def test_points_lie_where_the_projection_says(mount):
    page = mount(explorer())
    unit = AFTER / np.linalg.norm(AFTER, axis=1, keepdims=True)
    places = pca(torch.tensor(unit)).coordinates.numpy()
    drawn = np.array([centre(page, token) for token in TOKENS])
    drawn[:, 1] *= -1  # the page counts down
    places, drawn = places - places.mean(0), drawn - drawn.mean(0)
    scale = (drawn * places).sum() / (places * places).sum()
    assert scale > 50
    assert np.abs(drawn - scale * places).max() < 1


def test_arrow_keys_walk_to_the_next_point_in_that_direction(mount):
    page = mount(explorer())
    point(page, " fox").focus()
    for key, axis, sign in (
        ("ArrowRight", 0, 1),
        ("ArrowLeft", 0, -1),
        ("ArrowDown", 1, 1),
        ("ArrowUp", 1, -1),
    ):
        walked = 0
        for _ in range(12):
            old = chosen(page).replace("·", " ")
            page.keyboard.press(key)
            new = chosen(page).replace("·", " ")
            if new == old:
                break
            walked += 1
            assert sign * (centre(page, new)[axis] - centre(page, old)[axis]) > 0
        assert walked > 0 or key in ("ArrowRight", "ArrowDown")
    page.keyboard.press("End")
    assert chosen(page) == seen(TOKENS[-1])
    page.keyboard.press("Home")
    assert chosen(page) == seen(TOKENS[0])
    expect(point(page, TOKENS[0])).to_be_focused()
    expect(page.locator(".llm-map-point[tabindex='0']")).to_have_count(1)


def test_a_token_can_be_found_in_the_list(mount):
    page = mount(explorer())
    page.get_by_label("Token", exact=True).select_option(label="·Ruth")
    assert chosen(page) == "·Ruth"
    assert page.locator("optgroup").evaluate_all("all => all.map((g) => g.label)") == list(KINDS)


def test_a_neighbour_can_be_chosen_and_keeps_the_focus_in_the_list(mount):
    page = mount(explorer())
    second = near_words(" fox", 1)[1][0]
    page.locator(".llm-near-token").nth(1).press("Enter")
    assert chosen(page) == second
    expect(page.locator(".llm-near-token").nth(1)).to_be_focused()


def test_training_goes_back_and_forth(mount):
    page = mount(explorer())
    after = centre(page, " mill")
    page.get_by_label("before", exact=True).check()
    assert listed(page) == near_words(" fox", 0)
    before = centre(page, " mill")
    assert before != after
    page.get_by_role("slider", name="Through training").press("ArrowRight")
    assert listed(page) == near_words(" fox", 1)
    assert centre(page, " mill") == after
    expect(page.get_by_label("after", exact=True)).to_be_checked()


def test_the_hand_on_the_slider_moves_points_and_settles_on_a_snapshot(mount):
    page = mount(explorer(snapshot=0))
    start = np.array(centre(page, " mill"))
    slider = page.get_by_role("slider", name="Through training")
    slider.evaluate("(e) => { e.value = 0.3; e.dispatchEvent(new Event('input')); }")
    part = np.array(centre(page, " mill"))
    slider.evaluate("(e) => e.dispatchEvent(new Event('change'))")
    assert np.allclose(centre(page, " mill"), start)
    page.get_by_label("after", exact=True).check()
    end = np.array(centre(page, " mill"))
    assert np.allclose(part, start + 0.3 * (end - start), atol=0.3)


def test_points_travel_unless_the_reader_wants_no_motion(mount):
    page = mount(explorer())
    count = """async () => {
      const places = new Set();
      const seen = () => places.add(document.querySelectorAll(".llm-map-point")[5].style.transform);
      const before = document.querySelector(".llm-training input[type=radio]:not(:checked)");
      seen();
      before.click();
      for (let i = 0; i < 200; i += 1) {
        await new Promise(requestAnimationFrame);
        seen();
        if (!document.querySelector("[data-moving]") && i > 5) break;
      }
      return places.size;
    }"""
    assert page.evaluate(count) == 2
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(count) > 3


def test_the_table_says_what_the_map_shows(mount):
    page = mount(explorer())
    page.get_by_role("button", name="Show as table").click()
    unit = AFTER / np.linalg.norm(AFTER, axis=1, keepdims=True)
    places = pca(torch.tensor(unit)).coordinates.tolist()
    for token, (x, y) in zip(TOKENS, places, strict=True):
        row = page.locator(".llm-twin tbody tr").nth(TOKENS.index(token))
        nearest = [" ".join(near_words(token, snapshot, 1)[0]) for snapshot in (0, 1)]
        cells = [seen(token), GROUPS[token], written(x), written(y), *nearest]
        assert row.locator("th, td").all_inner_texts() == cells


# Positions, and the sum


def test_the_number_under_the_cursor_of_the_field_is_the_positions(mount):
    page = mount(explorer(view="positions", position=3))
    field = page.get_by_role("slider", name="Position and dimension")
    reading = page.locator("[data-view=positions] .llm-reading")
    field.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    expect(reading).to_have_text(f"Position 5, dimension 1: {written(POSITIONS[5, 1].item(), 3)}")
    expect(field).to_have_attribute("aria-valuetext", reading.inner_text())
    box = field.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 6.5 / 8, box["y"] + box["height"] * 20.5 / 24)
    expect(reading).to_have_text(f"Position 20, dimension 6: {written(POSITIONS[20, 6].item(), 3)}")
    page.mouse.down()
    page.mouse.up()
    assert page.get_by_label("Position", exact=True).input_value() == "20"
    page.keyboard.press("End")
    expect(reading).to_contain_text("Position 23")


def test_the_colour_of_zero_is_the_paper(mount):
    rows = np.array([[-1.0, 0.0], [0.5, 1.0]] * 2)
    page = mount(
        EmbeddingExplorer(
            ["a", "b", "c"], [("now", np.eye(3)[:, :2])], positions=rows, view="positions"
        )
    )
    fills = page.locator(".llm-places .llm-heat rect").evaluate_all(
        "all => all.slice(0, 4).map((cell) => cell.style.fill.replace(/\\s+/g, ' '))"
    )
    assert "positions) 100%" in fills[0]
    assert "tokens) 0%" in fills[1]
    assert "tokens) 50%" in fills[2]
    assert "tokens) 100%" in fills[3]


def sum_reading(token: str, position: int, pair: int) -> list[str]:
    row = unpack(explorer().snapshots[1])[TOKENS.index(token)]
    lines = []
    for dimension in (2 * pair, 2 * pair + 1):
        a, b = row[dimension], POSITIONS[position, dimension].item()
        middle = f"({written(b)})" if written(b).startswith("\u2212") else written(b)
        lines.append(f"dimension {dimension}: {written(a)} + {middle} = {written(a + b)}")
    return lines


def test_the_sum_is_the_sum_at_every_position_and_pair(mount):
    page = mount(explorer(view="sum", selected=" mill"))
    reading = page.locator(".llm-sum-equation")
    assert reading.all_inner_texts() == sum_reading(" mill", 0, 0)
    page.get_by_label("Position", exact=True).press("PageUp")
    at = int(page.get_by_label("Position", exact=True).input_value())
    assert at > 0
    assert reading.all_inner_texts() == sum_reading(" mill", at, 0)
    page.get_by_label("Dimensions").press("ArrowRight")
    assert reading.all_inner_texts() == sum_reading(" mill", at, 1)
    page.get_by_label("Token", exact=True).select_option(label="·fox")
    assert reading.all_inner_texts() == sum_reading(" fox", at, 1)
    page.get_by_role("button", name="Show as table").click()
    cells = page.locator(".llm-twin tbody tr").nth(2).locator("th, td").all_inner_texts()
    row = unpack(explorer().snapshots[1])[0, 2]
    place = POSITIONS[at, 2].item()
    assert cells == ["2", *(written(value, 3) for value in (row, place, row + place))]


def test_the_tip_can_be_dragged_from_position_to_position(mount):
    page = mount(explorer(view="sum", selected=" fox", position=2))
    hand = page.get_by_role("slider", name="Tip of the sum")
    dots = page.locator(".llm-arrows-dot")
    middle = [
        (b["x"] + b["width"] / 2, b["y"] + b["height"] / 2)
        for b in (dots.nth(i).bounding_box() for i in range(5))
    ]
    page.mouse.move(*middle[2])
    page.mouse.down()
    for place in (middle[3], middle[4]):
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    assert page.get_by_label("Position", exact=True).input_value() == "4"
    expect(hand).to_be_focused()
    expect(hand).to_have_attribute("aria-valuetext", "·fox at position 4")
    page.keyboard.press("ArrowRight")
    assert page.locator(".llm-sum-equation").all_inner_texts() == sum_reading(" fox", 5, 0)


def test_pressing_a_cell_shows_its_pair_of_dimensions(mount):
    page = mount(explorer(view="sum"))
    box = page.locator(".llm-sum-strip").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 5.5 / 8, box["y"] + 10)
    page.mouse.move(0, 0)
    assert page.locator(".llm-sum-equation").all_inner_texts() == sum_reading(" fox", 0, 2)


def test_without_positions_there_is_the_map_alone(mount):
    page = mount(explorer(positions=None))
    expect(page.get_by_text("Show", exact=True)).to_have_count(0)
    expect(page.get_by_label("Position", exact=True)).to_be_hidden()
    assert listed(page) == near_words(" fox", 1)


# All of it

RENDER = """(props) => {
  const listeners = {};
  const values = { ...props };
  globalThis.model = {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    off() {},
    save_changes: () => (globalThis.saved = { ...values }),
  };
  const el = document.querySelector("main").appendChild(document.createElement("div"));
  llmBook.widget("embedding_explorer").render({ model, el });
}"""


def test_what_the_reader_does_is_published_and_what_python_sets_is_shown(engine):
    page = engine("embedding_explorer.js")
    page.evaluate(RENDER, explorer().props())
    point(page, " barn").focus()
    saved = page.evaluate("saved")
    assert saved["selected"] == " barn"
    assert [name for name, _ in saved["neighbours"]] == [n for n, _ in explorer().nearest(" barn")]
    cosines = [cosine for _, cosine in explorer().nearest(" barn")]
    assert [c for _, c in saved["neighbours"]] == pytest.approx(cosines, abs=6e-4)
    page.evaluate("model.set('selected', ' Tom'); model.set('snapshot', 0)")
    assert listed(page) == near_words(" Tom", 0)
    other = explorer(snapshots=[("only", BEFORE)]).props()
    page.evaluate("(snapshots) => model.set('snapshots', snapshots)", other["snapshots"])
    assert listed(page) == near_words(" Tom", 0)
    expect(page.locator(".llm-training")).to_be_hidden()


def test_reset_and_link_lead_back(mount):
    page = mount(explorer(), hash="#embeddings&token=5&view=2&snapshot=0&position=7&pair=1")
    expect(page.get_by_label("before", exact=True)).to_be_checked()
    expect(page.get_by_role("slider", name="Tip of the sum")).to_have_attribute(
        "aria-valuetext", "·mill at position 7"
    )
    page.get_by_role("button", name="Reset").click()
    assert chosen(page) == "·fox"
    assert listed(page) == near_words(" fox", 1)


def test_a_mangled_link_breaks_nothing(mount):
    page = mount(explorer(), hash="#embeddings&token=999&view=9&snapshot=77&position=9999&pair=-1")
    assert chosen(page) == "·fox"
    assert listed(page) == near_words(" fox", 1)
    assert page.witness.errors == []


STRANGE = [
    "</script>",
    "<!--",
    "<img src=x onerror=alert(1)>",
    "שלום",
    "👩‍👩‍👧‍👦",
    "",
    " ",
    "\u202e",
    "é" * 10**6,
]


def test_strange_tokens_are_only_text(mount):
    rows = DRAW.normal(size=(len(STRANGE), 4))
    figure = EmbeddingExplorer(STRANGE, [("now", rows)], groups={"<!--": "<b>bold</b>"})
    page = mount(figure, width=320)
    expect(page.locator(".llm-map-point")).to_have_count(len(STRANGE))
    expect(page.locator(".llm-figure img, .llm-figure b")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Show as table").click()
    expect(page.locator(".llm-twin tbody th").nth(1)).to_have_text("<!--")
    assert page.witness.errors == []


@pytest.mark.parametrize("name", ["tokens", "positions", "sum"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(mount, theme, name):
    page = mount(explorer(view=name), theme=theme)
    page.get_by_role("button", name="Show as table").click()
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


@pytest.mark.parametrize("name", ["Tokens", "Positions", "Token + position"])
def test_a_narrow_page_never_scrolls_sideways(mount, name):
    page = mount(explorer(), width=320)
    view(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator(".llm-figure-stage").evaluate(
        """(stage) => [...stage.querySelectorAll("button, [role=slider]")]
          .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44).length"""
    )
    assert small == 0
