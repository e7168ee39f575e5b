// Cutting a text into pieces that byte pair encoding never merges across.
// The JavaScript twin of llm_lib/tokenizers/{pretokenize,special_tokens}.py.

// GPT-2's pattern: a contraction's end; a word, a number or a run of other signs, each with the
// space before it; white space, which leaves its last space to the word that follows.
// JavaScript's \s is not Unicode's White_Space (it has U+FEFF and lacks U+0085), so the property
// is named: then the cuts are Python's, character for character.
export const GPT2_PATTERN = new RegExp(
  String.raw`'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+` +
    String.raw`|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+`,
  "gu",
);

// Yields the pieces of a text, in order. What the pattern does not match becomes a piece of its
// own, so the pieces joined are the text.
export function* pieces(text, pattern = GPT2_PATTERN) {
  let end = 0;
  for (const { 0: piece, index } of text.matchAll(pattern)) {
    if (index > end) yield text.slice(end, index);
    if (piece !== "") yield piece;
    end = index + piece.length;
  }
  if (end < text.length) yield text.slice(end);
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

// Cuts a text at its special tokens, which stay whole: [{ text, special: true | false }].
// Where several begin at one place, the longest wins.
export function splitSpecials(text, specials) {
  if (specials.length === 0) return text === "" ? [] : [{ text, special: false }];
  const longestFirst = [...specials].sort((a, b) => b.length - a.length).map(escaped);
  return text
    .split(new RegExp(`(${longestFirst.join("|")})`, "u"))
    .map((part, i) => ({ text: part, special: i % 2 === 1 })) // ordinary, special, ordinary, …
    .filter((part) => part.text !== "");
}
