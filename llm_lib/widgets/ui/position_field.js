// Position vectors as a field: a row per position, a column per dimension, and a cell to look at.
import { h } from "./dom.js";
import { heatCells, heatKey } from "./heat_cells.js";
import { signed } from "./numbers.js";

const MOVES = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

// Returns { root, draw }. move({ position, dimension }) hears where the reader looks.
export function positionField(move) {
  const cells = heatCells();
  const key = heatKey();
  const cursor = h("span", { class: "llm-places-cursor" });
  const row = h("span", { class: "llm-places-row" });
  const plot = h("div", { class: "llm-places-plot", role: "slider", tabindex: 0 }, cells.root);
  plot.setAttribute("aria-label", "Position and dimension");
  plot.setAttribute("aria-orientation", "vertical");
  plot.append(row, cursor);
  const [first, last] = ["first", "last"].map((end) => h("span", { "data-end": end }));
  const scale = h("span", { class: "llm-places-scale llm-number", "aria-hidden": "true" });
  scale.append(first, last);
  const across = h("p", { class: "llm-axis-name", "aria-hidden": "true" });
  const reading = h("p", { class: "llm-reading" });
  const title = h("p", { class: "llm-part" }, "Positions, dimension by dimension");
  const root = h(
    "div",
    { class: "llm-places-part" },
    title,
    h("div", { class: "llm-places" }, scale, plot, across),
    key.root,
    reading,
  );
  let drawn = null;
  const at = (event) => {
    const [position, dimension] = cells.cellAt(event);
    return { position, dimension };
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    move(at(event));
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) move(at(event));
    else if (drawn) show(at(event));
  });
  plot.addEventListener("pointerleave", () => drawn && show(drawn));
  plot.addEventListener("keydown", (event) => {
    const by = { ...MOVES, PageDown: [8, 0], PageUp: [-8, 0] }[event.key];
    const ends = { Home: 0, End: Infinity };
    if (event.altKey || event.ctrlKey || event.metaKey || !(by || event.key in ends)) return;
    event.preventDefault();
    const [down, right] = by ?? [0, 0];
    const position = by ? drawn.position + down : ends[event.key];
    move({ position, dimension: drawn.dimension + right });
  });

  const words = ({ position, dimension }) =>
    `Position ${position}, dimension ${dimension}: ${signed(drawn.rows[position][dimension], 3)}`;
  const show = (place) => (reading.textContent = words(place));
  // scene: { rows, most, position, dimension, note }
  const draw = (scene) => {
    const [count, width] = [scene.rows.length, scene.rows[0].length];
    if (drawn?.rows !== scene.rows) cells.draw(scene.rows, scene.most);
    drawn = scene;
    key.draw(scene.most.toPrecision(3));
    [first.textContent, last.textContent] = ["0", String(count - 1)];
    across.textContent = `position ↓  dimension 0 to ${width - 1} → ${scene.note}`;
    plot.style.setProperty("--rows", String(count));
    plot.style.setProperty("--columns", String(width));
    plot.style.setProperty("--row", String(scene.position));
    plot.style.setProperty("--column", String(scene.dimension));
    const [now, most] = [scene.position, count - 1];
    const values = { "aria-valuemin": 0, "aria-valuemax": most, "aria-valuenow": now };
    for (const [name, value] of Object.entries(values)) plot.setAttribute(name, value);
    plot.setAttribute("aria-valuetext", words(scene));
    show(scene);
  };
  return { root, draw };
}
