r"""Read a LaTeX formula aloud: ``\frac{1}{n}\sum_i x_i`` → "1 over n the sum over i of x sub i".

The words become the accessible name of the formula's picture. They follow the order of the
source and name the structure a listener needs (over, sub, end fraction); whatever is unknown is
read by its own name, so the result is never empty and never an error.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)

_WORDS = {
    "=": "equals", "+": "plus", "-": "minus", "−": "minus", "/": "over", "<": "less than",
    ">": "greater than", "(": "open bracket", ")": "close bracket", "[": "open bracket",
    "]": "close bracket", "|": "bar", "'": "prime", "*": "star", ":": "colon", "!": "factorial",
    r"\{": "open brace", r"\}": "close brace", r"\|": "double bar", r"\%": "percent",
    r"\_": "underscore", r"\&": "and", r"\#": "hash", r"\$": "dollar", r"\times": "times",
    r"\cdot": "times", r"\odot": "times, element by element", r"\pm": "plus or minus",
    r"\div": "divided by", r"\in": "in", r"\notin": "not in", r"\subset": "inside",
    r"\subseteq": "inside", r"\cup": "union", r"\cap": "intersection",
    r"\emptyset": "the empty set", r"\le": "is at most", r"\leq": "is at most",
    r"\ge": "is at least", r"\geq": "is at least", r"\ll": "is much less than",
    r"\gg": "is much greater than", r"\ne": "is not equal to", r"\neq": "is not equal to",
    r"\approx": "is about", r"\sim": "is distributed as", r"\propto": "is proportional to",
    r"\equiv": "is identical to", r"\to": "goes to", r"\rightarrow": "goes to",
    r"\mapsto": "maps to", r"\leftarrow": "gets", r"\Rightarrow": "implies",
    r"\infty": "infinity", r"\partial": "partial", r"\nabla": "gradient of", r"\top": "top",
    r"\mid": "given", r"\vert": "bar", r"\Vert": "double bar", r"\lVert": "norm of",
    r"\rVert": "end norm", r"\lvert": "size of", r"\rvert": "end size",
    r"\langle": "open angle bracket", r"\rangle": "close angle bracket", r"\lfloor": "floor of",
    r"\rfloor": "end floor", r"\lceil": "ceiling of", r"\rceil": "end ceiling",
    r"\ldots": "and so on", r"\dots": "and so on", r"\cdots": "and so on", r"\vdots": "and so on",
    r"\ddots": "and so on", r"\forall": "for all", r"\exists": "there is", r"\ell": "l",
    r"\oplus": "joined with",
}  # fmt: skip
_BIG = {
    r"\sum": "the sum", r"\prod": "the product", r"\int": "the integral", r"\max": "the maximum",
    r"\min": "the minimum", r"\lim": "the limit", r"\argmax": "the argmax",
}  # fmt: skip
_SILENT = {
    r"\left", r"\right", r"\big", r"\Big", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\,", r"\;",
    r"\:", r"\!", r"\ ", r"\quad", r"\qquad", r"\displaystyle", r"\textstyle", r"\limits",
    r"\nolimits", r"\notag", r"\nonumber", "~", ".",
}  # fmt: skip
_UPRIGHT = {
    r"\text", r"\mathrm", r"\operatorname", r"\operatorname*", r"\textrm", r"\textit", r"\texttt",
    r"\mathtt",
}  # fmt: skip
_STYLES = {
    r"\mathbf", r"\mathit", r"\mathsf", r"\boldsymbol", r"\bm", r"\mathcal", r"\vphantom",
}  # fmt: skip
_ACCENTS = {
    r"\hat": "hat", r"\bar": "bar", r"\tilde": "tilde", r"\vec": "vector", r"\dot": "dot",
    r"\overline": "bar", r"\widehat": "hat", r"\widetilde": "tilde",
}  # fmt: skip
_SETS = {
    "R": "the real numbers", "N": "the natural numbers", "Z": "the integers", "E": "expectation",
    "I": "indicator",
}  # fmt: skip
_POWERS = {
    "2": "squared", "3": "cubed", "prime": "prime", "star": "star", "minus 1": "inverse",
    "top": "transposed", "intercal": "transposed",
}  # fmt: skip


def words(latex: str) -> str:
    """The formula as words, on one line.

    Args:
        latex: the source between the dollar signs.
    """
    return re.sub(r"\s+([,;])", r"\1", " ".join(_Reader(latex).sequence()).strip()) or latex


class _Reader:
    """A recursive-descent reader over the tokens of one formula."""

    def __init__(self, latex: str) -> None:
        self.source = latex
        self.matches = list(_TOKEN.finditer(latex))
        self.at = 0

    def peek(self) -> str:
        return self.matches[self.at].group() if self.at < len(self.matches) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def sequence(self, stop: tuple[str, ...] = ()) -> list[str]:
        """Words up to one of ``stop`` (left unread) or the end."""
        said: list[str] = []
        while (token := self.peek()) and token not in stop:
            if token == "}":  # unbalanced: nothing to say
                self.at += 1
                continue
            said += self.atom()
        return said

    def argument(self) -> list[str]:
        """Words of the next group, or of the next single atom."""
        if self.peek() != "{":
            return self.atom() if self.peek() else []
        self.take()
        said = self.sequence(stop=("}",))
        self.take()
        return said

    def raw_argument(self) -> str:
        """Source text of the next group, for words set upright."""
        if self.peek() != "{":
            return self.take()
        depth, start = 0, self.matches[self.at].end()
        while self.at < len(self.matches):
            match = self.matches[self.at]
            depth += (match.group() == "{") - (match.group() == "}")
            self.at += 1
            if depth == 0:
                return self.source[start : match.start()].replace("\\", "").strip()
        return self.source[start:].strip()

    def atom(self) -> list[str]:
        """Words of one token with what belongs to it, scripts included."""
        token = self.peek()
        if token in "^_":
            return self.script()
        if token == "{":
            return self.argument()
        self.take()
        if token in _SILENT or token == "&":
            return []
        if token in _BIG:
            return self.big(_BIG[token])
        return self.command(token) if token.startswith("\\") else [_WORDS.get(token, token)]

    def command(self, token: str) -> list[str]:
        if token in _WORDS:
            return [_WORDS[token]]
        if token in (r"\frac", r"\dfrac", r"\tfrac"):
            return self.fraction()
        if token == r"\sqrt":
            return self.root()
        if token == r"\begin":
            return self.environment()
        if token in _UPRIGHT:
            return [self.raw_argument()]
        if token in _STYLES:
            return self.argument()
        if token == r"\mathbb":
            letter = self.raw_argument()
            return [_SETS.get(letter, letter)]
        if token in _ACCENTS:
            return [*self.argument(), _ACCENTS[token]]
        if token in (r"\underbrace", r"\overbrace"):
            return [*self.argument(), *self.brace_label()]
        return [] if token == r"\\" else [token.strip("\\*")]

    def fraction(self) -> list[str]:
        top, bottom = self.argument(), self.argument()
        if len(top) == len(bottom) == 1:
            return [*top, "over", *bottom]
        return ["the fraction", *top, "over", *bottom, "end fraction"]

    def root(self) -> list[str]:
        name = "the square root of"
        if self.peek() == "[":
            self.take()
            name = f"the root of order {' '.join(self.sequence(stop=(']',)))} of"
            self.take()
        inside = self.argument()
        return [name, *inside] if len(inside) == 1 else [name, *inside, "end root"]

    def script(self) -> list[str]:
        mark, said = self.take(), self.argument()
        if mark == "_":
            return ["sub", *said] if len(said) == 1 else ["sub", *said, "end sub,"]
        if fixed := _POWERS.get(" ".join(said)):
            return [fixed]
        return ["to the power", *said, *(["end power,"] if len(said) > 1 else [])]

    def big(self, name: str) -> list[str]:
        low: list[str] = []
        high: list[str] = []
        while (mark := self.peek()) and mark in "^_":
            self.take()
            if mark == "_":
                low = self.argument()
            else:
                high = self.argument()
        if not low:
            return [name, "of"]
        return [name, "from" if high else "over", *low, *(["to", *high] if high else []), "of"]

    def brace_label(self) -> list[str]:
        if self.peek() not in ("_", "^"):
            return []
        self.take()
        return [", labelled", *self.argument(), ","]

    def environment(self) -> list[str]:
        name = self.raw_argument()
        if name == "array":
            self.raw_argument()
        rows: list[list[str]] = []
        while self.peek() and self.peek() != r"\end":
            rows.append(self.row(is_matrix="matrix" in name or name == "array"))
        self.take()
        self.raw_argument()
        rows = [row for row in rows if row]
        if "matrix" not in name:
            return [word for row in rows for word in (*row, ";")][:-1]
        said = [word for i, row in enumerate(rows, 1) for word in (f"row {i}:", *row, ";")]
        return [f"matrix of {len(rows)} rows,", *said, "end matrix"]

    def row(self, is_matrix: bool) -> list[str]:
        said = self.sequence(stop=("&", r"\\", r"\end"))
        while self.peek() == "&":
            self.take()
            said += [","] if is_matrix else []
            said += self.sequence(stop=("&", r"\\", r"\end"))
        if self.peek() == r"\\":
            self.take()
        return said
