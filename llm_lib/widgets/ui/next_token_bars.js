// The likeliest next tokens as bars: what they are now, and as an outline what they were before.
import { percent } from "./amounts.js";
import { h } from "./dom.js";

// Returns { root, draw(rows, isChanged) }, rows: [{ name, before, after, note, kind }]. `before` is
// shown where something was changed.
export function nextTokenBars() {
  const root = h("ol", { class: "llm-next" });
  const draw = (rows, isChanged) => {
    while (root.children.length > rows.length) root.lastChild.remove();
    while (root.children.length < rows.length) root.append(emptyRow());
    rows.forEach((row, i) => fillRow(root.children[i], row, isChanged));
  };
  return { root, draw };
}

function emptyRow() {
  const bar = h(
    "span",
    { class: "llm-next-track", "aria-hidden": "true" },
    h("span", { class: "llm-next-now" }),
    h("span", { class: "llm-next-ghost" }),
  );
  const name = h("bdi", { class: "llm-next-name" });
  return h("li", {}, name, bar, h("span", { class: "llm-next-number" }));
}

function fillRow(item, { name, before, after, note, kind }, isChanged) {
  const [label, bar, number] = item.children;
  item.dataset.kind = kind ?? "token";
  label.textContent = note ? `${name} ${note}` : name;
  label.title = label.textContent;
  bar.style.setProperty("--now", after.toFixed(5));
  bar.style.setProperty("--before", before.toFixed(5));
  bar.toggleAttribute("data-changed", isChanged);
  number.textContent = isChanged ? `${percent(before)} → ${percent(after)}` : percent(after);
}
