"""`STORY`: the whole grammar, compiled once from the world, the frame and the shapes."""

from __future__ import annotations

from .frame import FRAME
from .grammar import Alternatives, Node, Parts, Text
from .proofs import check_roles
from .shapes import SHAPES
from .template import compile_template
from .world import DOMAINS

# What each kind of choice is about. `Choice.kind` is always one of these.
KINDS = {
    "opening": "how the tale begins",
    "shape": "what sort of tale it is",
    "name": "who: a child",
    "person": "who: a grown-up, by trade",
    "animal": "who: an animal",
    "place": "where",
    "thing": "what thing it is about",
    "look": "what the thing looks like",
    "goods": "what small thing is swapped",
    "food": "what there is to eat",
    "number": "how many",
    "flaw": "what is wrong with a place",
    "weather": "the weather",
    "time": "the time of day",
    "mood": "how the hero feels",
    "deed": "what somebody does",
    "find": "what is found instead",
    "event": "what happens",
    "outcome": "how it turns out",
    "speech": "what is said, where nothing hangs on it",
    "wording": "how it is put, where nothing hangs on it",
    "ending": "the last sentence, which also decides the split",
}


def build_story() -> Node:
    """Compile the grammar and check that no word is used before it is known."""
    fragments: dict[str, Node] = {}
    for name, source in FRAME.items():
        fragments[name] = compile_template(source, DOMAINS, fragments)
    shapes = [compile_template(source, DOMAINS, fragments) for source, _ in SHAPES.values()]
    weights = [weight for _, weight in SHAPES.values()]
    shape = Alternatives("shape", "shape", list(SHAPES), weights, shapes)
    story = Parts([fragments["opening"], Text("\n"), shape])
    check_roles(story)
    return story


STORY = build_story()
