"""Reading a text by the grammar: what was chosen, and where, if anywhere, it leaves the grammar.

The options of a choice begin differently (`proofs.prefix_clashes`), so at most one fits what comes
next: reading never guesses and never goes back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .generate import END_OF_TEXT
from .grammar import Alternatives, Node, Walk
from .lexicon import Table, Word
from .recorder import Recorder, Said, decided_at, shared_length
from .splits import ANYTHING, SPLITS, Split, label_of
from .story import STORY
from .tale import Choice, Tale

_SHOWN = 40


@dataclass(frozen=True)
class Problem:
    """One place where a text is not what a tale would say.

    start, end: its span; kind: a kind of choice ("animal": no such animal can come here), of
    mention ("thing": not the thing it was before; "pronoun", "trait", "consequence"), or "wording"
    (fixed words are not as they should be), "unfinished" (the text stops), "end" (it goes on);
    expected: what could stand there; found: what does; role: who or what is meant, if known;
    fatal: whether reading had to stop here.
    """

    start: int
    end: int
    kind: str
    expected: tuple[str, ...]
    found: str
    role: str | None = None
    fatal: bool = True

    def __str__(self) -> str:
        wanted = " or ".join(repr(text) for text in self.expected[:4])
        wanted += ", ..." if len(self.expected) > 4 else ""
        meant = f" ({self.role})" if self.role else ""
        return (
            f"{self.kind}{meant} at {self.start}: expected {wanted or 'the end'}, "
            f"found {self.found or 'the end'!r}"
        )


class Departure(Exception):
    """Raised in the midst of a walk where the text cannot be followed any further."""


class _AnyOf(dict):
    """Stands for a word whose every form is "any word of that domain", to make patterns with."""

    def __init__(self, word: Word) -> None:
        super().__init__()
        self.domain = word.domain

    def __missing__(self, form: str) -> str:
        return f"\0{'|'.join(map(re.escape, self.domain.texts(form)))}\0"

    @staticmethod
    def pattern(option: str) -> str:
        """The regular expression for an option that was said with such words."""
        parts = option.split("\0")  # fixed text and words take turns
        return "".join(rf"(?:{p})\b" if i % 2 else re.escape(p) for i, p in enumerate(parts))


class Reader:
    """A chooser that finds its answers in `text`; problems gather in `problems`.

    A wrong word of the right sort (Nora for Tom, a drum for the kite) is noted and read over.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.problems: list[Problem] = []
        self.label: int | None = None
        self.recorder = Recorder(self.choose)
        self._starts: list[int] = []  # where in `text` each piece was looked for

    def read(self, split: Split) -> Tale | None:
        """The tale told by the odds of `split`; None where the text cannot be followed."""
        try:
            tale = self.recorder.tell(STORY, split)
            self._compare()
            if self.at < len(self.text):
                self._stop(self.at, "end", ())
        except Departure:
            return None
        return tale

    def choose(self, walk: Walk, node: Node, table: Table) -> int:
        """Index of the option that the text goes on with."""
        self._compare()
        options = node.options(walk.state, table)
        fits = [i for i, option in enumerate(options) if self.text.startswith(option, self.at)]
        if not fits and isinstance(node, Alternatives):
            fits = self._fit_loosely(walk, node, table) or self._decided(options)
        if not fits:
            rest = self.text[self.at :]
            common = max(shared_length(option, rest) for option in options)
            self._stop(self.at + common, node.kind, tuple(option.strip() for option in options))
        index = fits[0]
        if node.decides_split:
            self.label = label_of("".join(walk.out), index)
        return index

    def _decided(self, options: list[str]) -> list[int]:
        """The option whose deciding word the text has, though it does not follow it to its end."""
        rest = self.text[self.at :]
        found = []
        for index, option in enumerate(options):
            word_end = option.find(" ", decided_at(options, index)[1] - 1)
            if 0 <= word_end < shared_length(option, rest):
                found.append(index)
        return found

    def _fit_loosely(self, walk: Walk, node: Node, table: Table) -> list[int]:
        """The option that fits but for wrong words of the right sort, if one does."""
        state = {role: _AnyOf(w) if isinstance(w, Word) else w for role, w in walk.state.items()}
        lengths = {}
        for index, option in enumerate(node.options(state, table)):
            match = re.compile(_AnyOf.pattern(option)).match(self.text, self.at)
            if match:
                lengths[index] = match.end()
        return [max(lengths, key=lengths.__getitem__)] if lengths else []

    def _compare(self) -> None:
        """Hold the pieces said since the last time against the text."""
        out = self.recorder.out
        for number in range(len(self._starts), len(out)):
            self._starts.append(self.at)
            if self.text.startswith(out[number], self.at):
                self.at += len(out[number])
            else:
                self._differ(number, out[number])

    def _differ(self, number: int, piece: str) -> None:
        """Read over a wrong word of the right sort; stop at anything else."""
        said = next((s for s in self.recorder.said if s.piece == number and s.others), None)
        if said is not None:
            fits = [word for word in said.others if self._is_word_here(word)]
            if fits:
                found = max(fits, key=len)
                end = self.at + len(found)
                self.problems.append(
                    Problem(self.at, end, said.kind, (piece,), found, said.role, fatal=False)
                )
                self.at = end
                return
        position = self.at + shared_length(piece, self.text[self.at :])
        if said is not None:
            self._stop(position, said.kind, (piece,), said.role)
        follows = next((s for s in self.recorder.said if self._covers(s, position)), None)
        if follows is not None:
            self._stop(position, follows.kind, (follows.text.strip(),), follows.role)
        self._stop(position, "wording", (piece[position - self.at :][:_SHOWN].strip(),))

    def _is_word_here(self, word: str) -> bool:
        end = self.at + len(word)
        return self.text.startswith(word, self.at) and not self.text[end : end + 1].isalpha()

    def _covers(self, said: Said, position: int) -> bool:
        if said.kind != "consequence" or said.piece >= len(self._starts):
            return False
        start = self._starts[said.piece] + said.offset
        return start <= position <= start + len(said.text)

    def _stop(
        self, position: int, kind: str, expected: tuple[str, ...], role: str | None = None
    ) -> None:
        """Note that the text cannot be followed beyond `position`, and leave the walk."""
        text = self.text
        if position == len(text):
            kind = "unfinished"
        start = max(text.rfind(" ", 0, position), text.rfind("\n", 0, position)) + 1
        found = text[start:].split(maxsplit=1)[0] if text[start:].strip() else ""
        end = max(position, start + len(found))
        self.problems.append(Problem(position, end, kind, expected, found[:_SHOWN], role))
        self.at = position
        raise Departure


@dataclass(frozen=True)
class Report:
    """What the grader says of a text.

    ok: it is, to the letter, a tale of this world; problems: what is wrong, from left to right, of
    which only the last may be fatal; tale: the tale, if ok; choices: what was read, up to the fatal
    problem; read: how many characters could be followed.
    """

    ok: bool
    problems: tuple[Problem, ...]
    tale: Tale | None
    choices: tuple[Choice, ...]
    read: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the problems, from left to right."""
        return tuple(problem.kind for problem in self.problems)

    def __str__(self) -> str:
        return "a tale" if self.ok else "; ".join(map(str, self.problems))


def _text_of(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"text is {type(text).__name__}; give a str")
    return text.partition(END_OF_TEXT)[0]


def check_facts(text: str) -> Report:
    """Grade any text, for instance one that a model wrote: is it a possible tale, and if not, what
    is wrong where? Held-out pairs are no fault. What follows an end-of-text token is not read.

    Raises TypeError if `text` is no str.
    """
    reader = Reader(_text_of(text))
    tale = reader.read(ANYTHING)
    ok = tale is not None and not reader.problems
    if ok:
        tale = _in_its_split(tale)
    return Report(
        ok=ok,
        problems=tuple(reader.problems),
        tale=tale if ok else None,
        choices=tuple(reader.recorder.choices),
        read=reader.at,
    )


def parse(text: str) -> Tale:
    """The one tale with this text: the same as `generate` gave, but for `seed`, which is None.

    Raises ValueError naming the first thing that no tale would say, and where; or, of a tale that
    has some held-out pair but not as "heldout" has them, that no split holds it.
    """
    report = check_facts(text)
    if not report.ok:
        raise ValueError(f"this is no tale: {report}")
    if report.tale.split == ANYTHING.name:
        raise ValueError("this tale is in no split: of its first pairs, only some are held out")
    return report.tale


def _in_its_split(tale: Tale) -> Tale:
    """The same tale with the odds of the split it is in; as it is, where no split holds it."""
    for name in ("train", "heldout"):
        reader = Reader(tale.text)
        found = reader.read(SPLITS[name])
        if found is not None and not reader.problems:
            labels = {n: s for n, s in SPLITS.items() if s.rule == SPLITS[name].rule}
            split = next(n for n, s in labels.items() if reader.label in s.labels)
            return replace(found, split=split)
    return tale
