// The reader's text as the book's model reads it.
import { tokenText } from "./token_text.js";

const MOST = 240; // tokens read at once, of the 256 that the model holds
const START = "<|endoftext|>";

// Returns { ids, names, cut }: the start token and the last tokens of the text; `cut` is how many
// were left out.
export function storyTokens(tokenizer, text, most = MOST) {
  const all = tokenizer.encodeIds(text);
  const kept = all.slice(Math.max(0, all.length - most + 1));
  return {
    ids: [tokenizer.specialIds.get(START), ...kept],
    names: ["start", ...kept.map((id) => tokenName(tokenizer, id))],
    cut: all.length - kept.length,
  };
}

export function tokenName(tokenizer, id) {
  if (id === tokenizer.specialIds.get(START)) return "the end";
  return tokenText(tokenizer.tokenBytes(id)).text;
}
