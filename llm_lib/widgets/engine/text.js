// A text seen as code points, graphemes and bytes, and how offsets in one view map to another.
// JavaScript counts UTF-16 code units; the tokenizer works on the bytes of UTF-8.

const LONE_SURROGATES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const encoder = new TextEncoder();
// ignoreBOM keeps a leading U+FEFF in the text: a tokenizer must give back what it was given.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Half of a surrogate pair is not a character and has no UTF-8; each becomes U+FFFD, as in
// tiktoken. Both are one code unit, so offsets stay true to the reader's text.
export function wellFormed(text) {
  return text.toWellFormed?.() ?? text.replace(LONE_SURROGATES, "\uFFFD");
}

export const codePoints = (text) => Array.from(wellFormed(text));

// What a reader calls a character: 👩‍👩‍👧, é as e + accent, 🇫🇷. One entry each.
export function graphemes(text) {
  if (!globalThis.Intl?.Segmenter) return codePoints(text);
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return Array.from(segments.segment(wellFormed(text)), ({ segment }) => segment);
}

// The bytes of a text in UTF-8 (lone surrogates become U+FFFD here too: TextEncoder's own rule).
export const utf8 = (text) => encoder.encode(text);

// The text of some bytes. Bytes that are not UTF-8 (a token may end inside a character) become
// U+FFFD, by the same rule as Python's bytes.decode(errors="replace").
export const fromUtf8 = (bytes) => decoder.decode(bytes);

// How many bytes the character at `unit` takes in UTF-8; lone surrogates count as U+FFFD.
export function utf8Length(text, unit) {
  const point = text.codePointAt(unit);
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

// Where consecutive pieces of the text lie, given the length of each in bytes:
// [{ byteStart, byteEnd, start, end, whole }]. start and end are code units and cover every
// character the piece touches; `whole` is false where the piece begins or ends inside one.
export function locate(text, byteLengths) {
  const spans = [];
  let unit = 0; // the character the walk has reached, in code units …
  let byte = 0; // … and in bytes
  let byteStart = 0;
  for (const length of byteLengths) {
    const byteEnd = byteStart + length;
    const start = unit;
    const startsWhole = byte === byteStart;
    let end = unit;
    while (byte < byteEnd && unit < text.length) {
      const size = utf8Length(text, unit);
      end = unit + (size === 4 ? 2 : 1); // four bytes of UTF-8 are two code units
      if (byte + size > byteEnd) break; // the next piece begins inside this character
      byte += size;
      unit = end;
    }
    spans.push({ byteStart, byteEnd, start, end, whole: startsWhole && byte === byteEnd });
    byteStart = byteEnd;
  }
  return spans;
}
