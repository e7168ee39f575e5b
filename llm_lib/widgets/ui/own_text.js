// A text of the reader's own, folded away until it is wanted.
import { button } from "./controls.js";
import { h } from "./dom.js";
import { longTextField } from "./long_text_field.js";
import { currentSentence } from "./sentence.js";
import { grouped } from "./token_text.js";

const LONGEST = 100_000; // code units: a longer text teaches nothing more here, and takes long

// Returns { root, set(text) }. input(text) hears; `sentence` stands in where none was typed yet.
export function ownText({ input, sentence }) {
  const cut = h("p", { class: "llm-caption", hidden: true });
  cut.textContent = `Only the first ${grouped(LONGEST)} characters are taken.`;
  const hear = (text) => {
    cut.hidden = text.length < LONGEST;
    input(text.slice(0, LONGEST));
  };
  const field = longTextField("Text to train on", { input: hear });
  const root = h(
    "details",
    { class: "llm-own-text" },
    h("summary", {}, "Train on your own text"),
    field.root,
    cut,
    button("Use my sentence", () => hear(currentSentence(sentence))),
  );
  return { root, set: field.set };
}
