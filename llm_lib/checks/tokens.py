"""The exercises of chapter 1, *Text into tokens*."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from llm_lib.checks import tokens_answers as answers
from llm_lib.checks.answers import Answer, require_type
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer
from llm_lib.texts import load_text
from llm_lib.tokenizers import WordTokenizer
from llm_lib.tokenizers.word import UNKNOWN, WORD_OR_MARK, split_words


def _require_strings(pieces: object) -> None:
    require_type(pieces, list, "a list of strings")
    if odd := [piece for piece in pieces if not isinstance(piece, str)]:
        raise Mistake(f"every piece must be a string; your list holds {odd[0]!r:.60}")


# --- unknown_rate ---------------------------------------------------------------------------------


def _grade_unknown_rate(answer: Answer) -> None:
    vocabulary = {"the", "a", "line", "of", "type"}
    tokens = ["the", "line", "of", "gravy", "the", "gravy", "of", "trains"]  # 3 of 8 unknown
    rate = answer(list(tokens), set(vocabulary))
    require_type(rate, (int, float), "one number")
    if rate != 0.375:
        raise Mistake(_explain_rate(rate))
    if (rate := answer(["line", "line", "of"], set(vocabulary))) != 0:
        raise Mistake(f"where every token is known the rate is 0; yours is {rate!r}")
    try:
        rate = answer([], set(vocabulary))
    except ZeroDivisionError:
        raise Mistake("a text without tokens divides by zero; count nothing as 0 unknown") from None
    if rate != 0:
        raise Mistake(f"a text without tokens has a rate of 0; yours is {rate!r}")


def _explain_rate(rate: float) -> str:
    on = "on 8 tokens, 3 of them unknown, one word twice"
    known_slips = {
        0.625: "your rate counts the tokens that are known",
        3: "your function returns how many are unknown: make it a share of all tokens",
        37.5: "your rate is in percent: return a share between 0 and 1",
        2 / 8: "you count different unknown words: a word that comes twice is met twice",
        2 / 5: "you count different words: each meeting with a word counts, also the second",
    }
    for value, slip in known_slips.items():
        if abs(rate - value) < 1e-9:
            return f"{slip}; this was {on}"
    return f"{on}, your rate is {rate:.3g}"


# --- round_trip -----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _story_tokenizer() -> WordTokenizer:
    return WordTokenizer.from_text(load_text("follow-copy"))


def _grade_round_trip(answer: Answer) -> None:
    text = answer()
    require_type(text, str, "a text")
    if not text.strip():
        raise Mistake("your text is empty: write at least one word of the story")
    if text != " ".join(text.split()):
        raise Mistake(
            "your text has a line break, a double space or a space at an end: we know "
            "that those are lost; break it with single spaces between words"
        )
    tokenizer = _story_tokenizer()
    for token in split_words(text, tokenizer.special_tokens):
        if token not in tokenizer.token_to_id:
            raise Mistake(
                f"{token!r} is not in the vocabulary of the story, so it becomes {UNKNOWN}; "
                "use only words that the story uses"
            )
    if tokenizer.decode(tokenizer.encode(text)) == text:
        raise Mistake(f"{text!r:.60} survives: it comes back as it went in")


# --- vocabulary -----------------------------------------------------------------------------------


class _OtherRun(str):
    """A string whose hash is that of another run of Python, so that a set of them is reordered."""

    run: int

    def __hash__(self) -> int:
        return hash((self.run, str(self)))


def _tokens_in_run(tokens: Sequence[str], run: int) -> list[str]:
    reseeded = [_OtherRun(token) for token in tokens]
    for token in reseeded:
        token.run = run
    return reseeded


def _grade_vocabulary(answer: Answer) -> None:
    tokens = split_words("the cold had gone to the printer , and the noise had come back , twice")
    require_type(answer(list(tokens)), dict, "a dictionary from token to id")
    runs = [
        {str(token): id_ for token, id_ in answer(_tokens_in_run(tokens, run)).items()}
        for run in range(5)
    ]
    vocabulary = runs[0]
    if missing := [token for token in tokens if token not in vocabulary]:
        raise Mistake(f"{missing[0]!r} is among the tokens and has no id")
    if UNKNOWN not in vocabulary:
        raise Mistake(f"{UNKNOWN!r} has no id: a word that is not here would have nowhere to go")
    if extra := set(vocabulary) - {*tokens, UNKNOWN}:
        raise Mistake(f"{min(extra)!r} has an id, and is not among the tokens")
    _require_ids_without_gaps(vocabulary)
    if any(run != vocabulary for run in runs):
        raise Mistake(
            "the same tokens get different ids in another run of Python: ids saved today would "
            "mean other words tomorrow. In what order does your code meet the words?"
        )


def _require_ids_without_gaps(vocabulary: dict[str, int]) -> None:
    owner: dict[int, str] = {}
    for token, id_ in vocabulary.items():
        if id_ in owner:
            raise Mistake(f"{owner[id_]!r} and {token!r} share the id {id_}: which one comes back?")
        owner[id_] = token
    if gap := next((id_ for id_ in range(len(owner)) if id_ not in owner), None):
        raise Mistake(
            f"{len(owner)} tokens need the ids 0 to {len(owner) - 1}, and yours leave out {gap}: "
            "a row of the model's table would belong to no token"
        )
    if 0 not in owner:
        raise Mistake("your ids do not start at 0")


# --- split ----------------------------------------------------------------------------------------

_TEXTS_TO_CUT = (
    '"It came out lovely," said Kebbel.',
    "She's got a hat on --  half-way\n\n\tdown the naïve page.",
    "  for line in copy:\n      print(line)\n",
)


def _grade_split(answer: Answer) -> None:
    for text in _TEXTS_TO_CUT:
        pieces = answer(text)
        _require_strings(pieces)
        _require_nothing_lost(pieces, text)
        _require_words_whole(pieces, text)
    if pieces := answer(""):
        raise Mistake(f"an empty text has no pieces; yours are {pieces!r}")


def _require_nothing_lost(pieces: list[str], text: str) -> None:
    joined = "".join(pieces)
    if joined == text:
        return
    if joined == "".join(text.split()):
        raise Mistake(f"the white space is gone: {text!r:.36} joins again as {joined!r:.36}")
    raise Mistake(f"your pieces of {text!r:.36} join again as {joined!r:.36}")


def _require_words_whole(pieces: list[str], text: str) -> None:
    if "" in pieces:
        raise Mistake("one of your pieces is the empty string: it stands for nothing")
    expected = WORD_OR_MARK.findall(text)
    for piece in pieces:
        inside = WORD_OR_MARK.findall(piece)
        if len(inside) > 1:
            raise Mistake(f"{piece!r} is one piece and holds {len(inside)} tokens: cut them apart")
        if inside and inside != [piece]:
            raise Mistake(
                f"{piece!r} mixes white space with a token: give white space its own piece"
            )
    found = [piece for piece in pieces if not piece.isspace()]
    for got, wanted in zip(found, expected, strict=False):  # lengths differ where one was cut
        if got != wanted:
            raise Mistake(
                f"{wanted!r} is one token in this chapter; you cut it, and {got!r} is left"
            )


# --- spell ----------------------------------------------------------------------------------------


def _grade_spell(answer: Answer) -> None:
    vocabulary = {"he", "read", "the", "proofs", "a", "."}
    tokens = ["he", "read", "a", "stet", "I", "."]
    expected = ["he", "read", "a", "s", "##t", "##e", "##t", "I", "."]
    pieces = answer(list(tokens), set(vocabulary))
    _require_strings(pieces)
    if pieces != expected:
        raise Mistake(_explain_spelling(pieces))
    if (pieces := answer(["the", "the"], set(vocabulary))) != ["the", "the"]:
        raise Mistake(f"['the', 'the'] are known words, and came out as {pieces!r:.60}")


def _explain_spelling(pieces: list[str]) -> str:
    if UNKNOWN in pieces:
        return f"your pieces hold {UNKNOWN}: nothing needs it once a word can be spelled"
    if "".join(piece.removeprefix("##") for piece in pieces) != "hereadastetI.":
        return f"letters are lost or changed: the pieces are {pieces!r:.80}"
    if "he" not in pieces:
        return "'he' is in the vocabulary and was spelled out: spell only what is unknown"
    if not any(piece.startswith("##") for piece in pieces):
        return "nothing says that 't', 'e', 't' go on with the same word: mark them with ##"
    if "##s" in pieces:
        return "'##s' opens the word 'stet': the first letter of a word carries no mark"
    return f"'he read a stet I .' came out as {pieces!r:.80}"


EXERCISES: dict[str, Exercise] = {
    "unknown_rate": Exercise(
        task="Return the share of tokens, between 0 and 1, that the vocabulary does not hold.",
        grade=_grade_unknown_rate,
        reference=answers.unknown_rate,
        wrong=(
            WrongAnswer(answers.known_rate, "counts the tokens that are known"),
            WrongAnswer(answers.unknown_percent, "in percent"),
            WrongAnswer(answers.unknown_words, "you count different words"),
            WrongAnswer(answers.unguarded_rate, "divides by zero"),
        ),
        well_done="you can measure what a vocabulary misses, also where there is nothing to miss",
    ),
    "round_trip": Exercise(
        task="Return a text of known words and single spaces that decode(encode(text)) changes.",
        grade=_grade_round_trip,
        reference=answers.broken_text,
        wrong=(
            WrongAnswer(answers.unknown_text, "not in the vocabulary of the story"),
            WrongAnswer(answers.text_with_line_break, "we know that those are lost"),
            WrongAnswer(answers.text_that_survives, "survives"),
        ),
        well_done="broken: the ids of two different texts are the same, so no decoder can be right",
    ),
    "vocabulary": Exercise(
        task="Number the different tokens and <unk> from 0, the same way in every run.",
        grade=_grade_vocabulary,
        reference=answers.vocabulary,
        wrong=(
            WrongAnswer(answers.vocabulary_in_set_order, "in another run of Python"),
            WrongAnswer(answers.vocabulary_without_unknown, "would have nowhere to go"),
            WrongAnswer(answers.vocabulary_with_shared_id, "share the id"),
            WrongAnswer(answers.vocabulary_with_gaps, "leave out"),
        ),
        well_done="the ids are 0, 1, 2, … and mean the same words tomorrow",
    ),
    "split": Exercise(
        task="Cut a text into tokens and runs of white space, so that joining gives it back.",
        grade=_grade_split,
        reference=answers.split,
        wrong=(
            WrongAnswer(answers.split_losing_space, "the white space is gone"),
            WrongAnswer(answers.split_at_spaces, "cut them apart"),
            WrongAnswer(answers.split_with_empty_pieces, "the empty string"),
            WrongAnswer(answers.split_at_apostrophes, "you cut it"),
            WrongAnswer(answers.split_with_leading_space, "mixes white space"),
        ),
        well_done="not a character is lost: join the pieces and the text is back",
    ),
    "spell": Exercise(
        task="Keep known tokens; spell the others, with ## before each letter but the first.",
        grade=_grade_spell,
        reference=answers.spell,
        wrong=(
            WrongAnswer(answers.spell_as_unknown, "nothing needs it"),
            WrongAnswer(answers.spell_dropping, "letters are lost"),
            WrongAnswer(answers.spell_everything, "spell only what is unknown"),
            WrongAnswer(answers.spell_without_marks, "go on with the same word"),
            WrongAnswer(answers.spell_with_marks_everywhere, "opens the word"),
        ),
        well_done="every word can be written now, and the marks say how to put it together again",
    ),
}
