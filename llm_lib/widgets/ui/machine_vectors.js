// The vector of a token: what its id gives, what its position gives, and their sum.
import { h } from "./dom.js";
import { signed } from "./numbers.js";

const NAMES = ["token", "position", "sum"];
const SIGNS = { position: "+", sum: "=" };

// Returns { root, draw(vectors) }; point(name, column) hears which number the pointer is on: null,
// none.
export function machineVectors(point) {
  const strips = NAMES.map((name) =>
    numberStrip((column) => point(column === null ? null : name, column)),
  );
  const rows = NAMES.map((name, i) => {
    const sign = h("span", { class: "llm-machine-sign" }, SIGNS[name] ?? "");
    return h("div", { class: "llm-machine-vector" }, sign, name, strips[i].root);
  });
  const root = h("div", { class: "llm-machine-vectors" }, ...rows);
  const draw = (vectors) => {
    const most = Math.max(...vectors.map(largest));
    vectors.forEach((vector, i) => strips[i].draw(vector, most));
  };
  return { root, draw };
}

// A vector as a strip of cells, blue above zero and orange below, like heat_cells.js. It is drawn
// anew for every token that the pointer passes, so it is one element with one background.
function numberStrip(point) {
  const root = h("span", { class: "llm-machine-strip", "aria-hidden": "true" });
  let count = 1;
  root.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = root.getBoundingClientRect();
    const column = Math.floor(((clientX - left) / width) * count);
    point(Math.max(0, Math.min(count - 1, column)));
  });
  root.addEventListener("pointerleave", () => point(null));
  const draw = (vector, most) => {
    count = vector.length;
    const edge = (i) => `${((100 * i) / count).toFixed(2)}%`;
    const cell = (value, i) => `${shade(value / most)} ${edge(i)} ${edge(i + 1)}`;
    const cells = Array.from(vector, cell).join(", ");
    root.style.backgroundImage = `linear-gradient(to right, ${cells})`;
  };
  return { root, draw };
}

// The page's paper shines through small numbers, so the colour follows the theme by itself.
function shade(part) {
  const hue = part < 0 ? "positions" : "tokens";
  const percent = Math.round(100 * Math.abs(part));
  return `color-mix(in srgb, var(--llm-${hue}) ${percent}%, transparent)`;
}

const largest = (vector) => vector.reduce((most, number) => Math.max(most, Math.abs(number)), 0);

// What there is to say about the vectors, or about the one number that is pointed at.
export function vectorWords(vectors, pointed) {
  const sum = vectors[2];
  if (pointed) {
    const value = vectors[NAMES.indexOf(pointed.name)][pointed.column];
    return `Number ${pointed.column} of ${sum.length}, ${pointed.name}: ${signed(value, 3)}.`;
  }
  const first = Array.from(sum.slice(0, 3), (number) => signed(number, 2)).join(", ");
  return `${sum.length} numbers: ${first} … Blue is above zero, orange below.`;
}
