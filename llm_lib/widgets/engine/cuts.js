// One text, cut in several ways: into characters, bytes, words, or the tokens of a BPE vocabulary.
import { createBPE } from "./bpe.js";
import { splitSpecials } from "./pretokenize.js";
import { createClock } from "./slices.js";
import { locate, utf8, wellFormed } from "./text.js";
import { wordTokens } from "./words.js";

export const KEPT = 2000; // tokens of a cut that are kept with all their properties
const SPECIALS = ["<|endoftext|>", "<unk>"]; // of the word vocabulary
const BLOCK = 2 ** 14; // code units between two looks at the clock
const UNICODE = 0x110000; // code points there can ever be

// A cutter is { vocabSize, cut }. cut(text) is a generator for slices.js; it returns
// { count, tokens }: how many tokens there are, and the first KEPT of them, each
// { id, start, end, whole, bytes, … }: start and end in code units, bytes a Uint8Array, and `whole`
// false where the token ends inside a character.
// The text must be well formed: see wellFormed() in text.js.

export const characterCutter = () => ({
  vocabSize: UNICODE,
  *cut(text) {
    const tokens = [];
    for (let start = 0; start < text.length && tokens.length < KEPT; ) {
      const id = text.codePointAt(start);
      const end = start + (id > 0xffff ? 2 : 1);
      tokens.push({ id, start, end, whole: true, bytes: utf8(text.slice(start, end)) });
      start = end;
    }
    return { count: countCharacters(text), tokens };
  },
});

export const byteCutter = () => ({
  vocabSize: 256,
  *cut(text) {
    const bytes = utf8(text);
    const kept = bytes.subarray(0, KEPT);
    const spans = locate(text, Array(kept.length).fill(1));
    const token = (span, i) => ({ ...span, id: kept[i], bytes: kept.subarray(i, i + 1) });
    return { count: bytes.length, tokens: spans.map(token) };
  },
});

// words: the vocabulary by id. A word that is not in it becomes `unknown`.
// specials are matched as they stand, as in llm_lib/tokenizers/word.py.
export function wordCutter(words, { unknown = "<unk>", specials = SPECIALS } = {}) {
  const ids = new Map(words.map((word, id) => [word, id]));
  const describe = ({ text, start, end }, offset) => ({
    id: ids.get(text) ?? ids.get(unknown),
    unknown: !ids.has(text),
    start: start + offset,
    end: end + offset,
    whole: true,
    bytes: utf8(text),
  });
  function* cut(text, { clock = createClock() } = {}) {
    const tokens = [];
    let count = 0;
    let offset = 0;
    for (const [found, length] of wordBlocks(text, specials)) {
      count += found.length;
      const kept = found.slice(0, KEPT - tokens.length);
      tokens.push(...kept.map((token) => describe(token, offset)));
      offset += length;
      if (clock.due()) yield { done: offset, total: text.length };
    }
    return { count, tokens };
  }
  return { vocabSize: words.length, cut };
}

// The words of a text, block by block: [its words, its length]. A special token is a block.
function* wordBlocks(text, specials) {
  for (const { text: part, special } of splitSpecials(text, specials)) {
    if (special) yield [[{ text: part, start: 0, end: part.length }], part.length];
    else for (const block of blocks(part)) yield [wordTokens(block), block.length];
  }
}

export function bpeCutter(merges, vocabSize, specials = ["<|endoftext|>"]) {
  const bpe = createBPE(merges, { vocabSize, specials });
  return {
    vocabSize,
    bpe,
    *cut(text, options) {
      const ids = yield* bpe.encodeSliced(text, options);
      const spans = bpe.locate(text, ids.slice(0, KEPT));
      const tokens = spans.map((span) => ({ ...span, bytes: bpe.tokenBytes(span.id) }));
      return { count: ids.length, tokens };
    },
  };
}

// The tokens that touch the code units from start to end: [first, last + 1], or null.
export function touching(tokens, { start, end }) {
  const first = tokens.findIndex((token) => token.end > start);
  if (first < 0 || tokens[first].start >= end) return null;
  let after = first + 1;
  while (after < tokens.length && tokens[after].start < end) after += 1;
  return [first, after];
}

const NEAR = 64; // code units: no family emoji is longer

// What a reader calls one character, around the code unit `at`: 👩‍👩‍👧 is five code points.
export function graphemeAt(text, at) {
  if (!globalThis.Intl?.Segmenter) return String.fromCodePoint(text.codePointAt(at));
  const from = Math.max(0, at - NEAR);
  const segments = new Intl.Segmenter().segment(wellFormed(text.slice(from, at + NEAR)));
  return segments.containing(at - from).segment;
}

export function countCharacters(text) {
  let count = text.length;
  for (let i = 0; i < text.length; i += 1) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count -= 1; // the second half of a pair
  }
  return count;
}

// A long text in blocks that no word crosses: each ends before white space, or before a mark that
// is a token of its own wherever it stands.
function* blocks(text) {
  const seam = /[^\p{L}\p{N}_'’-]|(?<![\p{L}\p{N}_])['’]/gu;
  for (let start = 0; start < text.length; ) {
    seam.lastIndex = start + BLOCK;
    const end = seam.exec(text)?.index ?? text.length;
    yield text.slice(start, end);
    start = end;
  }
}
