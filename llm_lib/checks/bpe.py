"""The exercises of chapter 2, *Byte pair encoding*."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.checks import bpe_answers as answers
from llm_lib.checks.answers import Answer, require_type
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def _require_list_of(values: object, kind: type, what: str) -> None:
    require_type(values, list, f"a list of {what}")
    if odd := [value for value in values if not isinstance(value, kind)]:
        raise Mistake(f"return a list of {what}; yours holds {odd[0]!r:.60}")


# --- count_pairs ----------------------------------------------------------------------------------

_WORDS = {("c", "ame"): 3, ("h", "o", "me"): 2, ("p", "a", "p", "a"): 2, ("I",): 7}


def _grade_count_pairs(answer: Answer) -> None:
    counts = answer(dict(_WORDS))
    require_type(counts, dict, "a dictionary from pair to count")
    for key in counts:
        if not (isinstance(key, tuple) and len(key) == 2):
            raise Mistake(
                f"a key of your dictionary is {key!r:.40}: a pair is a tuple of two tokens"
            )
    expected = answers.count_pairs(_WORDS)
    if (found := {pair: n for pair, n in counts.items() if n}) != expected:
        raise Mistake(_explain_counts(found, expected))
    if counts := answer({}):
        raise Mistake(f"no words have no pairs; yours are {counts!r:.60}")


def _explain_counts(found: Mapping[Any, int], expected: Mapping[Any, int]) -> str:
    if extra := [pair for pair in found if pair not in expected]:
        return f"{extra[0]!r} stand in no word together: your pairs run from one word into the next"
    if missing := [pair for pair in expected if pair not in found]:
        return f"{missing[0]!r} are neighbours in a word, and you do not count them"
    if found == answers.count_pairs_unweighted(_WORDS):
        return "('c', 'ame') stands in a word that occurs 3 times, and you count it once"
    if found == answers.count_pairs_once_a_word(_WORDS):
        return "('p', 'a') stands twice in each 'papa', and you count it once a word"
    wrong = next(pair for pair in expected if found[pair] != expected[pair])
    return f"{wrong!r} occurs {expected[wrong]} times in {_WORDS!r}, and you say {found[wrong]!r}"


# --- merge ----------------------------------------------------------------------------------------

_MERGES_TO_TRY = (
    (["c", "a", "m", "e"], ("m", "e")),
    (["s", "t", "e", "t"], ("s", "t")),
    (["p", "a", "p", "a", "s"], ("p", "a")),
    (["c", "ome", "s"], ("a", "b")),
    (["fo", "r"], ("o", "r")),
    (["no", "or"], ("o", "o")),
    (["a", "a", "a"], ("a", "a")),
    (["a", "a", "a", "a"], ("a", "a")),
    (["x"], ("x", "x")),
    ([], ("x", "x")),
)


def _grade_merge(answer: Answer) -> None:
    for tokens, pair in _MERGES_TO_TRY:
        merged = answer(list(tokens), pair)
        _require_list_of(merged, str, "strings")
        if merged != answers.merge(tokens, pair):
            raise Mistake(
                f"merging {pair} in {tokens}, you return {merged!r:.60}: "
                f"{_explain_merge(tokens, pair, merged)}"
            )


def _explain_merge(tokens: list[str], pair: tuple[str, str], merged: list[str]) -> str:
    length, wanted = len("".join(merged)), len("".join(tokens))
    if length > wanted:
        return "your pairs overlap, and a letter is used twice"
    if length < wanted:
        return "letters are lost"
    if all(tuple(tokens[i : i + 2]) != pair for i in range(len(tokens))):
        return "these two tokens do not stand there, only their letters do, inside other tokens"
    if merged == answers.merge_the_first(tokens, pair):
        return "the pair stands there once more"
    if merged == answers.merge_from_the_right(tokens, pair):
        return "where two places overlap, the left one is merged"
    return "wherever the pair stands, and nowhere else, there must be one token"


# --- encode ---------------------------------------------------------------------------------------


def _ranks(*tokens: str) -> dict[bytes, int]:
    singles = [bytes([byte]) for byte in range(256)]
    return {token: i for i, token in enumerate([*singles, *(t.encode() for t in tokens)])}


_PIECES_TO_ENCODE = (
    ("her", ("he", "er")),  # what was learned last comes too late
    ("thing", ("hi", "ng", "hing", "thing", "th", "in")),  # the leftmost pair is not the first
    ("abcd", ("ab", "cd", "abc")),  # the longest token is never reached
    ("hehe", ("he",)),
    ("", ("he",)),
)
_WORDS_OF_THE_STORY = (" forgiveness", " compositor", "Kebbel", " gravy", " 208", "é", "\n\n")


def _grade_encode(answer: Answer) -> None:
    for text, learned in _PIECES_TO_ENCODE:
        given = f"{text.encode()!r} with the tokens {', '.join(learned)}, learned in this order,"
        _grade_encoding(answer, text.encode(), _ranks(*learned), given)
    tokens = book_tokenizer(800).vocab[:-1]  # the last one is special
    ranks = {token: rank for rank, token in enumerate(tokens)}
    for text in _WORDS_OF_THE_STORY:
        given = f"{text.encode()!r} with the book's own tokens"
        _grade_encoding(answer, text.encode(), ranks, given)


def _grade_encoding(answer: Answer, piece: bytes, ranks: Mapping[bytes, int], given: str) -> None:
    tokens = answer(piece, dict(ranks))
    require_type(tokens, list, "a list of tokens, each of them bytes")
    if tokens and isinstance(tokens[0], int):
        raise Mistake("your list holds numbers: return the tokens themselves, as bytes")
    _require_list_of(tokens, bytes, "tokens, each of them bytes")
    expected = answers.encode(piece, ranks)
    if tokens != expected:
        raise Mistake(
            f"{given} came out as {tokens!r:.60}: {_explain_tokens(piece, ranks, tokens)}"
        )


def _explain_tokens(piece: bytes, ranks: Mapping[bytes, int], tokens: list[bytes]) -> str:
    if b"".join(tokens) != piece:
        return "joined, your tokens are not the piece"
    if tokens == answers.encode_longest(piece, ranks):
        return "you take the longest token, and training had merged otherwise before it was learned"
    if tokens == answers.encode_leftmost(piece, ranks):
        return "you merge from left to right, whatever was learned first"
    if tokens == answers.encode_latest_first(piece, ranks):
        return "you merge first what was learned last"
    if tokens == answers.encode_each_once(piece, ranks):
        return "two neighbours are left that can merge: you stopped too early"
    return "which two neighbours make the token that was learned first?"


# --- stream ---------------------------------------------------------------------------------------

_TEXTS_TO_STREAM = ("I came home.", "A café, 3 €, and 👋🏽 to all.", "चिट्ठी")


def _grade_stream(answer: Answer) -> None:
    vocab = book_tokenizer(512).vocab
    for text in _TEXTS_TO_STREAM:
        ids = book_tokenizer(512).encode(text)
        try:
            shown = answer(list(ids), list(vocab))
        except UnicodeDecodeError as error:
            raise Mistake(
                f"{text!r} stops it: {error.object!r} is no whole character, and may be one soon"
            ) from None
        _require_list_of(shown, str, "strings")
        if len(shown) != len(ids):
            raise Mistake(f"{len(ids)} ids need {len(ids)} strings; you return {len(shown)}")
        _require_same_text(shown, text)
        _require_no_delay(shown, [vocab[id_] for id_ in ids])


def _require_same_text(shown: list[str], text: str) -> None:
    together = "".join(shown)
    if together == text:
        return
    if _REPLACEMENT in together:
        raise Mistake(
            f"{text!r} is shown as {together!r:.60}: a character whose bytes are in several tokens "
            f"turns into {_REPLACEMENT}"
        )
    if len(together) < len(text):
        raise Mistake(f"{text!r} is shown as {together!r:.60}: characters are missing")
    raise Mistake(f"{text!r} is shown as {together!r:.60}: show each character once")


def _require_no_delay(shown: list[str], tokens: Iterable[bytes]) -> None:
    for screen, data in zip(accumulate(shown), accumulate(tokens), strict=True):
        try:
            complete = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if screen != complete:
            raise Mistake(
                f"when {complete!r:.40} is complete, the screen says {screen!r:.40}: "
                "the reader waits longer than needed"
            )


EXERCISES: dict[str, Exercise] = {
    "merge": Exercise(
        task="Return the tokens with each occurrence of the pair joined to one token.",
        grade=_grade_merge,
        reference=answers.merge,
        wrong=(
            WrongAnswer(answers.merge_by_replacing, "inside other tokens"),
            WrongAnswer(answers.merge_overlapping, "your pairs overlap"),
            WrongAnswer(answers.merge_losing_the_last, "letters are lost"),
            WrongAnswer(answers.merge_the_first, "once more"),
            WrongAnswer(answers.merge_from_the_right, "the left one"),
        ),
        well_done="the pair is one token wherever it stands, and no letter is used twice",
    ),
    "count_pairs": Exercise(
        task="Count the pairs of neighbours in words that come with their counts.",
        grade=_grade_count_pairs,
        reference=answers.count_pairs,
        wrong=(
            WrongAnswer(answers.count_pairs_unweighted, "occurs 3 times"),
            WrongAnswer(answers.count_pairs_once_a_word, "once a word"),
            WrongAnswer(answers.count_pairs_across_words, "into the next"),
            WrongAnswer(answers.count_tokens, "a pair is a tuple"),
        ),
        well_done="the counts are those of the whole text, and you read each distinct word once",
    ),
    "encode": Exercise(
        task="Merge the bytes of a piece, given only the rank of each token.",
        grade=_grade_encode,
        reference=answers.encode,
        wrong=(
            WrongAnswer(answers.encode_leftmost, "from left to right"),
            WrongAnswer(answers.encode_longest, "you take the longest"),
            WrongAnswer(answers.encode_latest_first, "learned last"),
            WrongAnswer(answers.encode_each_once, "stopped too early"),
            WrongAnswer(answers.encode_to_ids, "holds numbers"),
        ),
        well_done="what was learned first is merged first, and the tokens are those of training",
    ),
    "stream": Exercise(
        task="Return, for each id, the text that can be shown once it has arrived.",
        grade=_grade_stream,
        reference=answers.stream,
        wrong=(
            WrongAnswer(answers.stream_token_by_token, "turns into"),
            WrongAnswer(answers.stream_ignoring, "characters are missing"),
            WrongAnswer(answers.stream_at_the_end, "waits longer"),
            WrongAnswer(answers.stream_strictly, "no whole character"),
            WrongAnswer(answers.stream_all_so_far, "each character once"),
        ),
        well_done="every character appears once, as soon as its last byte is there",
    ),
}
