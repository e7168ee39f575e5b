// The tokens of chapter 1: words and punctuation marks. The twin of llm_lib/tokenizers/word.py.

// A word (don't, well-known), a dash typed as two hyphens, or one punctuation mark. Python's \w
// and \s are spelled out, since JavaScript's know only ASCII letters and other spaces.
const WORD_OR_MARK =
  /[\p{L}\p{N}_]+(?:[-'’][\p{L}\p{N}_]+)*|--|[^\p{L}\p{N}_\p{White_Space}\x1C-\x1F]/gu;

// [{ text, start, end }], start and end in code units; white space is in none of them.
export function wordTokens(text) {
  return Array.from(text.matchAll(WORD_OR_MARK), ({ 0: word, index }) => ({
    text: word,
    start: index,
    end: index + word.length,
  }));
}
