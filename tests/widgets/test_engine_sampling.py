"""Drawing a token in the page: distributions, draws and texts are those of Python."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Error, Page

from llm_lib.generation import generate
from llm_lib.gpt import GPT
from llm_lib.sampling import SamplingOptions, choose, next_token_probabilities, sample
from llm_lib.uniform import Uniform

pytestmark = pytest.mark.browser

SAMPLING, UNIFORM, DRAWS = "engine/sampling.js", "engine/uniform.js", "engine/draws.js"
WRITING, TREE, SCENE = (
    "engine/story_writing.js",
    "engine/alternatives.js",
    "engine/sampling_scene.js",
)
END = 1023
DRAW = np.random.default_rng(11)

COMPUTE = """(cases) => cases.map(({ logits, options, numbers }) => {
  const { distribution, sampler } = book("engine/sampling.js");
  const found = distribution(Float32Array.from(logits), options);
  const draw = sampler(found.probabilities);
  return { probabilities: [...found.probabilities], ids: numbers.map(draw) };
})"""


def random_options(index: int) -> dict:
    """Every limit off, usual, and at its extremes, in all mixtures."""
    temperature = [1.0, 0.8, 0.05, 5.0, 1.7, 0.0][index % 6]
    return {
        "temperature": temperature,
        "top_k": [None, 0, 1, 5, 40, 10_000][DRAW.integers(6)],
        "top_p": [None, 1.0, 0.0, 0.5, 0.9, 0.999][DRAW.integers(6)],
        "min_p": [None, 0.0, 1.0, 0.05, 0.3][DRAW.integers(5)],
    }


def random_case(index: int) -> dict:
    size = int(DRAW.choice([1, 2, 7, 300, 1024]))
    logits = DRAW.normal(0, DRAW.choice([0.5, 3, 20]), size).astype(np.float32)
    if index % 3 == 0:
        logits = logits.round()  # with equal ones
    numbers = DRAW.integers(0, 2**32, 20) / 2**32
    return {
        "logits": logits.tolist(),
        "options": random_options(index),
        "numbers": [0.0, *numbers.tolist(), 1 - 2**-32],
    }


def test_probabilities_and_draws_are_those_of_python(engine: Callable[..., Page]):
    cases = [random_case(index) for index in range(300)]
    found = engine(SAMPLING).evaluate(COMPUTE, cases)
    for case, page in zip(cases, found, strict=True):
        logits = torch.tensor(case["logits"])
        options = SamplingOptions(**case["options"])
        expected = next_token_probabilities(logits, options)
        assert np.abs(expected.numpy() - page["probabilities"]).max() < 1e-12
        # What may be drawn at all is the same, to the last token.
        assert ((expected > 0).numpy() == (np.array(page["probabilities"]) > 0)).all()
        rows = expected.expand(len(case["numbers"]), -1)
        assert (
            sample(rows, torch.tensor(case["numbers"], dtype=torch.float64)).tolist()
            == (page["ids"])
        )
        row = logits.expand(len(case["numbers"]), -1)
        assert choose(row, case["numbers"], options).tolist() == page["ids"]


def test_equal_scores_keep_the_order_of_their_ids(engine):
    page = engine(SAMPLING)
    kept = page.evaluate(
        """() => [{ top_k: 2 }, { top_p: 0.5 }, { temperature: 0 }, { min_p: 1 }].map((options) =>
          [...book("engine/sampling.js").distribution([1, 2, 2, 2, 0], options).probabilities]
            .flatMap((p, id) => p > 0 ? [id] : []))"""
    )
    assert kept == [[1, 2], [1, 2], [1], [1, 2, 3]]


@pytest.mark.parametrize(
    ("logits", "message"),
    [("[]", "there are no logits"), ("[0, NaN]", "NaN"), ("[0, Infinity]", "inf")],
)
def test_logits_of_a_broken_model_are_an_error(engine, logits, message):
    with pytest.raises(Error, match=message):
        engine(SAMPLING).evaluate(f"() => book('engine/sampling.js').distribution({logits})")


@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (1, 0), (7, 3), (2**53 - 1, 2**32 - 1)])
def test_numbers_of_a_seed_are_those_of_python(engine, seed, stream):
    found = engine(UNIFORM).evaluate(
        """([seed, stream]) => {
          const next = book("engine/uniform.js").uniform(seed, stream);
          return Array.from({ length: 50 }, next);
        }""",
        [seed, stream],
    )
    numbers = Uniform(seed, stream)
    assert found == [numbers.next() for _ in range(50)]


def test_a_thousand_draws_are_those_of_python(engine):
    logits = DRAW.normal(0, 2, 200).astype(np.float32)
    probabilities = next_token_probabilities(torch.tensor(logits), SamplingOptions(top_p=0.9))
    counts = engine(SAMPLING, DRAWS).evaluate(
        """(logits) => {
          const { nextTokenProbabilities } = book("engine/sampling.js");
          const shares = nextTokenProbabilities(Float32Array.from(logits), { top_p: 0.9 });
          return [...book("engine/draws.js").countDraws(shares, 5, 1000)];
        }""",
        logits.tolist(),
    )
    numbers = Uniform(5)
    points = torch.tensor([numbers.next() for _ in range(1000)], dtype=torch.float64)
    drawn = sample(probabilities.expand(1000, -1), points)
    assert counts == torch.bincount(drawn, minlength=200).tolist()


def test_chi_square_tails_are_those_of_torch(engine):
    cases = [
        (x, k) for k in (1, 2, 3, 10, 51, 200, 1000) for x in (0, 0.1, k / 2, k, 1.3 * k, 3000)
    ]
    found = engine(DRAWS).evaluate(
        "(cases) => cases.map(([x, k]) => book('engine/draws.js').chiTail(x, k))", cases
    )
    for (x, k), tail in zip(cases, found, strict=True):
        half = torch.tensor([k / 2, x / 2], dtype=torch.float64)
        assert tail == pytest.approx(float(torch.special.gammaincc(*half)), abs=1e-9)


COMPARE = """([shares, seeds, count]) => seeds.map((seed) => {
  const { countDraws, compareCounts } = book("engine/draws.js");
  return compareCounts(countDraws(Float64Array.from(shares), seed, count), shares);
})"""


def test_what_chance_does_to_counts_is_foretold(engine):
    """Fair draws exceed the test's tail as often as it says, and stray as far as is foretold."""
    shares = (DRAW.dirichlet(np.full(40, 0.3))).tolist()
    found = engine(DRAWS).evaluate(COMPARE, [shares, list(range(300)), 1000])
    tails = np.array([one["tail"] for one in found])
    assert all(abs((tails < level).mean() - level) < 0.08 for level in (0.1, 0.5, 0.9))
    variation = np.mean([one["variation"] for one in found])
    assert variation == pytest.approx(found[0]["byChance"], rel=0.1)
    assert found[0]["n"] == 1000


def test_counts_that_are_not_fair_are_found_out(engine):
    page = engine(DRAWS)
    script = "([c, p]) => book('engine/draws.js').compareCounts(Int32Array.from(c), p)"
    off = page.evaluate(script, [[600, 400], [0.5, 0.5]])
    assert off["variation"] == pytest.approx(0.1)
    assert off["chiSquare"] == pytest.approx(40)
    assert off["tail"] < 1e-9
    sure = page.evaluate(script, [[0, 1000], [0, 1]])
    assert (sure["variation"], sure["degrees"], sure["tail"]) == (0, 0, None)


# Writing, with a model


def load(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { gpt } = await book("ui/model.js").loadModel();
          globalThis.gpt = gpt;
          const { createWriting, drawNext, numbersOf } = book("engine/story_writing.js");
          globalThis.writing = createWriting(gpt, 1023);
          globalThis.write = async (prompt, seed, options, most) => {
            const numbers = numbersOf(seed);
            let state = await writing.begin(prompt);
            while (!writing.over(state) && state.steps.length < most) {
              state = await writing.add(state, drawNext(state, numbers, options));
            }
            return writing.idsOf(state);
          };
        }"""
    )


@pytest.fixture(scope="module")
def model(model_folder) -> GPT:
    torch.set_num_threads(1)
    return GPT.from_pretrained(model_folder).eval()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 0.8, "top_k": 40},
        {"temperature": 1.4, "top_p": 0.9, "min_p": 0.02},
        {"temperature": 0},
    ],
)
def test_the_same_seed_writes_the_same_text_as_generate(engine, model, options):
    page = engine("ui/model.js", WRITING)
    load(page)
    for seed, prompt in ((1, [END]), (2**40 + 7, [END, 300, 301, 17, 400])):
        expected = generate(model, prompt, 60, seed=seed, stop_tokens=[END], **options)
        found = page.evaluate(
            "([prompt, seed, options]) => write(prompt, seed, options, 60)",
            [prompt, seed, options],
        )
        assert found == expected


def test_going_back_leaves_the_past_as_it_was(engine, model):
    page = engine("ui/model.js", WRITING)
    load(page)
    found = page.evaluate(
        """async () => {
          let state = await writing.begin([1023, 300, 301]);
          for (const id of [5, 6, 7]) state = await writing.add(state, id);
          const other = await writing.add(state, 99, { place: 1 });
          const again = await writing.begin([1023, 300, 301], [5, 99]);
          const full = await writing.begin(Array.from({ length: 256 }, () => 5));
          const difference = (a, b) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));
          return {
            kept: writing.idsOf(state),
            ids: writing.idsOf(other),
            same: difference(other.next, again.next),
            before: difference(other.steps[1].logits, again.steps[1].logits),
            next: [...other.next],
            over: writing.over(full),
          };
        }"""
    )
    assert found["kept"] == [END, 300, 301, 5, 6, 7]
    assert found["ids"] == [END, 300, 301, 5, 99]
    assert found["same"] < 1e-4 and found["before"] < 1e-4
    assert found["over"] == "full"
    logits, _ = model(torch.tensor([found["ids"]]))
    assert np.abs(logits[0, -1].detach().numpy() - found["next"]).max() < 1e-3


def test_the_tree_multiplies_along_its_paths(engine, model):
    page = engine("ui/model.js", WRITING, TREE, "engine/prefix_reader.js")
    load(page)
    prompt = [END, 300, 301]
    tree = page.evaluate(
        """async (prompt) => {
          const { readAlternatives, alternatives } = book("engine/alternatives.js");
          const read = book("engine/prefix_reader.js").createPrefixReader(gpt);
          const [logits] = await read(prompt);
          const root = await readAlternatives(read, prompt, { logits, end: 1023 });
          const draw = (options) => alternatives(root, options, { rows: 12 });
          return [draw({ temperature: 1.5 }), draw({ temperature: 0 }), draw({ top_k: 2 })];
        }""",
        prompt,
    )
    for options, drawn in zip(
        ({"temperature": 1.5}, {"temperature": 0}, {"top_k": 2}), tree, strict=True
    ):
        check_tree(model, prompt, SamplingOptions(**options), drawn)
    assert [node["share"] for node in tree[1]["nodes"]] == [1, 1, 1, 1]  # one path at 0
    assert {len(node["path"]) for node in tree[1]["nodes"]} == {1, 2, 3, 4}


def check_tree(model: GPT, prompt: list[int], options: SamplingOptions, tree: dict) -> None:
    for node in tree["nodes"]:
        together = 1.0
        for length, id_ in enumerate(node["path"]):
            logits, _ = model(torch.tensor([prompt + node["path"][:length]]))
            shares = next_token_probabilities(logits[0, -1].detach(), options)
            together *= float(shares[id_])
            assert id_ in shares.topk(3).indices.tolist()
        assert node["together"] == pytest.approx(together, abs=1e-4)
        assert node["share"] == pytest.approx(float(shares[id_]), abs=1e-4)
    leaves = [node for node in tree["nodes"] if node["isLeaf"]]
    assert [leaf["row"] for leaf in leaves] == list(range(tree["rows"]))
    assert tree["rows"] <= 12
    assert tree["held"] == pytest.approx(sum(leaf["together"] for leaf in leaves))


def test_the_arithmetic_of_a_token_ends_at_its_probability(engine):
    logits = DRAW.normal(0, 3, 1024).astype(np.float32).tolist()
    options = {"temperature": 0.7, "top_k": 50, "top_p": 0.95, "min_p": 0.01}
    found = engine(SAMPLING, SCENE).evaluate(
        """([logits, options]) => {
          const found = book("engine/sampling.js").distribution(logits, options);
          const { arithmetic, barsScene, tally } = book("engine/sampling_scene.js");
          const sums = logits.map((_, id) => arithmetic(found, logits, id, options));
          return { sums, bars: barsScene(found, 12, options), tally: tally(found) };
        }""",
        [logits, options],
    )
    before = torch.tensor(logits, dtype=torch.float64).div(0.7).softmax(-1)
    after = next_token_probabilities(torch.tensor(logits), SamplingOptions(**options))
    for id_, line in enumerate(found["sums"]):
        assert np.exp(line["score"] - line["logSum"]) == pytest.approx(float(before[id_]), rel=1e-6)
        assert line["after"] == pytest.approx(float(after[id_]), abs=1e-9)
        limits = [line[name] for name in ("topK", "topP", "minP")]
        assert all(limit["isKept"] for limit in limits if limit) == (float(after[id_]) > 0)
        if line["fate"] == 0:
            assert line["before"] / line["keptShare"] == pytest.approx(line["after"])
    rest, rows = found["bars"]["rest"], found["bars"]["rows"]
    assert sum(row["after"] for row in rows) + rest["after"] == pytest.approx(1)
    assert sum(row["before"] for row in rows) + rest["before"] == pytest.approx(1)
    assert sum(found["tally"].values()) == 1024
    assert found["tally"]["kept"] == int((after > 0).sum())
    assert found["bars"]["limits"]["minP"] == pytest.approx(0.01 * float(before.max()))
