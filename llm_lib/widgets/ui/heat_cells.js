// Signed numbers as a field of cells: blue above zero, orange below, and the paper itself at zero.
import { h, svg } from "./dom.js";

// The colour of `value` where `most` is the largest magnitude; it follows the theme by itself.
function shade(value, most) {
  const percent = Math.round((100 * Math.min(Math.abs(value), most)) / (most || 1));
  const hue = value < 0 ? "positions" : "tokens";
  return `color-mix(in srgb, var(--llm-${hue}) ${percent}%, var(--llm-paper))`;
}

// Returns { root, draw(rows, most), cellAt(event) -> [row, column] }.
export function heatCells() {
  const root = svg("svg", {
    class: "llm-heat",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  let size = [1, 1];
  const draw = (rows, most) => {
    size = [rows.length, rows[0].length];
    root.setAttribute("viewBox", `0 0 ${size[1]} ${size[0]}`);
    // A little wider than a cell, so that no paper shines through between two of one colour.
    const cell = (value, x, y) =>
      svg("rect", { x, y, width: 1.02, height: 1.02, style: { fill: shade(value, most) } });
    root.replaceChildren(...rows.flatMap((row, y) => row.map((value, x) => cell(value, x, y))));
  };
  const cellAt = ({ clientX, clientY }) => {
    const { left, top, width, height } = root.getBoundingClientRect();
    const part = [(clientY - top) / height, (clientX - left) / width];
    return part.map((share, i) => Math.max(0, Math.min(size[i] - 1, Math.floor(share * size[i]))));
  };
  return { root, draw, cellAt };
}

// What the colours mean, from −most to most.
export function heatKey() {
  const [low, high] = [h("span", { class: "llm-number" }), h("span", { class: "llm-number" })];
  const bar = h("span", { class: "llm-heat-bar" }, h("span", { class: "llm-number" }, "0"));
  const root = h("p", { class: "llm-heat-key" }, low, bar, high);
  const draw = (text) => {
    low.textContent = `\u2212${text}`;
    high.textContent = text;
  };
  return { root, draw };
}
