// A whole number by slider for the range and by field for the exact value.
import { h, uniqueId } from "./dom.js";
import { grouped } from "./token_text.js";

// Returns { root, set(value), setMax(most), focus() }. `input(value)` hears whole numbers from 1 to
// `max`; `refuse(text)` hears what is wrong with anything else that is typed.
//   stops  the values that the slider knows, smallest first
export function sizeField(label, { stops, max, input, refuse }) {
  const id = uniqueId("size");
  const range = h("input", { id, type: "range", min: 0, max: stops.length - 1, step: 1 });
  const name = `${label}, exact number`;
  const field = h("input", { type: "number", min: 1, max, step: 1, "aria-label": name });
  field.className = "llm-size-number llm-number";
  const root = h("div", { class: "llm-size" }, h("label", { for: id }, label), range, field);
  let [known, current, most] = [stops, 1, max];

  range.addEventListener("input", () => input(known[Number(range.value)]));
  field.addEventListener("input", () => {
    if (field.value === "") return; // still typing
    const value = Number(field.value);
    const fits = Number.isInteger(value) && value >= 1 && value <= most;
    field.toggleAttribute("aria-invalid", !fits);
    if (fits) input(value);
    else refuse(`${label}: give a whole number from 1 to ${grouped(most)}.`);
  });
  field.addEventListener("change", () => set(current)); // what did not fit goes back

  const set = (value) => {
    current = value;
    range.value = String(nearest(known, value));
    range.setAttribute("aria-valuetext", grouped(value));
    field.removeAttribute("aria-invalid");
    if (document.activeElement !== field || Number(field.value) !== value) field.value = value;
  };
  const setMax = (value) => {
    most = value;
    field.max = value;
    known = [...stops.filter((stop) => stop < value), value];
    range.max = known.length - 1;
  };
  return { root, set, setMax, focus: () => range.focus() };
}

function nearest(stops, value) {
  const distance = (stop) => Math.abs(Math.log(stop / value));
  const best = stops.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return stops.indexOf(best);
}
