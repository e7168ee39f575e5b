"""Training in the page: the same merges as Python's trainer, and the truth about each step."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Error, Page

from llm_lib.tokenizers import BPETokenizer, BPETrainer
from llm_lib.tokenizers.piece_counts import count_pieces

pytestmark = pytest.mark.browser

TRAINING, SLICES = "engine/bpe_training.js", "engine/slices.js"
ALPHABETS = ["ab", "abc ", "aàé 1", "aб👩‍👩 ", " \n", "the cat sat "]
STORY = """The lamp and the lamplighter climbed the hill; then the hill, they say, climbed the lamp.
Neither of them had been asked. aaaa aaaaaaa, said the crows; "aaa," said the lamp."""

# The answer comes as one string, since Playwright walks values one by one.
TRAIN = """([texts, tieBreak, steps]) => JSON.stringify(texts.map((text) => {
  const trainer = book("engine/bpe_training.js").createTrainer(text, { tieBreak });
  trainer.train(steps);
  const bytes = (id) => Array.from(trainer.tokenBytes(id));
  return trainer.history.map(({ pair, count }) => [...pair.map(bytes), count]);
}))"""


@pytest.fixture
def page(engine: Callable[..., Page]) -> Page:
    return engine(TRAINING, SLICES)


def train(page: Page, texts: list[str], tie_break: str, steps: int) -> list[list]:
    """The steps of training on each text in the page: [left bytes, right bytes, count]."""
    return json.loads(page.evaluate(TRAIN, [texts, tie_break, steps]))


def corpora(rng: random.Random, n: int) -> list[str]:
    """Small texts over few letters: many repeats, many ties, runs such as aaaa."""
    return ["".join(rng.choices(rng.choice(ALPHABETS), k=rng.randrange(1, 120))) for _ in range(n)]


def python_steps(text: str, tie_break: str, n: int) -> list[list]:
    steps = BPETrainer(count_pieces(text), tie_break).steps()
    return [[*map(list, step.pair), step.count] for step, _ in zip(steps, range(n), strict=False)]


@pytest.mark.parametrize("tie_break", ["lexicographic", "first"])
def test_merges_are_those_of_python(page: Page, tie_break: str) -> None:
    texts = [
        *corpora(random.Random(8), 400),
        STORY,
        "a" * 50,
        "aaa aaaa aaaaaaa",
        "x",
        "\x00\x00\x00",
    ]
    found = train(page, texts, tie_break, 60)
    assert found == [python_steps(text, tie_break, 60) for text in texts]


def test_both_tie_rules_are_used(page: Page) -> None:
    first, lexicographic = (
        train(page, ["ab cd"], rule, 1)[0][0] for rule in ("first", "lexicographic")
    )
    assert first == [[97], [98], 1]
    assert lexicographic == [[99], [100], 1]


def counted(text: str, merges: list) -> tuple[Counter, int]:
    """Every pair of a tokenized text, counted by looking; and the length in tokens."""
    pairs: Counter = Counter()
    length = 0
    encode = BPETokenizer.from_merges(merges).encode
    for piece, times in count_pieces(text).items():
        ids = encode(piece)
        length += times * len(ids)
        for pair in pairwise(ids):
            pairs[pair] += times
    return pairs, length


@pytest.mark.parametrize("tie_break", ["lexicographic", "first"])
def test_every_moment_can_be_revisited(page: Page, tie_break: str) -> None:
    states = page.evaluate(
        """([text, tieBreak]) => {
          const { createTrainer } = book("engine/bpe_training.js");
          const trainer = createTrainer(text, { tieBreak, candidates: 6 });
          trainer.train(40);
          return Array.from({ length: 41 }, (_, i) => {
            const { bpe, ...state } = trainer.stateAt(40 - i);
            return { ...state, ids: bpe.encodeIds(text) };
          }).reverse();
        }""",
        [STORY, tie_break],
    )
    steps = BPETrainer(count_pieces(STORY), tie_break).steps()
    merges = [step.pair for step, _ in zip(steps, range(40), strict=False)]
    for made, state in enumerate(states):
        pairs, length = counted(STORY, merges[:made])
        assert (state["step"], state["vocabSize"]) == (made, 256 + made)
        assert state["corpusLength"] == length == len(state["ids"])
        assert state["ids"] == BPETokenizer.from_merges(merges[:made]).encode(STORY)
        counts = [c["count"] for c in state["candidates"]]
        assert counts == [count for _, count in pairs.most_common(6)]
        assert all(pairs[tuple(c["pair"])] == c["count"] for c in state["candidates"])
        if made:
            assert state["last"]["pair"] == states[made - 1]["candidates"][0]["pair"]
            assert state["last"]["runnerUp"] == states[made - 1]["candidates"][1]
            assert state["last"]["newId"] == 255 + made


def test_a_step_says_why_its_pair_won(page: Page) -> None:
    steps = page.evaluate(
        """() => {
          const trainer = book("engine/bpe_training.js").createTrainer("ab ab ab cd cd cd ef");
          return [trainer.step(), trainer.step(), trainer.step()];
        }"""
    )
    assert [step["pair"] for step in steps] == [[99, 100], [97, 98], [32, 256]]  # cd, ab, " cd"
    # cd and ab stand 3 times each, and c > a; then ab and " cd", and a > space; then " ab" only 2.
    assert [step["decidedBy"] for step in steps] == ["lexicographic", "lexicographic", "count"]
    assert [step["count"] for step in steps] == [3, 3, 3]
    assert steps[2]["runnerUp"] == {"pair": [32, 257], "count": 2}


def test_training_ends_when_nothing_is_left_to_merge(page: Page) -> None:
    taken, last, empty = page.evaluate(
        """() => {
          const { createTrainer } = book("engine/bpe_training.js");
          const trainer = createTrainer("abc");
          return [trainer.train(10), trainer.step(), createTrainer("").step()];
        }"""
    )
    assert (taken, last, empty) == (2, None, None)


MEGABYTES = {
    "one letter": "'a'.repeat(1e6)",
    "spaces": "' '.repeat(1e6)",
    "unlike words": """Array.from({ length: 6e4 }, (_, i) =>
      " " + i.toString(2).replaceAll("0", "a").replaceAll("1", "b")).join("")""",
}


@pytest.mark.parametrize("text", MEGABYTES.values(), ids=MEGABYTES)
def test_a_megabyte_is_trained_on_in_slices(page: Page, text: str) -> None:
    # A clock that is always due shows every place where the work can pause, on any machine.
    prepared, trained, same, n_pieces, n_bytes = page.evaluate(
        f"""() => {{
          const text = {text};
          const {{ createTrainer, createTrainerSliced }} = book("engine/bpe_training.js");
          const clock = {{ due: () => true }};
          const count = (work) => {{
            for (let slices = 0; ; slices += 1) {{
              const {{ done, value }} = work.next();
              if (done) return [slices, value];
            }}
          }};
          const [prepared, trainer] = count(createTrainerSliced(text, {{ clock }}));
          const [trained] = count(trainer.trainSliced(2, {{ clock }}));
          const atOnce = createTrainer(text);
          atOnce.train(2);
          const same = `${{atOnce.merges}}` === `${{trainer.merges}}`;
          const bytes = trainer.stateAt(0).corpusLength;
          return [prepared, trained, same, trainer.pieceCounts.size, bytes];
        }}"""
    )
    assert same
    # Every 256 pieces while they are counted, every 1,024 while they are laid out (twice), and
    # every 4,096 bytes while their pairs are counted. Every piece here is unlike the others.
    assert prepared >= n_pieces // 256 + 2 * (n_pieces // 1024) + n_bytes // 4096
    assert trained > 10


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (
            "createTrainer('ab', { tieBreak: 'last' })",
            'tieBreak is "last".*lexicographic" or "first',
        ),
        ("createTrainer('ab').stateAt(1)", "step 1 .* 0 to 0"),
        (
            "const t = createTrainer('a'.repeat(9999)); "
            "t.trainSliced(9, { clock: { due: () => true } }).next(); t.step()",
            "under way",
        ),
    ],
)
def test_errors_name_the_value_and_the_rule(page: Page, code: str, names: str) -> None:
    with pytest.raises(Error, match=names):
        page.evaluate(f"() => {{ const {{ createTrainer }} = book('{TRAINING}'); {code}; }}")
