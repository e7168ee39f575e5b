"""The tokenizer that runs in the page: the same pieces, ids and text as the Python one."""

from __future__ import annotations

import json
import random
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
import regex
from playwright.sync_api import Browser, Error, Page

from llm_lib.tokenizers import BPETokenizer
from llm_lib.tokenizers.pretokenize import GPT2_PATTERN, PreTokenizer, well_formed
from llm_lib.tokenizers.word import split_words

pytestmark = pytest.mark.browser

BPE, PIECES, TEXT = "engine/bpe.js", "engine/pretokenize.js", "engine/text.js"
WORDS, TREE, SLICES = "engine/words.js", "engine/merge_tree.js", "engine/slices.js"
END_OF_TEXT = "<|endoftext|>"

STORY = """“Who's there?” called the old lamplighter, and we'll never know — not one of the 1,024
windows answered; though she'd waited, they've said, since 1899…  The lamp   went out.\n\n\tHe
hadn't moved. Ça alors, où êtes-vous ? Привет, мир! שלום עולם. 你好，世界。 नमस्ते 👩‍👩‍👧 naïve
cafe\u0301 🇫🇷"""

SEEDS = [  # what breaks tokenizers
    *(
        "👩‍👩‍👧",
        "🇫🇷🇩🇪",
        "👍🏽",
        "e\u0301\u0323",
        "\u200f שלום \u200e",
        "مرحبا",
        "नमस्ते",
        "한국어",
        "\x00",
    ),
    *("\ud800", "\udc00", "\ud83d", "\ude00", "\ud83d\ude00", "\ufffd", "\ufeff", "\x85", "\x1c"),
    *("\u2028", "\u3000", "\u00a0", "  ", "\n\n", " \t ", "'s", "'ll", "’t", "--", "_", "½", "Ⅷ"),
    *("the ", "ing", " and", "1234", END_OF_TEXT, "</script>", "<!--", "ﬁ", "İ", "ſ"),
]


def units(text: str) -> list[int]:
    """UTF-16 code units: the one way to send half a surrogate pair to a page."""
    return list(memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"))


def from_units(numbers: Sequence[int]) -> str:
    return b"".join(n.to_bytes(2, "little") for n in numbers).decode("utf-16-le", "surrogatepass")


def strange_texts(rng: random.Random, n: int, alphabet: Sequence[str]) -> list[str]:
    """Texts over all of Unicode, lone surrogates included, mixed with English and hard cases."""
    english = STORY.split(" ")

    def part() -> str:
        kind = rng.random()
        if kind < 0.4:
            return rng.choice(SEEDS)
        if kind < 0.6:
            return " " + rng.choice(english)
        if kind < 0.8:
            return rng.choice(alphabet)
        return chr(rng.randrange(32, 127))

    return ["".join(part() for _ in range(rng.randrange(12))) for _ in range(n)]


@pytest.fixture
def page(engine: Callable[..., Page]) -> Page:
    page = engine(BPE, PIECES, TEXT, WORDS, TREE, SLICES)
    page.evaluate("() => { globalThis.fromUnits = (units) => String.fromCharCode(...units); }")
    return page


@pytest.fixture(scope="module")
def tokenizer() -> BPETokenizer:
    return BPETokenizer.train(STORY * 2 + " aaaa aaaaaaa" * 9, 420, (END_OF_TEXT, "<|end"))


@pytest.fixture
def in_page(page: Page, tokenizer: BPETokenizer) -> Page:
    """The same tokenizer, in the page, as `bpe`."""
    page.evaluate(
        """([merges, specials]) => {
          globalThis.bpe = book("engine/bpe.js").createBPE(merges, { specials });
        }""",
        [merges_by_id(tokenizer), list(tokenizer.special_tokens)],
    )
    return page


def merges_by_id(tokenizer: BPETokenizer) -> list[list[int]]:
    id_of = {token: id_ for id_, token in enumerate(tokenizer.vocab)}
    return [[id_of[left], id_of[right]] for left, right in tokenizer.merges]


def in_js(page: Page, expression: str, texts: Sequence[str]) -> list:
    """`expression` of `text`, for every text, in one call."""
    answers = page.evaluate(  # as one string each way: Playwright walks values one by one
        "(texts) => JSON.stringify(JSON.parse(texts).map(fromUnits)"
        f".map((text) => ({expression})))",
        json.dumps([units(text) for text in texts]),
    )
    return json.loads(answers)


CLASSES = [r"\p{L}", r"\p{N}", r"\p{White_Space}", r"\p{Cn}"]  # letter, number, space, unassigned


def classes_in_page(page: Page) -> str:
    """For every code point, the number of its class in CLASSES, or 4; 9 for surrogates."""
    return page.evaluate(
        """(classes) => {
          const patterns = [...classes, "[^]"].map((source) => new RegExp(source, "u"));
          const classOf = (character) => patterns.findIndex((pattern) => pattern.test(character));
          return Array.from({ length: 0x110000 }, (_, point) =>
            point >= 0xd800 && point < 0xe000 ? 9 : classOf(String.fromCodePoint(point))).join("");
        }""",
        CLASSES,
    )


def classes_in_python() -> list[int]:
    """The same, asking `regex`."""
    pattern = regex.compile("|".join(f"({source})" for source in CLASSES) + "|(?s:(.))")
    matches = pattern.finditer("".join(map(chr, range(0x110000))))
    return [match.lastindex - 1 for match in matches]


@pytest.fixture(scope="module")
def alphabet(chromium: Browser) -> list[str]:
    """All code points that Chromium and `regex` put in the same class, and the surrogates.

    Each brings its own edition of Unicode, so they may disagree about characters that one of them
    does not know yet, and about nothing else. (13,007
    characters that regex 2026.11 knows are unassigned in Chromium 156, such as U+0558.)
    """
    page = chromium.new_page()
    pairs = list(zip(map(int, classes_in_page(page)), classes_in_python(), strict=True))
    page.close()
    differ = {p for p, (here, there) in enumerate(pairs) if here not in (9, there)}
    unassigned = CLASSES.index(r"\p{Cn}")
    assert [hex(p) for p in differ if unassigned not in pairs[p]] == []
    return [chr(p) for p in range(0x110000) if p not in differ]


def test_the_pieces_are_those_of_python(page: Page, alphabet: list[str]) -> None:
    texts = [well_formed(t) for t in strange_texts(random.Random(1), 4000, alphabet)]
    split = PreTokenizer(GPT2_PATTERN).split
    found = in_js(page, "Array.from(book('engine/pretokenize.js').pieces(text))", texts)
    assert found == [split(text) for text in texts]


def test_pieces_lose_no_text_whatever_the_pattern(page: Page) -> None:
    found = in_js(
        page, "Array.from(book('engine/pretokenize.js').pieces(text, /[a-z]+/gu))", ["1ab, c?"]
    )
    assert found == [["1", "ab", ", ", "c", "?"]]


def test_words_are_those_of_python(page: Page) -> None:
    # Python's `re` knows the Unicode of its release; newer characters may be letters in Chromium.
    known = [chr(p) for p in range(0x110000) if unicodedata.category(chr(p)) not in ("Cn", "Cs")]
    texts = [well_formed(t) for t in strange_texts(random.Random(2), 1000, known)]
    texts += ["".join(f"{c}a " for c in known[i : i + 1000]) for i in range(0, len(known), 1000)]
    word = "w.text === text.slice(w.start, w.end) ? w.text : null"
    found = in_js(page, f"book('engine/words.js').wordTokens(text).map((w) => {word})", texts)
    assert found == [split_words(text) for text in texts]


def test_ids_are_those_of_python(
    in_page: Page, tokenizer: BPETokenizer, alphabet: list[str]
) -> None:
    texts = strange_texts(random.Random(3), 5000, alphabet)
    assert in_js(in_page, "bpe.encodeIds(text)", texts) == [
        tokenizer.encode_ordinary(t) for t in texts
    ]


def test_special_tokens_are_found_where_allowed(in_page: Page, tokenizer: BPETokenizer) -> None:
    rng = random.Random(4)
    parts = [END_OF_TEXT, "<|end", "|>", "of", " the"]
    texts = ["".join(rng.choices(parts, k=6)) for _ in range(300)]
    found = in_js(in_page, "bpe.encodeIds(text, { allowedSpecial: 'all' })", texts)
    assert found == [tokenizer.encode(t, allowed_special="all") for t in texts]
    one = in_js(in_page, "bpe.encodeIds(text, { allowedSpecial: ['<|end'] })", texts)
    only = {"allowed_special": {"<|end"}, "disallowed_special": ()}
    assert one == [tokenizer.encode(t, **only) for t in texts]


def test_a_smaller_vocabulary_is_a_prefix_of_the_merges(
    in_page: Page, tokenizer: BPETokenizer
) -> None:
    for size in (257, 258, 300, 400):
        smaller = BPETokenizer.from_merges(tokenizer.merges[: size - 257], (END_OF_TEXT,))
        found = in_page.evaluate(
            """([vocabSize, specials, text]) => book("engine/bpe.js")
              .createBPE(bpe.merges, { vocabSize, specials })
              .encodeIds(text, { allowedSpecial: "all" })""",
            [size, [END_OF_TEXT], STORY + END_OF_TEXT],
        )
        assert found == smaller.encode(STORY + END_OF_TEXT, allowed_special="all")
        assert found[-1] == size - 1


def test_decoding_gives_the_text_back(in_page: Page, alphabet: list[str]) -> None:
    texts = ["\ufeffBOM", *strange_texts(random.Random(5), 2000, alphabet)]
    found = in_js(in_page, "bpe.decode(bpe.encodeIds(text))", texts)
    assert found == [well_formed(text) for text in texts]


def test_decoding_replaces_broken_characters_as_python_does(
    in_page: Page, tokenizer: BPETokenizer
) -> None:
    rng = random.Random(6)
    lists = [[rng.randrange(tokenizer.vocab_size) for _ in range(12)] for _ in range(2000)]
    found = in_page.evaluate("(lists) => lists.map((ids) => bpe.decode(ids))", lists)
    assert found == [tokenizer.decode(ids) for ids in lists]


def test_lone_surrogates_become_the_replacement_character(page: Page) -> None:
    broken = ["\ud800", "a\udc00b", "\udc00\ud800", "\ud83d\ude00", "\ud83d\ud83d\ude00", "x\ud800"]
    found = in_js(page, "book('engine/text.js').wellFormed(text)", broken)
    assert found == [well_formed(text) for text in broken]
    by_hand = "delete String.prototype.toWellFormed"  # browsers before 2024
    page.evaluate(f"() => {{ {by_hand}; }}")
    assert in_js(page, "book('engine/text.js').wellFormed(text)", broken) == found


@pytest.mark.parametrize("length", [150, 193, 400, 5000])
def test_long_pieces_merge_as_short_ones_do(
    in_page: Page, tokenizer: BPETokenizer, length: int
) -> None:
    rng = random.Random(length)
    texts = ["a" * length, "".join(rng.choices("aeinorst", k=length)), "é👩‍👩‍👧" * (length // 7)]
    assert in_js(in_page, "bpe.encodeIds(text)", texts) == [tokenizer.encode(t) for t in texts]


def test_locations_cover_the_characters_a_token_touches(
    in_page: Page, tokenizer: BPETokenizer, alphabet: list[str]
) -> None:
    texts = strange_texts(random.Random(7), 1000, alphabet)
    for text, tokens in zip(texts, in_js(in_page, "bpe.encode(text)", texts), strict=True):
        data, codes = well_formed(text).encode(), units(text)
        edges = [0]  # where each character begins, in bytes, and the end
        for character in well_formed(text):
            edges.append(edges[-1] + len(character.encode()))
        pieces = [data[t["byteStart"] : t["byteEnd"]] for t in tokens]
        assert pieces == [tokenizer.vocab[t["id"]] for t in tokens]
        assert b"".join(pieces) == data
        for token in tokens:
            start, end = token["byteStart"], token["byteEnd"]
            first = edges[bisect_right(edges, start) - 1]
            last = edges[bisect_left(edges, end)]
            covered = well_formed(from_units(codes[token["start"] : token["end"]]))
            assert covered.encode() == data[first:last]
            assert token["whole"] == ((first, last) == (start, end))


def test_text_as_code_points_graphemes_and_bytes(page: Page) -> None:
    text = "e\u0301👩‍👩‍👧\ud800x"
    points, graphemes, data = in_js(
        page,
        "[book('engine/text.js').codePoints(text), book('engine/text.js').graphemes(text), "
        "Array.from(book('engine/text.js').utf8(text))]",
        [text],
    )[0]
    assert points == list(well_formed(text))
    assert graphemes == ["e\u0301", "👩‍👩‍👧", "\ufffd", "x"]
    assert bytes(data) == well_formed(text).encode()


def test_graphemes_are_code_points_where_the_browser_knows_no_better(page: Page) -> None:
    page.evaluate("() => { delete Intl.Segmenter; }")
    found = in_js(page, "book('engine/text.js').graphemes(text)", ["e\u0301x"])
    assert found == [["e", "\u0301", "x"]]


def test_a_merge_tree_replays_the_merges_of_a_word(in_page: Page, tokenizer: BPETokenizer) -> None:
    def leaves(node: dict) -> list[dict]:
        return [leaf for child in node["children"] for leaf in leaves(child)] or [node]

    def check(node: dict) -> None:
        if node["rank"] is not None:
            left, right = node["children"]
            assert (left["start"], left["end"], right["end"]) == (
                *(node["start"], right["start"]),
                node["end"],
            )
            merge = tuple(tokenizer.vocab[child["id"]] for child in node["children"])
            assert merge == tokenizer.merges[node["rank"]]
            assert all((child["rank"] or -1) < node["rank"] for child in node["children"])
            check(left)
            check(right)

    word = " lamplighter"
    trees = in_js(in_page, "book('engine/merge_tree.js').mergeTree(bpe, text)", [word])[0]
    assert [tree["id"] for tree in trees] == tokenizer.encode(word)
    assert any(tree["children"] for tree in trees)
    found = [leaf for tree in trees for leaf in leaves(tree)]
    assert bytes(leaf["id"] for leaf in found) == word.encode()
    assert all(a["end"] == b["start"] for a, b in pairwise(found))
    for tree in trees:
        check(tree)


MEGABYTES = {
    "prose": "Array.from({ length: 2e5 }, (_, i) => ' w' + (i * 7919) % 99991).join('')",
    "one letter": "'a'.repeat(1e6)",
    "no space": "Array.from({ length: 1e6 }, (_, i) => 'etaoin'[((i * i) >> 3) % 6]).join('')",
    "spaces": "' '.repeat(1e6)",
    "emoji": "'👩‍👩‍👧'.repeat(55_000)",
}


@pytest.mark.parametrize("kind", MEGABYTES)
def test_a_megabyte_is_encoded_in_slices(in_page: Page, kind: str) -> None:
    # A clock that is always due shows every place where the work can pause, on any machine.
    slices, n_ids, n_bytes, same, progress = in_page.evaluate(
        f"""() => {{
          const text = {MEGABYTES[kind]};
          const {{ utf8 }} = book("engine/text.js");
          const work = bpe.encodeSliced(text, {{ clock: {{ due: () => true }} }});
          let progress = null;
          for (let slices = 0; ; slices += 1) {{
            const {{ done, value }} = work.next();
            if (!done) progress = value;
            else {{
              const same = bpe.decode(value) === text;
              return [slices, value.length, utf8(text).length, same, progress];
            }}
          }}
        }}"""
    )
    assert same
    assert 0 <= progress["done"] <= progress["total"]
    pauses = n_ids // 256  # while the ids are handed over
    if kind != "prose":  # and, in one long piece, at every 2,048 bytes and every 2,048 merges
        pauses += (n_bytes + n_bytes - n_ids) // 2048
    assert slices >= pauses


def test_slices_can_be_watched_and_stopped(in_page: Page) -> None:
    heard, whole, stopped = in_page.evaluate(
        """async () => {
          const { runSliced } = book("engine/slices.js");
          const text = "to be or not to be ".repeat(200);
          const slow = () => bpe.encodeSliced(text, { clock: { due: () => true } });
          const heard = [];
          const ids = await runSliced(slow(), { onProgress: ({ done }) => heard.push(done) });
          const stop = new AbortController();
          const onProgress = () => stop.abort();
          const stopped = await runSliced(slow(), { signal: stop.signal, onProgress })
            .then(() => "finished", (error) => error.name);
          return [heard, bpe.decode(ids) === text, stopped];
        }"""
    )
    assert whole
    assert len(heard) > 2 and heard == sorted(heard)
    assert stopped == "AbortError"


def test_a_clock_gives_each_slice_its_whole_budget(page: Page) -> None:
    answers = page.evaluate(
        """() => {
          let now = 0;
          performance.now = () => now;
          const clock = book("engine/slices.js").createClock(8);
          return [7, 8, 500, 507, 508].map((time) => { now = time; return clock.due(); });
        }"""
    )
    assert answers == [False, True, False, False, True]


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("createBPE([[97, 98]], { vocabSize: 258 })", "vocabSize is 258.*256 to 257"),
        ("createBPE([[97, 98]], { vocabSize: 256, specials: ['x'] })", "it can be 257 to 258"),
        ("createBPE([[97, 300]])", "merge 0 joins the ids 97 and 300"),
        ("createBPE([]).decode([97, 256])", "id 256 .* from 0 to 255"),
        ("createBPE([]).tokenBytes(-1)", "id -1 "),
    ],
)
def test_errors_name_the_value_and_the_rule(page: Page, call: str, names: str) -> None:
    with pytest.raises(Error, match=names):
        page.evaluate(f"() => {{ const {{ createBPE }} = book('engine/bpe.js'); {call}; }}")
