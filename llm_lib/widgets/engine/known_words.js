// Which words of a text the book's model can know: those of Tales, which it was trained on.
import { value as tales } from "asset:tales-words.json";
import { wordTokens } from "./words.js";

const KNOWN = new Set(tales.words);

// The words of `text` that never occur in Tales: [{ text, start, end }]. A capital at the beginning
// makes no word unknown, and the last word may be one that is still being typed.
export function unknownWords(text) {
  return wordTokens(text).filter((word) => {
    if (KNOWN.has(word.text) || KNOWN.has(decapitalised(word.text))) return false;
    return !(word.end === text.length && begins(word.text));
  });
}

function decapitalised(word) {
  return word.charAt(0).toLowerCase() + word.slice(1);
}

function begins(part) {
  return tales.words.some((word) => word.startsWith(part));
}
