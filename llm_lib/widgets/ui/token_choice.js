// A list of tokens to choose from, kind by kind: the browser's own, so one can type to find.
import { h, uniqueId } from "./dom.js";

// tokens: [{ text, kind }]. Returns { root, set }. input(index) hears.
export function tokenChoice(tokens, input) {
  const id = uniqueId("token");
  const option = ({ text }, i) => h("option", { value: i }, text);
  const kinds = [...new Set(tokens.map(({ kind }) => kind))];
  const select = h("select", { id, change: () => input(Number(select.value)) });
  for (const kind of kinds) {
    const own = tokens.flatMap((token, i) => (token.kind === kind ? [option(token, i)] : []));
    if (kinds.length === 1) select.append(...own);
    else select.append(h("optgroup", { label: kind || "other" }, ...own));
  }
  const root = h("div", { class: "llm-select" }, h("label", { for: id }, "Token"), select);
  return { root, set: (index) => (select.value = String(index)) };
}
