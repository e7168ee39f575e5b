"""What a tale is: its text, what was chosen in it, and what is true in it at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from .splits import SPLITS


@dataclass(frozen=True)
class Choice:
    """One free choice.

    `text[:start]` does not show anything of it, `text[start:end]` settles it: `start` is where its
    options first differ, `end` is just after the character that rules out all others. A choice
    with one option left (log_prob 0) has the text of that option as its span.

    kind: one of `KINDS`; value: what was chosen; log_prob: in nats, given all that came before.
    """

    start: int
    end: int
    kind: str
    value: str
    log_prob: float


@dataclass(frozen=True)
class Mention:
    """Text that earlier choices determine: its entropy is 0, but a model must keep track to know.

    kind: "name", "animal", ... for somebody or something said again (`role` tells whom), "pronoun",
    "trait" for what goes with a word ("croaked" with the frog), "consequence" for what follows
    from an earlier event.
    """

    start: int
    end: int
    kind: str
    role: str
    value: str


@dataclass(frozen=True)
class Facts:
    """What is so when the tale ends. People are called as the tale calls them: "Tom", "the fox".

    hero: the child; shape: the shape; outcome: how it turned out (a label of that shape), happy:
    whether it ended well; roles: every word by role; holders: thing -> who has it; places: who ->
    where; wants: who -> what, where the wish is still open; mood: how the hero felt at first;
    labels: all labelled choices.
    """

    hero: str
    shape: str
    outcome: str
    happy: bool
    mood: str
    roles: dict[str, str]
    holders: dict[str, str]
    places: dict[str, str]
    wants: dict[str, str]
    labels: dict[str, str]


@dataclass(frozen=True)
class Tale:
    """A story with its exact log-probability, derivation and facts.

    log_prob: log P(text) in nats under the grammar, the sum over `choices`. For train, validation
    and test this is the one grammar that all three are cut from: what the best model that does
    not know the splitting rule can reach. See `log_prob_in_split` for the other reading.
    seed: what `generate(seed, split)` was given; None for a tale that was parsed.
    """

    text: str
    log_prob: float
    choices: tuple[Choice, ...] = field(repr=False)
    mentions: tuple[Mention, ...] = field(repr=False)
    facts: Facts = field(repr=False)
    seed: int | None
    split: str

    @property
    def log_prob_in_split(self) -> float:
        """log P(text | split): these probabilities sum to 1 over the texts of the split."""
        if self.split not in SPLITS:
            raise ValueError(f"a tale of split {self.split!r} has no probability in a split")
        return self.log_prob - SPLITS[self.split].log_mass
