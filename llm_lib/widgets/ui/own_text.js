// A text of the reader's own, folded away until it is wanted.
import { button, textField } from "./controls.js";
import { h } from "./dom.js";
import { currentSentence } from "./sentence.js";

// Returns { root, set(text) }. input(text) hears; `sentence` stands in where none was typed yet.
export function ownText({ input, sentence }) {
  const { root: labelled, field } = textField("Text to train on", { value: "", rows: 4, input });
  const root = h(
    "details",
    { class: "llm-own-text" },
    h("summary", {}, "Train on your own text"),
    labelled,
    button("Use my sentence", () => input(currentSentence(sentence))),
  );
  const set = (text) => {
    if (field.value !== text) field.value = text;
  };
  return { root, set };
}
