// Labelled controls. Every one works by keyboard because each is the browser's own.
import { h, uniqueId } from "./dom.js";

// A button. Labels are verbs.
export function button(label, click, attributes = {}) {
  return h("button", { type: "button", class: "llm-button", click, ...attributes }, label);
}

// A slider with its value in words beside it. `show(value)` formats; `input(value)` hears.
// Returns { root, input, set(value) }.
export function slider(label, { min, max, step = 1, value, show = String, input }) {
  const id = uniqueId("slider");
  const output = h("output", { for: id, class: "llm-number", "aria-live": "off" });
  const range = h("input", { id, type: "range", min, max, step });
  const display = () => {
    output.textContent = show(Number(range.value));
    range.setAttribute("aria-valuetext", output.textContent);
  };
  range.addEventListener("input", () => {
    display();
    input(Number(range.value));
  });
  const set = (next) => {
    range.value = String(next);
    display();
  };
  set(value);
  const root = h("div", { class: "llm-control" }, h("label", { for: id }, label), range, output);
  return { root, input: range, set, setMax: (most) => range.setAttribute("max", most) };
}

// A choice of one among few: radio buttons in a fieldset. options: [[value, label], …].
export function choice(label, { options, value, input }) {
  const name = uniqueId("choice");
  const radios = options.map(([option, text]) => {
    const radio = h("input", { type: "radio", name, value: option });
    radio.checked = option === value;
    radio.addEventListener("change", () => input(option));
    return [option, radio, h("label", { class: "llm-option" }, radio, h("span", {}, text))];
  });
  const root = h(
    "fieldset",
    { class: "llm-choice" },
    h("legend", {}, label),
    ...radios.map(([, , node]) => node),
  );
  const set = (next) => radios.forEach(([option, radio]) => (radio.checked = option === next));
  return { root, set };
}

// A text field for the reader's own words. Returns { root, field }.
export function textField(label, { value, input, rows = 2, maxlength }) {
  const id = uniqueId("text");
  const field = h("textarea", { id, rows, maxlength, spellcheck: "false", dir: "auto" });
  field.value = value;
  field.addEventListener("input", () => input(field.value));
  return { root: h("div", { class: "llm-field" }, h("label", { for: id }, label), field), field };
}
