"""The little language in which story shapes are written, and its compiler.

    Once {hero:name} met {friend:animal.a}.     draw a name, draw an animal and say "a fox"
    "Hello, {hero}," {friend.says} the {friend}.   say them again, in a form (if none, `bare`)
    [event: It rained. | *3 = It snowed.]       choose; the second is three times as likely
    [outcome end: kept = ... | broken = ...]    choose, and remember the label as `end`
    <end: kept = ... | broken = ...>            go the way `end` says: no choice
    {!hero has thing}                           a fact: has, wants, eats, at
    {!keeper is friend}  {!close is glad}       let a role stand for another, or set a label
    {>opening}                                  put a named fragment here

White space is one space; an empty line is a line break. Facts take the space before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .grammar import Alternatives, Draw, Mention, Node, Note, Parts, Switch, Text
from .lexicon import Domain

RELATIONS = ("has", "wants", "eats", "at", "is")
_TOKEN = re.compile(r"\{[^}]*\}|[\[\]<>|]|[^{}\[\]<>|]+")
_HEADER = re.compile(r"\s*(\w+)(?:\s+(\w+))?:\s*")
_LABEL = re.compile(r"\s*(\w*)(?:\*(\d+))?\s*=\s*")
_SLOT = re.compile(r"(?P<role>\w+)(?::(?P<domain>\w+))?(?:\.(?P<form>\w+))?")
_CLOSES = {"[": "]", "<": ">"}
_END = "\0"


def compile_template(
    source: str, domains: Mapping[str, Domain], fragments: Mapping[str, Node] | None = None
) -> Node:
    """The node that `source` describes. Raises ValueError naming the offending bit of source."""
    return _Compiler(source, domains, fragments or {}).compile()


class _Compiler:
    """Recursive descent over the tokens of one template."""

    def __init__(
        self, source: str, domains: Mapping[str, Domain], fragments: Mapping[str, Node]
    ) -> None:
        tight = re.sub(r"\s+(?=\{!)", "", source.strip())
        spaced = re.sub(r"\s*\n\s*\n\s*", "\v", tight)
        self.tokens = _TOKEN.findall(re.sub(r"[ \t\r\n]+", " ", spaced).replace("\v", "\n"))
        self.tokens.append(_END)
        self.at = 0
        self.domains = domains
        self.fragments = fragments

    def compile(self) -> Node:
        node = self.parts()
        if self.tokens[self.at] != _END:
            raise self.error(f"{self.tokens[self.at]!r} closes nothing")
        return node

    def error(self, message: str) -> ValueError:
        near = "".join(self.tokens[max(0, self.at - 3) : self.at + 2])
        return ValueError(f"{message}, near {near!r}")

    def parts(self) -> Node:
        """Everything up to a bar, a closing bracket or the end."""
        nodes: list[Node] = []
        while self.tokens[self.at] not in ("|", "]", ">", _END):
            token = self.tokens[self.at]
            self.at += 1
            if token in _CLOSES:
                nodes.append(self.bracket(token))
            elif "{" in token:
                nodes.append(self.brace(token[1:-1]))
            else:
                nodes.append(Text(token))
        return Parts(_trimmed(nodes))

    def bracket(self, opening: str) -> Node:
        """`kind role: a | b ]` or `role: x = a | y = b >`, the opening bracket being taken."""
        header = self.take(_HEADER)
        if header is None or (opening == "<" and header[2]):
            raise self.error(f"after {opening!r} write a kind (and role), or a role, and a colon")
        labels, weights, branches = [], [], []
        while True:
            label = self.take(_LABEL)
            labels.append(label[1] if label else "")
            weights.append(int(label[2] or 1) if label else 1)
            branches.append(self.parts())
            closing = self.tokens[self.at]
            if closing not in ("|", _CLOSES[opening]):
                raise self.error(f"{opening!r} is closed by {closing!r}")
            self.at += 1
            if closing != "|":
                break
        if (opening == "<" or header[2]) and not (all(labels) and len(set(labels)) == len(labels)):
            raise self.error(f"{header[0]!r} needs labels on its branches, each its own: {labels}")
        if opening == "<":
            return Switch(header[1], dict(zip(labels, branches, strict=True)))
        return Alternatives(header[1], header[2], labels, weights, branches)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Cut `pattern` off the current token, where it starts that way."""
        match = pattern.match(self.tokens[self.at])
        if match:
            self.tokens[self.at] = self.tokens[self.at][match.end() :]
        return match

    def brace(self, inside: str) -> Node:
        """What stands between braces."""
        if inside.startswith(">"):
            return self.known(self.fragments, inside[1:], "fragment")
        if inside.startswith("!"):
            words = inside[1:].split()
            if len(words) != 3 or words[1] not in RELATIONS:
                raise self.error(f"a fact is subject, one of {RELATIONS}, object; got {inside!r}")
            return Note(*words)
        match = _SLOT.fullmatch(inside)
        if match is None:
            raise self.error(
                f"{{{inside}}} is no slot; write {{role.form}} or {{role:domain.form}}"
            )
        role, domain, form = match["role"], match["domain"], match["form"] or "bare"
        if domain is None:
            return Mention(role, form)
        return Draw(role, self.known(self.domains, domain, "domain"), form)

    def known(self, table: Mapping, name: str, what: str):
        """`table[name]`, or an error that lists what there is."""
        if name not in table:
            raise self.error(f"no {what} {name!r}; there are {', '.join(table)}")
        return table[name]


def _trimmed(nodes: list[Node]) -> list[Node]:
    """Without white space before the first words and after the last."""
    speaking = [node for node in nodes if not isinstance(node, Note)]
    if speaking and isinstance(speaking[0], Text):
        speaking[0].text = speaking[0].text.lstrip()
    if speaking and isinstance(speaking[-1], Text):
        speaking[-1].text = speaking[-1].text.rstrip()
    return [node for node in nodes if not (isinstance(node, Text) and not node.text)]
