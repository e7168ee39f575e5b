// Layer after layer: how much attention and feed-forward add to the stream, and what the model
// would say if it stopped there.
import { amount, percent } from "./amounts.js";
import { h } from "./dom.js";

// Returns { root, draw(rows) }, rows: [{ name, attention, feedForward, word, share }]; the first
// row is the embedding, which nothing was added to.
export function machineLayers() {
  const root = h("ol", { class: "llm-machine-layers" });
  const draw = (rows) => {
    while (root.children.length > rows.length) root.lastChild.remove();
    while (root.children.length < rows.length) root.append(emptyRow());
    const most = Math.max(...rows.slice(1).flatMap((row) => [row.attention, row.feedForward]));
    rows.forEach((row, i) => fillRow(root.children[i], row, most));
  };
  return { root, draw };
}

function emptyRow() {
  const bar = (part) =>
    h("span", { class: "llm-machine-add", "data-part": part }, h("span", {}), h("span", {}));
  const number = h("span", { class: "llm-machine-number" });
  return h(
    "li",
    {},
    h("span", { class: "llm-machine-layer" }),
    h("span", { class: "llm-machine-adds" }, bar("attention"), bar("feed-forward")),
    h("span", { class: "llm-machine-says" }, h("bdi", {}), " ", number),
  );
}

function fillRow(item, { name, attention, feedForward, word, share }, most) {
  const [label, adds, says] = item.children;
  label.textContent = name;
  adds.hidden = attention === undefined;
  const sizes = { attention, "feed-forward": feedForward };
  Object.entries(sizes).forEach(([part, size], i) => {
    if (size === undefined) return;
    const [bar, number] = adds.children[i].children;
    bar.style.setProperty("--size", (size / most).toFixed(4));
    number.textContent = `${part} ${amount(size)}`;
  });
  says.children[0].textContent = word;
  says.children[1].textContent = percent(share);
}
