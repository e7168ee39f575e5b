// Byte pair encoding: text to ids and back. The twin of llm_lib/tokenizers/bpe.py.
import { LONG, createRanks, mergeLong, mergeShort } from "./merging.js";
import { GPT2_PATTERN, pieces, splitSpecials } from "./pretokenize.js";
import { UNHURRIED, createClock, drain } from "./slices.js";
import { fromUtf8, locate, utf8, wellFormed } from "./text.js";

const MAX_CACHED_PIECES = 2 ** 15;
const CHECK_EVERY = 256; // tokens between two looks at the clock

// merges: [[idA, idB], …] in the order learned; ids 0–255 are the bytes, merge r makes 256 + r.
// specials: strings such as "<|endoftext|>"; they get the ids after the merges.
// vocabSize: bytes, merges and specials together, as in Python. A smaller one takes a prefix of
// the merges: that is the tokenizer as it was when training had come that far.
export function createBPE(merges, { vocabSize, specials = [], pattern = GPT2_PATTERN } = {}) {
  const used = merges.slice(0, countMerges(vocabSize, merges.length, specials.length));
  const tokens = byteStrings(used);
  const specialIds = new Map(specials.map((text, i) => [text, tokens.length + i]));
  tokens.push(...specials.map((text) => byteString(utf8(text))));
  const ranks = createRanks(used);
  const idsOfPiece = new Map(); // a text repeats its words: what was merged once is remembered

  function* encodePiece(piece, clock, progress) {
    const bytes = utf8(piece);
    if (bytes.length > LONG) return yield* mergeLong(bytes, ranks, clock, progress);
    if (idsOfPiece.size >= MAX_CACHED_PIECES) idsOfPiece.clear();
    const ids = mergeShort(Array.from(bytes), ranks);
    idsOfPiece.set(piece, ids);
    return ids;
  }

  // Returns the ids; yields { done, total }, in code units, whenever a slice is over.
  // allowedSpecial: the specials to encode as such, or "all". The others are text like any other.
  function* encodeSliced(text, { allowedSpecial = [], clock = createClock() } = {}) {
    const allowed = allowedSpecial === "all" ? specials : allowedSpecial;
    const progress = { done: 0, total: text.length };
    const ids = [];
    for (const part of splitSpecials(wellFormed(text), allowed)) {
      for (const piece of part.special ? [part.text] : pieces(part.text, pattern)) {
        const found = part.special
          ? [specialIds.get(piece)]
          : (idsOfPiece.get(piece) ?? (yield* encodePiece(piece, clock, progress)));
        for (const id of found) {
          ids.push(id);
          if (ids.length % CHECK_EVERY === 0 && clock.due()) yield progress;
        }
        progress.done += piece.length;
      }
    }
    return ids;
  }

  const encodeIds = (text, { allowedSpecial = [] } = {}) =>
    drain(encodeSliced(text, { allowedSpecial, clock: UNHURRIED }));

  // Where tokens lie: [{ id, byteStart, byteEnd, start, end, whole }], see locate() in text.js.
  function locateTokens(text, ids) {
    const spans = locate(text, ids.map((id) => known(id).length));
    return spans.map((span, i) => ({ id: ids[i], ...span }));
  }

  function known(id) {
    if (tokens[id] !== undefined) return tokens[id];
    const last = tokens.length - 1;
    throw new RangeError(`id ${id} is not in the vocabulary: ids go from 0 to ${last}`);
  }

  return {
    vocabSize: tokens.length,
    merges: used,
    specialIds,
    encodeIds,
    encodeSliced,
    encode: (text, options) => locateTokens(text, encodeIds(text, options)),
    locate: locateTokens,
    decode: (ids) => fromUtf8(bytesOf(Array.from(ids, known).join(""))),
    tokenBytes: (id) => bytesOf(known(id)),
    mergeRank: (id) => (used[id - 256] ? id - 256 : null), // null: a byte or a special
    parts: (id) => used[id - 256] ?? null, // the two ids that were merged into this one
  };
}

// The bytes of every token, as strings of characters U+0000–U+00FF: one character is one byte, so
// joining tokens is +, and comparing strings compares bytes.
export function byteStrings(merges) {
  const strings = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  for (const [a, b] of merges) {
    if (strings[a] === undefined || strings[b] === undefined) {
      throw new RangeError(
        `merge ${strings.length - 256} joins the ids ${a} and ${b}, but only ids below ` +
          `${strings.length} exist by then: give the merges in the order they were learned`,
      );
    }
    strings.push(strings[a] + strings[b]);
  }
  return strings;
}

const byteString = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

export function bytesOf(string) {
  const bytes = new Uint8Array(string.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = string.charCodeAt(i);
  return bytes;
}

function countMerges(vocabSize, nMerges, nSpecials) {
  if (vocabSize === undefined) return nMerges;
  const [least, most] = [256 + nSpecials, 256 + nSpecials + nMerges];
  if (!Number.isInteger(vocabSize) || vocabSize < least || vocabSize > most) {
    throw new RangeError(
      `vocabSize is ${vocabSize}; with ${nMerges} merges and ${nSpecials} special tokens ` +
        `it can be ${least} to ${most}`,
    );
  }
  return vocabSize - least;
}
