"""Reading tales back, and grading texts that are not quite tales."""

import random

import pytest

from llm_lib.tales import SPLITS, check_facts, generate, parse, stories
from llm_lib.tales.world import DOMAINS

TALES = list(stories(400, seed=31))


@pytest.mark.parametrize("split", SPLITS)
def test_parse_finds_the_very_derivation(split):
    for tale in stories(400, seed=32, split=split):
        found = parse(tale.text)
        assert found.choices == tale.choices and found.log_prob == tale.log_prob
        assert (found.facts, found.mentions) == (tale.facts, tale.mentions)
        assert (found.split, found.seed) == (split, None)


def test_every_tale_passes_the_grader():
    for tale in TALES:
        report = check_facts(tale.text + "<|endoftext|>whatever follows")
        assert report.ok and not report.problems and report.read == len(tale.text)
        assert report.tale.text == tale.text and str(report) == "a tale"


@pytest.mark.parametrize("kind", ["name", "animal", "thing", "place", "person", "look"])
def test_a_word_swapped_late_is_found_with_its_kind_and_span(kind):
    rng = random.Random(kind)
    tried = 0
    for tale in TALES:
        late = [m for m in tale.mentions if m.kind == kind and m.start > len(tale.text) * 0.6]
        if not late:
            continue
        mention = rng.choice(late)
        said = tale.text[mention.start : mention.end]
        if said.lower().startswith(("a ", "an ")):
            continue  # "a orange" would be wrong twice
        others = [w["bare"] for w in DOMAINS[kind].words if w["bare"] != mention.value]
        other = said.replace(mention.value, rng.choice(others))
        wrong = tale.text[: mention.start] + other + tale.text[mention.end :]
        report = check_facts(wrong)
        assert not report.ok and report.tale is None
        assert report.kinds[0] == kind, (report, wrong)
        problem = report.problems[0]
        assert (problem.start, problem.end) == (mention.start, mention.start + len(other))
        assert problem.expected == (said,) and problem.found == other
        tried += 1
    assert tried > 10


def test_several_wrong_words_are_all_found():
    tale = next(t for t in TALES if t.facts.shape == "trade" and t.facts.outcome == "swapped")
    head, middle, tail = tale.text.partition("By ")
    thing, other = tale.facts.roles["thing"], "umbrella"
    hero = tale.facts.hero
    name = "Zara" if hero != "Zara" else "Ada"
    wrong = head + middle + tail.replace(f" {thing}", f" {other}", 1).replace(hero, name, 1)
    report = check_facts(wrong)
    assert {"thing", "name"} <= set(report.kinds)
    assert not any(problem.fatal for problem in report.problems)


def test_wrong_pronoun_trait_and_consequence_are_told_apart():
    tried = set()
    for tale in TALES[:200]:
        for mention in tale.mentions:
            said = tale.text[mention.start : mention.end]
            if mention.kind == "pronoun":
                wrong = {"he": "she", "she": "he"}.get(said)
            elif mention.kind == "trait" and mention.role == "friend":
                wrong = "sneezed"
            else:
                wrong = "Zzz" if mention.kind == "consequence" else None
            if wrong is None or mention.start < tale.choices[-4].end:
                continue
            text = tale.text[: mention.start] + wrong + tale.text[mention.end :]
            kinds = check_facts(text).kinds
            allowed = {mention.kind, "outcome"} if mention.kind == "consequence" else {mention.kind}
            assert kinds and kinds[0] in allowed | {"ending"}, (text, kinds)
            tried.add((mention.kind, kinds[0]))
    assert {("pronoun", "pronoun"), ("trait", "trait"), ("consequence", "consequence")} <= tried


def test_a_text_cut_short_is_unfinished_and_one_that_goes_on_does_not_end():
    for tale in TALES[:60]:
        cut = check_facts(tale.text[: len(tale.text) * 2 // 3])
        assert cut.kinds == ("unfinished",)
        chosen = [(choice.kind, choice.value) for choice in tale.choices]
        assert [(c.kind, c.value) for c in cut.choices] == chosen[: len(cut.choices)]
        more = check_facts(tale.text + " And more.")
        assert more.kinds == ("end",) and more.read == len(tale.text)


def test_a_stranger_stops_the_reading_where_it_comes():
    tale = TALES[0]
    animal = next(c for c in tale.choices if c.kind == "animal")
    at = tale.text.index(animal.value)
    report = check_facts(tale.text[:at] + "dragon" + tale.text[at + len(animal.value) :])
    assert report.kinds == ("animal",) and report.problems[0].fatal
    assert at <= report.problems[0].start <= at + 2
    assert len(report.choices) == tale.choices.index(animal)


def test_changed_wording_is_called_wording():
    tale = next(t for t in TALES if t.facts.shape == "lost")
    report = check_facts(tale.text.replace("Then we must look", "Then we must cook"))
    assert report.kinds == ("wording",) and report.problems[0].found.startswith("cook")


@pytest.mark.parametrize("text", ["", "\n", "Once upon a time", "One", "é", "<|endoftext|>"])
def test_any_text_is_graded(text):
    report = check_facts(text)
    assert not report.ok and report.problems[-1].fatal and str(report)


def test_noise_is_graded_without_an_error():
    rng = random.Random(4)
    for tale in TALES[:150]:
        letters = list(tale.text)
        for _ in range(rng.randrange(1, 4)):
            letters[rng.randrange(len(letters))] = rng.choice("aeiou \n.\"'{é")
        text = "".join(letters)
        report = check_facts(text)
        assert report.ok == (text == tale.text) or parse(text).text == text
        assert all(0 <= p.start <= p.end <= len(text) for p in report.problems)


def test_parse_names_the_place_and_refuses_other_types():
    with pytest.raises(ValueError, match=r"no tale: opening at 2: expected 'One' or"):
        parse("Once upon a time")
    with pytest.raises(TypeError, match="NoneType"):
        check_facts(None)


def test_held_out_pairs_are_no_fault_but_half_of_them_is_in_no_split():
    tale = generate(1, "heldout")
    assert check_facts(tale.text).ok
    place = tale.facts.roles["start"]
    free = next(w["bare"] for w in DOMAINS["place"].words if w["bare"] not in tale.text)
    mixed = tale.text.replace(place, free)
    assert check_facts(mixed).problems == () or "place" in check_facts(mixed).kinds
    with pytest.raises(ValueError, match=r"no split|no tale"):
        parse(mixed)
