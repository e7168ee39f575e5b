// The likeliest next tokens as bars. Each is a button: the reader may take any of them.
import { percent } from "./amounts.js";
import { h } from "./dom.js";
import { grouped } from "./token_text.js";

// Returns { root, draw({ rows, rest, taken, verb }) }; take(id) hears which token was chosen.
//   rows   [{ id, name, share, note }]; rest: { count, share }
//   verb   what a click does, for a screen reader, or null where nothing can be taken
export function machineNext(take) {
  const list = h("ol", { class: "llm-machine-next" });
  const rest = h("p", { class: "llm-machine-rest" });
  const root = h("div", {}, list, rest);
  const draw = ({ rows, rest: left, verb }) => {
    while (list.children.length > rows.length) list.lastChild.remove();
    while (list.children.length < rows.length) list.append(emptyRow(take));
    rows.forEach((row, i) => fillRow(list.children[i].firstChild, row, verb));
    rest.textContent = `The other ${grouped(left.count)} tokens together: ${percent(left.share)}`;
  };
  return { root, draw };
}

function emptyRow(take) {
  const button = h(
    "button",
    { type: "button", class: "llm-machine-row", click: () => take(Number(button.dataset.id)) },
    h("bdi", { class: "llm-machine-name" }),
    h("span", { class: "llm-machine-track", "aria-hidden": "true" }, h("span", {})),
    h("span", { class: "llm-machine-number" }),
    h("span", { class: "llm-machine-note" }),
  );
  return h("li", {}, button);
}

function fillRow(button, { id, name, share, note, kind }, verb) {
  const [label, track, number, remark] = button.children;
  button.dataset.id = id;
  button.dataset.kind = kind ?? "";
  button.setAttribute("aria-disabled", String(verb === null));
  const said = [verb ? `${verb} “${name}”` : `“${name}”`, percent(share), note].filter(Boolean);
  button.setAttribute("aria-label", said.join(", "));
  label.textContent = name;
  track.style.setProperty("--share", share.toFixed(5));
  number.textContent = percent(share);
  remark.textContent = note;
}
