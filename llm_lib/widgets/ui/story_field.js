// The reader's own words for the book's model: a field, a word about what the model cannot know,
// and beginnings that it does know.
import { unknownWords } from "../engine/known_words.js";
import { textField } from "./controls.js";
import { debounce, h, uniqueId } from "./dom.js";
import { currentSentence, onSentence, rememberSentence } from "./sentence.js";

const LONGEST = 1000; // code units: more than the model's 256 tokens hold
const MARKED = 8; // unknown words named at once

// Each stops where the next word follows from what was said, so a model that listens is sure of it.
const OPENINGS = [
  "Near the mill lived a child called Hugo. One windy morning, he went out to play. Now",
  'Both Tom and Ruth wanted the silver bell. "I saw it first!" said Tom. "No, I did!" said',
  'There in the grass lay an old hat. "Whose is it?" Felix asked a donkey. "Not mine," brayed the',
  "He put his old lantern down for a moment. When he looked round, a mole had it and was gone. " +
    '"Thief!" cried Otto. "Why did you take my',
];

// Returns { root, text(), set(text) }.
//   authored  the text to begin with, where the reader has none of their own yet
//   follow    whether it is "your sentence", shared with the other figures
//   input     hears the new text, after a short pause in the typing
export function storyField({ label = "Your text", authored, follow = true, input, signal }) {
  const start = follow ? currentSentence(authored) : authored;
  const source = {};
  const tell = () => {
    if (follow) rememberSentence(field.value, source);
    input(field.value);
  };
  const changed = debounce(tell, 120, signal);
  const { root: labelled, field } = textField(label, {
    value: start.slice(0, LONGEST),
    maxlength: LONGEST,
    input() {
      note();
      changed();
    },
  });
  const words = h("p", { class: "llm-unknown", id: uniqueId("unknown") });
  const root = h("div", { class: "llm-story-field" }, labelled, words, offers(choose));
  field.setAttribute("aria-describedby", words.id);

  function note() {
    words.replaceChildren(...unknownNote(field.value));
  }

  function set(text) {
    field.value = text.slice(0, LONGEST);
    note();
  }

  function choose(text) {
    set(text);
    tell();
  }

  if (follow) {
    const heard = (text) => {
      set(text);
      input(field.value);
    };
    onSentence(heard, source, signal);
  }
  note();
  return { root, text: () => field.value, set };
}

function unknownNote(text) {
  const unknown = [...new Set(unknownWords(text).map((word) => word.text))];
  if (!unknown.length) return [];
  const shown = unknown.slice(0, MARKED).flatMap((word, i) => [
    i ? ", " : "",
    h("mark", { class: "llm-unknown-word" }, word),
  ]);
  const more = unknown.length > MARKED ? ` and ${unknown.length - MARKED} more` : "";
  const why = `${more}: it was trained on Tales alone, and takes such a word as odd pieces.`;
  return ["The model has never read ", ...shown, why];
}

function offers(choose) {
  const buttons = OPENINGS.map((text) => {
    const attributes = { type: "button", class: "llm-quiet", click: () => choose(text) };
    return h("li", {}, h("button", attributes, `… ${text.split(" ").slice(-6).join(" ")} …`));
  });
  return h(
    "details",
    { class: "llm-offers" },
    h("summary", {}, "Beginnings it knows"),
    h("ul", {}, ...buttons),
  );
}
