"""The grammar's machinery: a story is a walk through a tree of six kinds of node.

`Text` says fixed words, `Mention` says a word of somebody already in the story, `Draw` brings in
somebody new, `Alternatives` goes one of several ways, `Switch` goes the way an earlier choice
settled, `Note` writes down a fact or sets a label and says nothing.

Only `Draw` and `Alternatives` choose, and the options of a choice start with texts of which none is
a prefix of another (`llm_lib.tales.proofs` checks it). The grammar is thus a prefix code: read from
left to right, a text can be cut in one way only, so it has one derivation.

What to do at a choice is left to `walk.choose`: draw at random (`Sampler`), or read the answer from
a text (`Reader`). Both run this one tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .lexicon import Domain, Table, Word, excluded_words
from .splits import Split

State = dict[str, "Word | str"]
Chooser = Callable[["Walk", "Node", Table], int]
N_DOMAINS = 16
WISHES = frozenset({"home", "shelter"})  # what can be wanted and had, but is no word of the world


class Walk:
    """One story in the making.

    `state` maps roles to words (and labels to strings); `out` collects the text in pieces; `log`
    hears of mentions and facts, or is None when only the text is wanted.
    """

    __slots__ = ("barred", "choose", "log", "out", "split", "state", "used")

    def __init__(self, split: Split, choose: Chooser, log: object | None = None) -> None:
        self.split = split
        self.choose = choose
        self.log = log
        self.state: State = {}
        self.out: list[str] = []
        self.used = [0] * N_DOMAINS
        self.barred = [0] * N_DOMAINS


class Node:
    """A part of the grammar. `is_choice` nodes end the text that is known in advance."""

    __slots__ = ()
    is_choice = False

    def run(self, walk: Walk) -> None:
        """Say this part of the story."""
        raise NotImplementedError

    def head(self, state: State) -> tuple[str, bool]:
        """The text this node says before any further choice, and whether such a choice follows."""
        raise NotImplementedError


class Text(Node):
    """Fixed words."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def run(self, walk: Walk) -> None:
        walk.out.append(self.text)

    def head(self, state: State) -> tuple[str, bool]:
        return self.text, False


class Mention(Node):
    """A word that is already in the story, in one of its forms: `{hero.his}`."""

    __slots__ = ("form", "role")

    def __init__(self, role: str, form: str) -> None:
        self.role = role
        self.form = form

    def run(self, walk: Walk) -> None:
        word = walk.state[self.role]
        if walk.log is not None:
            walk.log.mention(self, word, len(walk.out))
        walk.out.append(word[self.form])

    def head(self, state: State) -> tuple[str, bool]:
        return state[self.role][self.form], False


class Draw(Node):
    """A new word for a role, out of a domain: `{friend:animal.a}`."""

    __slots__ = ("domain", "form", "role")
    is_choice = True
    decides_split = False

    def __init__(self, role: str, domain: Domain, form: str) -> None:
        self.role = role
        self.domain = domain
        self.form = form

    @property
    def kind(self) -> str:
        return self.domain.name

    def run(self, walk: Walk) -> None:
        domain, used, barred = self.domain, walk.used, walk.barred
        number = domain.number
        table = domain.table(excluded_words(domain, walk.split, used[number], barred[number]))
        word = table.values[walk.choose(walk, self, table)]
        walk.state[self.role] = word
        used[number] |= word.bit
        if domain.partner is not None:
            barred[domain.partner.number] |= word.barred
        walk.out.append(word[self.form])

    def head(self, state: State) -> tuple[str, bool]:
        return "", True

    def options(self, state: State, table: Table) -> list[str]:
        """How each option of `table` starts."""
        return [word[self.form] for word in table.values]

    def value(self, index: int, table: Table, options: list[str]) -> str:
        """What option `index` is called in a `Choice`."""
        return table.values[index]["bare"]


class Parts(Node):
    """One part after another."""

    __slots__ = ("nodes", "runs")

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = tuple(nodes)
        self.runs = tuple(node.run for node in self.nodes)

    def run(self, walk: Walk) -> None:
        for run in self.runs:
            run(walk)

    def head(self, state: State) -> tuple[str, bool]:
        parts = []
        for node in self.nodes:
            text, stopped = node.head(state)
            parts.append(text)
            if stopped:
                return "".join(parts), True
        return "".join(parts), False


class Alternatives(Node):
    """One of several ways to go on: `[outcome end: kept*3 = ... | broken = ...]`.

    `role`, where given, remembers the label of the way taken, for a later `Switch`.
    """

    __slots__ = ("branches", "decides_split", "kind", "labels", "role", "table")
    is_choice = True

    def __init__(
        self,
        kind: str,
        role: str | None,
        labels: Sequence[str],
        weights: Sequence[int],
        branches: Sequence[Node],
    ) -> None:
        self.kind = kind
        self.role = role
        self.labels = tuple(labels)
        self.branches = tuple(branches)
        self.table = Table(range(len(branches)), weights)
        self.decides_split = kind == "ending"

    def run(self, walk: Walk) -> None:
        index = walk.choose(walk, self, self.table)
        if self.role is not None:
            walk.state[self.role] = self.labels[index]
        self.branches[index].run(walk)

    def head(self, state: State) -> tuple[str, bool]:
        return "", True

    def options(self, state: State, table: Table) -> list[str]:
        """How each branch starts."""
        return [branch.head(state)[0] for branch in self.branches]

    def value(self, index: int, table: Table, options: list[str]) -> str:
        """What branch `index` is called in a `Choice`: its label, or how it starts."""
        return self.labels[index] or options[index].strip()


class Switch(Node):
    """The way that an earlier labelled choice settled: `<end: kept = ... | broken = ...>`."""

    __slots__ = ("branches", "role")

    def __init__(self, role: str, branches: dict[str, Node]) -> None:
        self.role = role
        self.branches = branches

    def run(self, walk: Walk) -> None:
        label = walk.state[self.role]
        if walk.log is not None:
            walk.log.consequence(self, label, walk.state, len(walk.out))
        self.branches[label].run(walk)

    def head(self, state: State) -> tuple[str, bool]:
        if self.role not in state:  # set further left in this very head: not known yet
            return "", True
        return self.branches[state[self.role]].head(state)


class Note(Node):
    """Says nothing. `{!hero has thing}` tells the log a fact; `{!end is sad}` sets a label."""

    __slots__ = ("object", "relation", "subject")

    def __init__(self, subject: str, relation: str, object_: str) -> None:
        self.subject = subject
        self.relation = relation
        self.object = object_

    def run(self, walk: Walk) -> None:
        state = walk.state
        if self.relation == "is":
            state[self.subject] = state.get(self.object, self.object)
        elif walk.log is not None:
            walk.log.fact(state[self.subject], self.relation, state.get(self.object, self.object))

    def head(self, state: State) -> tuple[str, bool]:
        return "", self.relation == "is"
