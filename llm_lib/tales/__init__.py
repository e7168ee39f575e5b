"""Tales: little stories in a closed world, each with its exact probability, derivation and facts.

>>> from llm_lib.tales import check_facts, corpus, generate
>>> tale = generate(0)
>>> tale.text, tale.log_prob, tale.choices, tale.facts  # doctest: +SKIP
>>> check_facts(tale.text).ok
True

The words are in `world.py`, the stories in `frame.py` and `shapes.py`, their language in
`template.py`, the machinery in `grammar.py`. Nothing here needs torch or numpy.
"""

from .entropy import Entropy, entropy_of, entropy_per_token, floor_by_kind
from .generate import END_OF_TEXT, corpus, generate, stories, texts
from .reader import Problem, Report, check_facts, parse
from .splits import SPLITS
from .story import KINDS
from .tale import Choice, Facts, Mention, Tale

__all__ = [
    "END_OF_TEXT",
    "KINDS",
    "SPLITS",
    "Choice",
    "Entropy",
    "Facts",
    "Mention",
    "Problem",
    "Report",
    "Tale",
    "check_facts",
    "corpus",
    "entropy_of",
    "entropy_per_token",
    "floor_by_kind",
    "generate",
    "parse",
    "stories",
    "texts",
]
