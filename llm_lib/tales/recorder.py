"""Watching a walk: the spans of its choices and mentions, and the facts."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from .grammar import WISHES, Chooser, Node, State, Switch, Walk
from .grammar import Mention as MentionNode
from .lexicon import PRONOUNS, Table, Word
from .splits import Split
from .tale import Choice, Facts, Mention, Tale


class Said(NamedTuple):
    """Determined text, by piece of `out`: `text` is at `offset` in piece number `piece` and on.

    `others` is what could stand there, had the earlier choices been others.
    """

    piece: int
    offset: int
    text: str
    kind: str
    role: str
    value: str
    others: tuple[str, ...]


def shared_length(*texts: str) -> int:
    """How many characters all of `texts` begin with."""
    first, last = min(texts), max(texts)  # what these two share, all between them share
    for at, character in enumerate(first):
        if character != last[at]:
            return at
    return len(first)


def decided_at(options: list[str], index: int) -> tuple[int, int]:
    """Where option `index` shows: from the first difference of any two to its last from another."""
    chosen = options[index]
    if len(options) == 1:
        return 0, len(chosen)
    others = options[:index] + options[index + 1 :]
    settled = max(shared_length(chosen, other) for other in others) + 1
    return shared_length(*options), min(settled, len(chosen))


class Recorder:
    """The log of one walk. It wraps a chooser and notes what that one decides."""

    def __init__(self, choose: Chooser) -> None:
        self._choose = choose
        self.choices: list[Choice] = []
        self.said: list[Said] = []
        self.facts: list[tuple[str, str, str]] = []
        self.out: list[str] = []
        self._seen = 0
        self._position = 0

    def tell(self, story: Node, split: Split, seed: int | None = None) -> Tale:
        """Walk through `story` and write down everything."""
        walk = Walk(split, self.choose, self)
        self.out = walk.out
        story.run(walk)
        return Tale(
            text="".join(walk.out),
            log_prob=sum(choice.log_prob for choice in self.choices),
            choices=tuple(self.choices),
            mentions=self._mentions(),
            facts=self._settled(walk.state),
            seed=seed,
            split=split.name,
        )

    def choose(self, walk: Walk, node: Node, table: Table) -> int:
        """What the wrapped chooser says, noted."""
        index = self._choose(walk, node, table)
        self._position += sum(map(len, walk.out[self._seen :]))
        self._seen = len(walk.out)
        options = node.options(walk.state, table)
        start, end = (self._position + offset for offset in decided_at(options, index))
        value = node.value(index, table, options)
        self.choices.append(Choice(start, end, node.kind, value, table.log_probs[index]))
        return index

    def mention(self, node: MentionNode, word: Word, piece: int) -> None:
        """Called by a `Mention` node before it says piece number `piece`."""
        form = node.form.lower()
        kind = word.domain.name if form in ("bare", "the", "a") else "trait"
        kind = "pronoun" if form in PRONOUNS else kind
        others = tuple(dict.fromkeys(word.domain.texts(node.form)))
        said = Said(piece, 0, word[node.form], kind, node.role, word["bare"], others)
        self.said.append(said)

    def consequence(self, node: Switch, label: str, state: State, piece: int) -> None:
        """Called by a `Switch` node before it says piece number `piece`."""
        options = [branch.head(state)[0] for branch in node.branches.values()]
        index = list(node.branches).index(label)
        whole = (0, len(options[index]))  # where another way starts with a choice, or says nothing
        start, end = decided_at(options, index) if all(options) else whole
        text = options[index][start:end]
        if text:
            self.said.append(Said(piece, start, text, "consequence", node.role, label, ()))

    def fact(self, subject: Word | str, relation: str, object_: Word | str) -> None:
        """Called by a `Note` node."""
        self.facts.append((_called(subject), relation, _called(object_)))

    def _mentions(self) -> tuple[Mention, ...]:
        """The mentions with spans in characters, by where they start."""
        starts = list(accumulate(map(len, self.out), initial=0))
        spans = []
        for said in self.said:
            start = starts[said.piece] + said.offset
            end = start + len(said.text)
            spans.append(Mention(start, end, said.kind, said.role, said.value))
        return tuple(sorted(spans, key=lambda span: (span.start, -span.end)))

    def _settled(self, state: State) -> Facts:
        """The facts that hold once the walk is over: later ones replace earlier ones."""
        holders: dict[str, str] = {}
        places: dict[str, str] = {}
        wants: dict[str, str] = {}
        for subject, relation, object_ in self.facts:
            if relation in ("has", "eats") and wants.get(subject) == object_:
                del wants[subject]
            if relation == "has" and object_ not in WISHES:
                holders[object_] = subject
            elif relation == "eats" and holders.get(object_) == subject:
                del holders[object_]
            elif relation in ("at", "wants"):
                (places if relation == "at" else wants)[subject] = object_
        words = {role: word for role, word in state.items() if isinstance(word, Word)}
        labels = {role: label for role, label in state.items() if isinstance(label, str)}
        return Facts(
            hero=words["hero"]["bare"],
            shape=labels["shape"],
            outcome=labels["end"],
            happy=labels["close"] == "glad",
            mood=words["mood"]["bare"],
            roles={role: word["bare"] for role, word in words.items()},
            holders=holders,
            places=places,
            wants=wants,
            labels=labels,
        )


def _called(word: Word | str) -> str:
    """How a word is called in the facts: persons and animals by `the`, all else bare."""
    if isinstance(word, str):
        return word
    return word["the" if word.domain.name in ("name", "animal", "person") else "bare"]
