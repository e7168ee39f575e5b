"""What can be proved about a grammar by looking at it, for all its stories at once.

* `check_roles`: no story says a word of somebody who is not yet in it.
* `prefix_clashes`: empty, so every text has one derivation (the grammar is a prefix code).
* `word_bounds`: the fewest and the most words that a story can have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from .grammar import WISHES, Alternatives, Draw, Mention, Node, Note, Parts, Switch, Text
from .lexicon import Word

Scope = dict[str, "tuple[Word, ...]"]  # role -> the words it may hold; for a label, none
Symbol = "str | Mention | Switch"  # fixed text, or text that depends on what a role holds


def _merge(scopes: Sequence[Scope]) -> Scope:
    """What is known after a fork: the roles of every branch, with all words they may hold."""
    merged = {}
    for role in set.intersection(*(set(scope) for scope in scopes)):
        held = [scope[role] for scope in scopes]
        words = {id(word): word for options in held for word in options}
        merged[role] = tuple(words.values())
    return merged


def follow(node: Node, scope: Scope, visit: Callable[[Node, Scope], None]) -> Scope:
    """Visit `node` and all below it, each with the scope before it; return the scope after it."""
    visit(node, scope)
    if isinstance(node, Parts):
        for part in node.nodes:
            scope = follow(part, scope, visit)
    elif isinstance(node, Draw):
        scope = scope | {node.role: node.domain.words}
    elif isinstance(node, Alternatives):
        known = scope | ({node.role: ()} if node.role else {})
        scope = _merge([follow(branch, known, visit) for branch in node.branches])
    elif isinstance(node, Switch):
        scope = _merge([follow(branch, scope, visit) for branch in node.branches.values()])
    elif isinstance(node, Note) and node.relation == "is":
        scope = scope | {node.subject: scope.get(node.object, ())}
    return scope


def check_roles(story: Node) -> None:
    """Raise ValueError where a role or form is used that is not known on every way there."""
    labels: dict[str, set[str]] = {}

    def visit(node: Node, scope: Scope) -> None:
        if isinstance(node, Alternatives) and node.role:
            labels.setdefault(node.role, set()).update(node.labels)
        if isinstance(node, Draw):
            node.domain.texts(node.form)
        roles = [node.subject] if isinstance(node, Note) and node.relation != "is" else []
        roles += [node.role] if isinstance(node, (Mention, Switch)) else []
        if isinstance(node, Note) and node.relation != "is" and node.object not in WISHES:
            roles.append(node.object)
        for role in roles:
            if role not in scope:
                raise ValueError(f"{role!r} is used where it may be unknown; draw or set it before")
        if isinstance(node, Mention):
            lacking = [word["bare"] for word in scope[node.role] if node.form not in word]
            if lacking or not scope[node.role]:
                raise ValueError(f"{node.role!r} has no form {node.form!r} ({lacking})")
        if isinstance(node, Switch) and set(node.branches) != labels.get(node.role):
            raise ValueError(f"<{node.role}> has {set(node.branches)}, not {labels.get(node.role)}")

    follow(story, {}, visit)


def count_choices(story: Node) -> int:
    """How many places of the grammar choose."""
    seen: set[int] = set()
    follow(story, {}, lambda node, _: seen.add(id(node)) if node.is_choice else None)
    return len(seen)


def prefix_clashes(story: Node) -> Iterator[str]:
    """Pairs of options of one choice of which one may begin the other, told in words."""

    def visit(node: Node, scope: Scope) -> None:
        if isinstance(node, Draw):
            heads = [[text] for text in node.domain.texts(node.form)]
        elif isinstance(node, Alternatives):
            heads = [_symbols(branch)[0] for branch in node.branches]
        else:
            return
        for one, other in combinations(heads, 2):
            if _may_clash(one, other, scope):
                found.append(f"{node.kind}: {one} and {other}")

    found: list[str] = []
    follow(story, {}, visit)
    yield from dict.fromkeys(found)


def _symbols(node: Node) -> tuple[list[Symbol], bool]:
    """How `node` starts, up to where a choice may come, and whether one does."""
    if isinstance(node, Text):
        return [node.text], False
    if isinstance(node, (Mention, Switch)):
        return [node], False
    if isinstance(node, Note):
        return [], node.relation == "is"
    if not isinstance(node, Parts):
        return [], True
    symbols: list[Symbol] = []
    for part in node.nodes:
        more, stopped = _symbols(part)
        symbols += more
        if stopped:
            return symbols, True
    return symbols, False


def _may_clash(one: list[Symbol], other: list[Symbol], scope: Scope) -> bool:
    """Whether, for some words and labels of the roles, one start is a prefix of the other."""
    one, other = [s for s in one if s != ""], [s for s in other if s != ""]
    if not one or not other:
        return True
    first, second = one[0], other[0]
    if isinstance(first, str) and isinstance(second, str):
        shared = min(len(first), len(second))
        if first[:shared] != second[:shared]:
            return False
        return _may_clash([first[shared:], *one[1:]], [second[shared:], *other[1:]], scope)
    open_ = second if isinstance(first, str) else first
    fillings = open_.branches if isinstance(open_, Switch) else scope[open_.role]
    return any(
        _may_clash(_filled(one, open_.role, f), _filled(other, open_.role, f), scope)
        for f in fillings
    )


def _filled(symbols: list[Symbol], role: str, filling: Word | str) -> list[Symbol]:
    """`symbols` where `role` is this word, or this label."""
    filled: list[Symbol] = []
    for symbol in symbols:
        if isinstance(symbol, str) or symbol.role != role:
            filled.append(symbol)
        elif isinstance(symbol, Mention):
            filled.append(filling[symbol.form])
        else:
            more, stopped = _symbols(symbol.branches[filling])
            filled += _filled(more, role, filling)
            if stopped:
                break
    return filled


def word_bounds(story: Node) -> tuple[int, int]:
    """Fewest and most words, counted as runs between white space, of any story of the grammar."""
    low, high, _ = _spaces(story, {})
    return low + 1, high + 1


def _spaces(node: Node, scope: Scope) -> tuple[int, int, Scope]:
    """Least and greatest number of white-space characters, and the scope after."""
    after = follow(node, scope, lambda *_: None)
    if isinstance(node, Parts):
        low = high = 0
        for part in node.nodes:
            least, most, scope = _spaces(part, scope)
            low, high = low + least, high + most
        return low, high, after
    if isinstance(node, (Alternatives, Switch)):
        known = scope | ({node.role: ()} if node.role else {})
        branches = node.branches.values() if isinstance(node, Switch) else node.branches
        bounds = [_spaces(branch, known) for branch in branches]
        return min(b[0] for b in bounds), max(b[1] for b in bounds), after
    texts = [""]
    if isinstance(node, Text):
        texts = [node.text]
    elif isinstance(node, (Mention, Draw)):
        words = node.domain.words if isinstance(node, Draw) else scope[node.role]
        texts = [word[node.form] for word in words]
    counts = [sum(character.isspace() for character in text) for text in texts]
    return min(counts), max(counts), after
