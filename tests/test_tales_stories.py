"""The tales as texts: length, language, splits, determinism."""

import hashlib
import itertools
import re

import pytest

from llm_lib.tales import SPLITS, corpus, generate, stories, texts
from llm_lib.tales.grammar import Alternatives, Text, Walk
from llm_lib.tales.proofs import count_choices, follow, prefix_clashes, word_bounds
from llm_lib.tales.reader import Reader
from llm_lib.tales.splits import ANYTHING
from llm_lib.tales.story import STORY
from llm_lib.tales.world import DOMAINS

TALES = list(stories(600, seed=11))
MANY = {name: list(texts(3000, seed=12, split=name)) for name in SPLITS}


def test_every_possible_story_has_60_to_150_words():
    fewest, most = word_bounds(STORY)
    assert 60 <= fewest <= most <= 150
    assert all(fewest <= len(text.split()) <= most for text in MANY["train"] + MANY["heldout"])


def test_world_is_rich():
    words = set(re.findall(r"[a-z]+", " ".join(MANY["train"]).lower()))
    assert len(words) >= 400
    assert {tale.facts.shape for tale in TALES} >= {"lost", "trade", "gift", "storm", "promise"}
    assert count_choices(STORY) > 100


def test_texts_are_clean_plain_english():
    for text in MANY["train"] + MANY["heldout"]:
        assert text.isascii() and text.strip() == text
        assert not re.search(r"  | \n|\n |\n\n| [.,!?]|[{}<>|\[\]=]", text), text
        assert re.fullmatch(r'[A-Z"].*[.!?]"?', text, re.DOTALL), text
        assert text.count('"') % 2 == 0
        assert not re.search(r"[.!?] [a-z]|\n[a-z]", text), text  # a sentence starts with a capital
        assert not re.search(r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]", text), text
        assert not re.search(r"\b(\w+) \1\b", text), text


def test_there_is_dialogue_in_almost_every_tale():
    assert sum('"' in text for text in MANY["train"]) > 0.9 * len(MANY["train"])


def test_pronouns_agree_with_the_name():
    sexes = {word["bare"]: word["he"] for word in DOMAINS["name"].words}
    for tale in TALES:
        for mention in tale.mentions:
            if mention.kind == "pronoun" and mention.value in sexes:
                said = tale.text[mention.start : mention.end].lower()
                male = said in ("he", "him", "his", "himself")
                assert male == (sexes[mention.value] == "he"), tale.text


def test_fixed_text_never_says_a_word_of_the_world():
    """Else a pair could meet, or a place be named, behind the grammar's back."""
    kinds = ("name", "animal", "thing", "place")
    words = {word["bare"] for kind in kinds for word in DOMAINS[kind].words}
    said = []

    def visit(node, scope):
        if isinstance(node, Text):
            said.extend(words & set(re.findall(r"\w+", node.text)))

    follow(STORY, {}, visit)
    for domain in DOMAINS.values():
        for word in domain.words:
            own = {word["bare"]} if domain.name in kinds else set()
            forms = " ".join(word.values())
            said.extend((words - own) & set(re.findall(r"\w+", forms)))
    assert said == []


def test_nobody_and_nothing_comes_twice():
    for tale in TALES:
        drawn = [(c.kind, c.value) for c in tale.choices if c.kind in DOMAINS]
        assert len(drawn) == len(set(drawn)), tale.text


def test_no_option_of_a_choice_begins_another():
    assert list(prefix_clashes(STORY)) == []


def test_all_ways_to_tell_of_the_same_people_differ():
    """Every derivation with the first word of each domain and the first ending."""
    seen, script = set(), []
    while script is not None:
        taken = []

        def choose(walk, node, table, script=script, taken=taken):
            if not isinstance(node, Alternatives) or node.kind in ("ending", "speech"):
                return 0
            index = script[len(taken)] if len(taken) < len(script) else 0
            taken.append((index, len(table.values)))
            return index

        walk = Walk(ANYTHING, choose)
        STORY.run(walk)
        text = "".join(walk.out)
        assert text not in seen
        seen.add(text)
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        script = [i for i, _ in taken[:-1]] + [taken[-1][0] + 1] if taken else None
    assert len(seen) > 10_000


def test_a_text_is_in_the_one_split_that_its_label_names():
    for name in ("train", "validation", "test"):
        for text in MANY[name][:150]:
            reader = Reader(text)
            reader.read(SPLITS[name])
            assert [s for s in SPLITS if s != "heldout" and reader.label in SPLITS[s].labels] == [
                name
            ]


def _pairs(text):
    """(name, animal) and (thing, place) pairs that meet anywhere in a text, by numbers."""
    words = set(re.findall(r"\w+", text))
    for first, second in (("name", "animal"), ("thing", "place")):
        for one, other in itertools.product(
            *(enumerate(DOMAINS[d].words) for d in (first, second))
        ):
            if one[1]["bare"] in words and other[1]["bare"] in words:
                yield first, one[0], other[0]


def _is_apart(pair):
    _, first, second = pair
    return (3 * first + 5 * second) % 16 == 0


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_held_out_pairs_never_meet_outside_heldout(split):
    assert not any(_is_apart(pair) for text in MANY[split][:800] for pair in _pairs(text))


def test_every_heldout_tale_has_pairs_of_both_sorts():
    for text in MANY["heldout"][:800]:
        assert {"name", "thing"} == {pair[0] for pair in _pairs(text) if _is_apart(pair)}, text


def test_corpus_is_the_texts_of_the_stories():
    for split in SPLITS:
        tales = list(stories(40, seed=3, split=split))
        joined = "".join(tale.text + "<|endoftext|>" for tale in tales)
        assert corpus(40, seed=3, split=split) == joined
        assert [generate(tale.seed, tale.split) for tale in tales] == tales


def test_more_stories_start_with_the_same_ones():
    assert list(texts(30, seed=2))[:10] == list(texts(10, seed=2))
    assert list(texts(10, seed=2)) != list(texts(10, seed=3))


def test_texts_are_pinned_for_every_python_and_platform():
    """Change this hash only with the world or the shapes, on purpose."""
    joined = "".join(corpus(200, seed=0, split=split) for split in SPLITS)
    assert (
        hashlib.sha256(joined.encode()).hexdigest()
        == "39117c9fc3f68a9c036ab89fc3cec0fcc50392611454bcfa34974565a4275fe4"
    )


def test_facts_agree_with_the_text():
    for tale in TALES:
        facts = tale.facts
        assert facts.hero in tale.text and facts.mood in tale.text
        for thing, holder in facts.holders.items():
            assert thing in tale.text and holder.removeprefix("the ") in tale.text
        assert set(facts.holders.values()) <= {
            name for role in facts.roles.values() for name in (role, f"the {role}")
        }
        assert all(place in tale.text for place in facts.places.values())


def test_racers_are_at_the_goal_and_wishes_that_came_true_are_gone():
    races = [tale for tale in TALES if tale.facts.shape == "race"]
    for facts in (tale.facts for tale in races):
        assert facts.places[facts.hero] == facts.roles["goal"]
        won = facts.outcome == "won"
        assert (facts.holders[facts.roles["thing"]] == facts.hero) == won
        assert (facts.hero in facts.wants) != won
    assert {tale.facts.outcome for tale in races} == {"won", "tied", "beaten"}


@pytest.mark.parametrize(
    ("outcome", "holder"), [("given", "the friend"), ("swapped", "the friend"), ("kept", "hero")]
)
def test_gift_goes_to_the_right_one(outcome, holder):
    gifts = [t for t in TALES if t.facts.shape == "gift" and t.facts.outcome == outcome]
    assert gifts
    for tale in gifts:
        roles = tale.facts.roles
        right = roles["hero"] if holder == "hero" else f"the {roles['friend']}"
        assert tale.facts.holders[roles["thing"]] == right


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: generate(0, "dev"), ValueError, "'dev'.*'train'.*'heldout'"),
        (lambda: generate(0, None), ValueError, "None.*'train'"),
        (lambda: generate("0"), TypeError, "seed is '0'.*int"),
        (lambda: generate(True), TypeError, "seed is True"),
        (lambda: generate(1.0), TypeError, "seed is 1.0"),
        (lambda: stories(-1), ValueError, "n is -1.*at least 0"),
        (lambda: stories(2.5), TypeError, "n is 2.5"),
        (lambda: corpus(3, seed=None), TypeError, "seed is None"),
        (lambda: corpus(3, split="Train"), ValueError, "'Train'"),
    ],
)
def test_bad_input_is_refused_at_once(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_no_stories_is_an_empty_corpus_and_any_int_is_a_seed():
    assert corpus(0) == "" and list(stories(0)) == []
    assert len({generate(seed).text for seed in (-1, 0, 1, 2**63)}) == 4
