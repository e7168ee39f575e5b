// The most frequent pairs of neighbours, as bars. The top one is merged next.
import { h } from "./dom.js";
import { glide } from "./motion.js";
import { roving } from "./roving.js";
import { grouped } from "./token_text.js";

const keyOf = ({ left, right }) => `${left.text} ${left.isHex} ${right.text} ${right.isHex}`;

// Returns { root, draw }. point(index) hears which pair the reader looks at, or null for none.
export function pairBars(point) {
  const root = h("div", {
    class: "llm-pairs",
    role: "listbox",
    "aria-label": "Pairs, most frequent first",
  });
  let rows = [];
  const known = new Map(); // key of a pair → its row, so that a pair keeps its element
  const stopAt = roving(root, () => rows.map((row) => row.root), (index) => {
    stopAt(index);
    point(index);
  });
  root.addEventListener("pointerover", ({ target }) => {
    const index = rows.findIndex((row) => row.root.contains(target));
    point(index < 0 ? null : index);
  });
  root.addEventListener("pointerleave", () => point(null));
  root.addEventListener("focusout", () => point(null));

  // pairs: [{ left, right, count, isNext, isTied }], best first; most: the count of a full bar.
  const draw = (pairs, most) => {
    const focused = root.contains(document.activeElement);
    const old = rows.map((row) => row.root);
    rows = pairs.map((pair) => known.get(keyOf(pair)) ?? drawRow(pair));
    known.clear();
    pairs.forEach((pair, i) => {
      known.set(keyOf(pair), rows[i]);
      rows[i].show(pair, most);
    });
    root.tabIndex = rows.length ? -1 : 0;
    glide(old, () => root.replaceChildren(...rows.map((row) => row.root)));
    const first = stopAt(0);
    if (focused) first?.focus({ preventScroll: true });
  };
  return { root, draw };
}

function drawRow({ left, right }) {
  const bar = h("span", { class: "llm-pair-bar" });
  const count = h("span", { class: "llm-number" });
  const note = h("span", { class: "llm-pair-note" });
  const piece = ({ text, isHex }) => h("bdi", { class: isHex ? "llm-mono" : null }, text);
  const root = h(
    "div",
    { class: "llm-pair", role: "option", tabindex: -1 },
    h("span", { class: "llm-pair-name" }, piece(left), h("span", {}, "+"), piece(right)),
    h("span", { class: "llm-pair-measure" }, bar, count, note),
  );
  const show = (pair, most) => {
    bar.style.setProperty("--share", String(pair.count / most));
    count.textContent = grouped(pair.count);
    note.textContent = pair.isNext ? "next" : pair.isTied ? "tie" : "";
    root.toggleAttribute("data-next", pair.isNext);
    const times = `${pair.count} ${pair.count === 1 ? "time" : "times"}`;
    const said = [`${left.text} + ${right.text}`, times, note.textContent].filter(Boolean);
    root.setAttribute("aria-label", said.join(", "));
  };
  return { root, show };
}
