"""The probabilities of tales: exact, normalised, and placed where the text shows them."""

import math
from bisect import bisect_right
from collections import Counter

import pytest

from llm_lib.tales import KINDS, SPLITS, entropy_of, entropy_per_token, floor_by_kind, stories
from llm_lib.tales.generate import Sampler
from llm_lib.tales.grammar import Walk
from llm_lib.tales.lexicon import Domain, Table, Word, hold_apart
from llm_lib.tales.proofs import check_roles, follow, prefix_clashes
from llm_lib.tales.recorder import Recorder
from llm_lib.tales.splits import ANYTHING, LABELS, label_of
from llm_lib.tales.story import STORY
from llm_lib.tales.template import compile_template
from llm_lib.tales.world import DOMAINS

TALES = list(stories(600, seed=21))

SMALL = """
[opening: One {thing:thing} lay in the {spot:place} | In the {spot:place} lay a {thing:thing}].
There was a {more:thing} too.
[event turn: gone*3 = It vanished. | kept = It stayed.] <turn: gone = Oh! | kept = Ah!>
[ending: a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t]
"""


def _every_walk(story, split):
    """All derivations of a grammar as (text, log_prob, ending), by trying every index in turn."""
    script = []
    while True:
        taken, logs, ending = [], [], []

        def choose(walk, node, table, taken=taken, logs=logs, ending=ending, script=script):
            index = script[len(taken)] if len(taken) < len(script) else 0
            taken.append((index, len(table.values)))
            logs.append(table.log_probs[index])
            if node.decides_split:
                ending.append(label_of("".join(walk.out), index))
            return index

        walk = Walk(split, choose)
        story.run(walk)
        yield "".join(walk.out), sum(logs), ending[0]
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return
        script = [index for index, _ in taken[:-1]] + [taken[-1][0] + 1]


@pytest.mark.parametrize("rule", ["train", "heldout"])
def test_small_grammar_sums_to_one_and_splits_have_their_exact_mass(rule):
    things = Domain(
        "thing", 0, [Word(w, {"bare": t}) for t, w in (("cup", 1), ("hat", 2), ("key", 3))]
    )
    places = Domain("place", 1, [Word(w, {"bare": t}) for t, w in (("barn", 1), ("cave", 4))])
    hold_apart(things, places)
    story = compile_template(SMALL, {"thing": things, "place": places})
    split = SPLITS[rule]
    mass = Counter()
    seen = set()
    for text, log_prob, label in _every_walk(story, split):
        assert text not in seen
        seen.add(text)
        for name, other in SPLITS.items():
            if other.rule == split.rule and label in other.labels:
                mass[name] += math.exp(log_prob)
    assert sum(mass.values()) == pytest.approx(1, abs=1e-9)
    apart = [text for text in seen if "cup" in text and "barn" in text]
    assert len(seen) > 500 and (rule == "heldout") == bool(apart)
    for name, total in mass.items():
        assert total == pytest.approx(SPLITS[name].mass, abs=1e-9)


def test_splits_part_the_labels():
    labels = [label for name in ("train", "validation", "test") for label in SPLITS[name].labels]
    assert sorted(labels) == list(range(LABELS)) == list(SPLITS["heldout"].labels)


def test_every_choice_of_the_grammar_sums_to_one_and_endings_are_uniform():
    tables, endings, kinds = [], [], set()

    def visit(node, scope):
        if node.is_choice:
            kinds.add(node.kind)
            tables.append(node.domain.table(0) if hasattr(node, "domain") else node.table)
            if node.decides_split:
                endings.append(node.table)

    follow(STORY, {}, visit)
    for table in tables:
        assert sum(map(math.exp, table.log_probs)) == pytest.approx(1, abs=1e-12)
    assert all(len(set(t.cumulative)) == LABELS == t.total for t in endings)
    assert kinds == set(KINDS)


def test_odds_stay_normalised_when_words_are_used_up_or_held_out():
    domain = DOMAINS["animal"]
    for excluded in (0b1, 0b1010, domain.everything & ~0b100):
        table = domain.table(excluded)
        assert not any(word.bit & excluded for word in table.values)
        assert sum(map(math.exp, table.log_probs)) == pytest.approx(1, abs=1e-12)
    with pytest.raises(ValueError, match="no word of 'animal'"):
        domain.table(domain.everything)


def test_log_prob_is_the_sum_of_the_choices():
    for tale in TALES:
        assert tale.log_prob == sum(choice.log_prob for choice in tale.choices)
        assert tale.log_prob_in_split == pytest.approx(tale.log_prob - math.log(0.9))
        assert all(c.log_prob <= 0 and c.kind in KINDS for c in tale.choices)


def test_spans_go_from_left_to_right_and_every_tale_ends_with_one_ending():
    for tale in TALES:
        ends = 0
        for choice in tale.choices:
            assert ends <= choice.start < choice.end <= len(tale.text)
            ends = choice.end
        assert [c.kind for c in tale.choices].count("ending") == 1
        assert tale.choices[-1].kind == "ending"


class _Script:
    """Chooses as told, then at random."""

    def __init__(self, indices, seed):
        self.indices, self.taken, self.sizes = indices, [], []
        self.rest = Sampler(seed, ANYTHING).choose

    def choose(self, walk, node, table):
        done = len(self.taken)
        index = self.indices[done] if done < len(self.indices) else self.rest(walk, node, table)
        self.taken.append(index)
        self.sizes.append(len(table.values))
        return index


def test_text_before_a_span_hides_the_choice_and_text_to_its_end_settles_it():
    """Force every other option of every choice of some tales, and compare the texts."""
    for seed in range(12):
        script = _Script([], seed)
        tale = Recorder(script.choose).tell(STORY, ANYTHING)
        for number, choice in enumerate(tale.choices):
            others = []
            for option in set(range(script.sizes[number])) - {script.taken[number]}:
                forced = _Script([*script.taken[:number], option], seed)
                others.append(Recorder(forced.choose).tell(STORY, ANYTHING).text)
            before, settled = tale.text[: choice.start], tale.text[: choice.end]
            assert all(text.startswith(before) for text in others)
            assert not any(text.startswith(settled) for text in others)
            assert any(text[choice.start] != tale.text[choice.start] for text in others)
            assert any(text.startswith(settled[:-1]) for text in others)


def test_mentions_are_in_the_text_and_outside_choices_of_their_kind():
    for tale in TALES[:200]:
        for mention in tale.mentions:
            assert 0 <= mention.start < mention.end <= len(tale.text)
            if mention.kind in DOMAINS:
                said = tale.text[mention.start : mention.end].lower()
                assert mention.value.lower() in said


def test_choices_are_as_frequent_as_they_are_probable():
    """Chi-square of the choices that do not depend on others, over 8,000 tales."""
    counts = {kind: Counter() for kind in ("opening", "shape", "weather", "time", "mood", "look")}
    tables = {}
    n = 8000
    for seed in range(n):
        seen, sampler = set(), Sampler(seed, SPLITS["train"])

        def choose(walk, node, table, seen=seen, sampler=sampler):
            index = sampler.choose(walk, node, table)
            if node.kind in counts and node.kind not in seen:
                seen.add(node.kind)
                counts[node.kind][index] += 1
                tables[node.kind] = table
            return index

        STORY.run(Walk(SPLITS["train"], choose))
    for kind, count in counts.items():
        expected = [n * math.exp(log_prob) for log_prob in tables[kind].log_probs]
        square = sum((count[i] - wanted) ** 2 / wanted for i, wanted in enumerate(expected))
        freedom = len(expected) - 1
        assert square < freedom + 5 * math.sqrt(2 * freedom), kind


def test_surprise_is_the_entropy_on_average_for_every_kind():
    """A choice's surprise less its entropy has mean 0, whatever came before it."""
    excess, variance = Counter(), Counter()
    for seed in range(1500):
        sampler = Sampler(seed, SPLITS["train"])

        def choose(walk, node, table, sampler=sampler):
            index = sampler.choose(walk, node, table)
            logs = table.log_probs
            entropy = -sum(math.exp(log) * log for log in logs)
            excess[node.kind] += -logs[index] - entropy
            variance[node.kind] += sum(math.exp(g) * (g + entropy) ** 2 for g in logs)
            return index

        STORY.run(Walk(SPLITS["train"], choose))
    for kind, total in excess.items():
        assert abs(total) < 4.5 * math.sqrt(variance[kind]) + 1e-6, kind


def test_entropy_counts_one_end_of_text_per_story():
    found = entropy_of(TALES, str.split)
    words = [len(tale.text.split()) for tale in TALES]
    nats = -sum(tale.log_prob for tale in TALES)
    assert found.nats_per_token == pytest.approx(nats / (sum(words) + len(words)))
    assert found.tokens_per_story == pytest.approx(sum(words) / len(words) + 1)
    assert found.nats_per_story == pytest.approx(nats / len(TALES))
    assert 0 < found.standard_error < 0.02 * found.nats_per_token
    assert 35 < found.nats_per_story < 60


def test_standard_error_shrinks_as_it_should():
    few, many = (entropy_of(TALES[:n], len_as_tokens) for n in (150, 600))
    assert few.standard_error / many.standard_error == pytest.approx(2, rel=0.2)


def len_as_tokens(text):
    return range(len(text))


def test_floor_by_kind_sums_to_the_floor():
    whole = entropy_per_token(str.split, n=300, seed=4)
    parts = floor_by_kind(str.split, n=300, seed=4)
    assert sum(parts.values()) == pytest.approx(whole.nats_per_token)
    assert list(parts.values()) == sorted(parts.values(), reverse=True)
    assert set(parts) <= set(KINDS)


@pytest.mark.parametrize("n", [0, -3])
def test_entropy_of_nothing_is_refused(n):
    with pytest.raises(ValueError, match="at least 1"):
        entropy_per_token(str.split, n=n)
    with pytest.raises(ValueError, match="at least one"):
        entropy_of([], str.split)


def test_table_draws_by_whole_number_weights():
    table = Table("abc", (1, 2, 1))
    drawn = [table.values[bisect_right(table.cumulative, u * table.total)] for u in (0, 0.3, 0.99)]
    assert drawn == ["a", "b", "c"]
    with pytest.raises(ValueError, match="weight"):
        Table("ab", (1, 0))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("[wording: one | two", "closed by"),
        ("one ] two", "closes nothing"),
        ("[one | two]", "colon"),
        ("{hero:dragon}", "no domain 'dragon'; there are name"),
        ("{>nowhere}", "no fragment 'nowhere'"),
        ("{!hero loves cake}", "a fact is"),
        ("{he ro}", "is no slot"),
        ("[event turn: a = one | two]", "labels"),
        ("<turn: a = one | a = two>", "labels"),
    ],
)
def test_a_template_with_a_mistake_says_what_and_where(source, words):
    with pytest.raises(ValueError, match=words):
        compile_template(source, DOMAINS)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{hero} sang.", "'hero' is used where it may be unknown"),
        ("[event: {a:name} ran | It rained], and {a} sang.", "'a' is used"),
        ("{a:name} and {a.wings}", "'a' has no form 'wings'"),
        ("{a:name} {!a has kite}", "'kite' is used"),
        ("[event turn: x = one | y = two] <turn: x = three | z = four>", "turn"),
    ],
)
def test_a_story_that_speaks_of_strangers_is_refused(source, words):
    with pytest.raises(ValueError, match=words):
        check_roles(compile_template(source, DOMAINS))


@pytest.mark.parametrize(
    ("source", "clashes"),
    [
        ("[wording: ran | ran off]", 1),
        ("[wording: ran home | ran off]", 0),
        ("{a:name} [wording: {a} | Tom] sang", 1),
        ("{a:name} [wording: {a} sang | {a} ran]", 0),
        ("[event t: x = one | y = two] [wording: <t: x = a | y = b> | b c]", 1),
        ("[wording: {a:name} | the {b:animal}]", 1),
    ],
)
def test_prefix_clashes_are_found(source, clashes):
    assert len(list(prefix_clashes(compile_template(source, DOMAINS)))) == clashes
