// A switch with its label, the browser's own. Returns { root, set(on) }; `input(on)` hears.
import { h } from "./dom.js";

export function checkbox(label, input) {
  const box = h("input", { type: "checkbox", change: () => input(box.checked) });
  const root = h("label", { class: "llm-check" }, box, h("span", {}, label));
  return { root, set: (on) => (box.checked = on) };
}
