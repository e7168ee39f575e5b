// Amounts as a list with bars: what, how much, what share of the whole. One stop of the Tab key.
import { h } from "./dom.js";
import { roving } from "./roving.js";

// Returns { root, draw, light }. choose(key) and point(key or null) hear where the reader looks.
export function shareList({ choose, point }) {
  const root = h("div", { class: "llm-shares", role: "listbox" });
  let rows = [];
  const elements = () => rows.map((row) => row.root);
  const stopAt = roving(root, elements, (index) => choose(rows[index].key));
  const under = (target) => rows.find((row) => row.root.contains(target))?.key ?? null;
  root.addEventListener("pointerover", ({ target }) => point(under(target)));
  root.addEventListener("pointerleave", () => point(null));

  // entries: [{ key, name, copies, amount, exact, share, shareWords }]
  const draw = (label, entries) => {
    root.setAttribute("aria-label", label);
    const same = entries.length === rows.length && entries.every((e, i) => e.key === rows[i].key);
    if (!same) {
      const focused = rows.find((row) => row.root === document.activeElement)?.key;
      rows = entries.map(({ key }) => drawRow(key));
      root.replaceChildren(...rows.map((row) => row.root));
      rows.find((row) => row.key === focused)?.root.focus({ preventScroll: true });
    }
    entries.forEach((entry, i) => rows[i].show(entry));
    if (!rows.some((row) => row.root.tabIndex === 0)) stopAt(0);
  };
  const light = (key, settled) => {
    const index = rows.findIndex((row) => row.key === key);
    rows.forEach((row, i) => row.root.toggleAttribute("data-here", i === index));
    if (settled && index >= 0) stopAt(index);
  };
  return { root, draw, light };
}

function drawRow(key) {
  const copies = h("span", { class: "llm-share-of" });
  const amount = h("span", { class: "llm-share-amount" });
  const share = h("span", { class: "llm-share-share" });
  const bar = h("span", { class: "llm-share-bar", "data-piece": key });
  const swatch = h("span", { class: "llm-share-swatch", "data-piece": key });
  const text = h("span", {});
  const name = h("span", { class: "llm-share-name" }, swatch, text, copies);
  const root = h(
    "div",
    { class: "llm-share", role: "option", tabindex: -1 },
    name,
    amount,
    share,
    bar,
  );
  const show = (entry) => {
    text.textContent = entry.name;
    copies.textContent = entry.copies > 1 ? ` ×\u00a0${entry.copies}` : "";
    amount.textContent = entry.amount;
    share.textContent = entry.shareWords;
    bar.style.setProperty("--share", String(entry.share));
    const many = entry.copies > 1 ? `, in ${entry.copies} blocks` : "";
    root.setAttribute("aria-label", `${entry.name}${many}: ${entry.exact}, ${entry.shareWords}`);
  };
  return { root, key, show };
}
