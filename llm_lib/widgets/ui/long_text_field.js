// A text field that may be given a whole book. A browser needs seconds to lay out a megabyte in a
// text field, so the field holds the beginning, and the rest waits here, unseen but not lost.
import { textField } from "./controls.js";
import { h } from "./dom.js";
import { grouped } from "./token_text.js";

const SHOWN = 4000; // UTF-16 units in the field

// Returns { root, field, set(text) }; input(text) hears the whole text.
export function longTextField(label, { input }) {
  let rest = "";
  const note = h("span", {});
  const drop = h("button", { type: "button", class: "llm-quiet" }, "Drop the rest");
  const more = h("p", { class: "llm-field-more", hidden: true }, note, " ", drop);
  const { root, field } = textField(label, { value: "", input: () => changed() });
  root.append(more);

  const set = (text) => {
    const seam = shownLength(text);
    rest = text.slice(seam);
    if (field.value !== text.slice(0, seam)) field.value = text.slice(0, seam); // keeps the caret
    more.hidden = rest === "";
    note.textContent = `… and ${grouped(rest.length)} more code units, which the field does not show.`;
  };
  const changed = () => {
    const text = field.value + rest;
    if (field.value.length > SHOWN || rest === "") set(text);
    input(text);
  };
  drop.addEventListener("click", () => {
    rest = "";
    changed();
    field.focus();
  });
  field.addEventListener("beforeinput", (event) => {
    const { value, selectionStart: from, selectionEnd: to } = field;
    if (from === 0 && to === value.length) rest = ""; // all is selected: all is replaced
    const pasted = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (pasted.length <= SHOWN) return;
    event.preventDefault(); // a long paste must not reach the field at all
    const text = value.slice(0, from) + pasted + value.slice(to) + rest;
    set(text);
    input(text);
  });
  return { root, field, set };
}

// Where the field's part ends: never between the two halves of a character.
function shownLength(text) {
  if (text.length <= SHOWN) return text.length;
  return /[\uD800-\uDBFF]/.test(text[SHOWN - 1]) ? SHOWN - 1 : SHOWN;
}
