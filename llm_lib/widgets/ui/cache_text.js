// The end of the text that is being read, the newest token marked.
import { h } from "./dom.js";
import { pieceText } from "./written_text.js";

const DRAWN = 48; // tokens: the end of the text is what matters

// Returns { root, draw({ ids, own, length, start, tokenizer }) }: the first `own` tokens are the
// reader's, the others the model's, and those before `start` are forgotten.
export function cacheText() {
  const line = h("span");
  const root = h("p", { class: "llm-kv-text", dir: "auto" }, line);
  const draw = ({ ids, own, length, start, tokenizer }) => {
    const first = Math.max(0, length - DRAWN);
    const pieces = Array.from({ length: length - first }, (_, i) => {
      const at = first + i;
      const attributes = {
        "data-newest": at === length - 1,
        "data-by": at < own ? "reader" : "model",
        "data-forgotten": at < start,
      };
      return h("span", attributes, piece(tokenizer, ids[at], at));
    });
    line.replaceChildren(first > 0 ? "… " : "", ...pieces);
  };
  return { root, draw };
}

function piece(tokenizer, id, at) {
  if (id === undefined) return " …";
  const isMark = id === tokenizer.specialIds.get("<|endoftext|>");
  if (isMark) return at === 0 ? "⟨start⟩ " : "⟨the end⟩ ";
  return pieceText(tokenizer.tokenBytes(id));
}
