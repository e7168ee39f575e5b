// A choice of one among several: the browser's own list. options: [[value, label], …].
import { h, uniqueId } from "./dom.js";

// Returns { root, set }. input(value) hears.
export function selectField(label, { options, input }) {
  const id = uniqueId("select");
  const select = h("select", { id, change: () => input(select.value) });
  select.append(...options.map(([value, text]) => h("option", { value }, text)));
  const root = h("div", { class: "llm-select" }, h("label", { for: id }, label), select);
  return { root, set: (value) => (select.value = value) };
}
