// Token vector, position vector and their sum, one below the other, a cell per dimension.
import { h } from "./dom.js";
import { heatCells, heatKey } from "./heat_cells.js";
import { signed } from "./numbers.js";

const SIGNS = ["", "+ ", "= "];

// Returns { root, draw }. choose(dimension) hears of a cell that the reader presses.
export function sumRows({ choose, signal }) {
  const title = h("p", { class: "llm-part" }, "The same sum in all dimensions");
  const key = heatKey();
  const reading = h("p", { class: "llm-reading" });
  const rows = ["token", "position", "sum"].map((part) => {
    const cells = heatCells();
    const name = h("p", { class: "llm-sum-name", "data-part": part });
    const frame = h("span", { class: "llm-sum-frame" });
    const strip = h("div", { class: "llm-sum-strip" }, cells.root, frame);
    strip.addEventListener("click", (event) => choose(cells.cellAt(event)[1]), { signal });
    strip.addEventListener("pointermove", (event) => show(cells.cellAt(event)[1]), { signal });
    strip.addEventListener("pointerleave", () => show(null), { signal });
    return { cells, name, strip };
  });
  const root = h(
    "div",
    { class: "llm-sum-rows" },
    title,
    ...rows.flatMap(({ name, strip }) => [name, strip]),
    key.root,
    reading,
  );
  let scene = null;
  const equation = (dimension) => {
    const [a, b, sum] = scene.vectors.map((vector) => signed(vector[dimension], 2));
    const part = (text, name) => h("span", { class: "llm-sum-number", "data-part": name }, text);
    return h(
      "span",
      { class: "llm-sum-equation" },
      `dimension ${dimension}: `,
      part(a, "token"),
      " + ",
      part(b.startsWith("\u2212") ? `(${b})` : b, "position"),
      " = ",
      part(sum, "sum"),
    );
  };
  const show = (dimension) =>
    reading.replaceChildren(...(dimension === null ? scene.pair : [dimension]).map(equation));
  // scene: { vectors: [token, position, sum], names, most, pair: [i, j], drawn }
  const draw = (next) => {
    scene = next;
    rows.forEach(({ cells, name, strip }, i) => {
      cells.draw([scene.vectors[i].slice(0, scene.drawn)], scene.most);
      name.replaceChildren(SIGNS[i], h("bdi", {}, scene.names[i]));
      strip.style.setProperty("--columns", String(Math.min(scene.drawn, scene.vectors[i].length)));
      strip.style.setProperty("--column", String(scene.pair[0]));
    });
    key.draw(scene.most.toPrecision(3));
    show(null);
  };
  return { root, draw };
}
