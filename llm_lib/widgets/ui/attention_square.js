// One head's attention as a square: a row for each token that looks, a column for each that is
// looked at, darker where it looks more. Lines are as high as those of the list beside it.
import { svg } from "./dom.js";

const FAINTEST = 0.005;
const LABELLED = 14; // pixels a column needs for its name to be readable
const LETTER = 8.5; // pixels of a name above the square, roughly

// point([row, column] or null) and choose(row) hear of the pointer.
// Returns { root, draw({ square, names, cell }), light(row, columns) }.
export function attentionSquare({ line, point, choose }) {
  const cells = svg("g", { class: "llm-square-marks" });
  const names = svg("g", { class: "llm-square-names" });
  const frame = svg("path", { class: "llm-square-edge" });
  const row = svg("rect", { class: "llm-square-lit", x: 0, height: line });
  const column = svg("rect", { class: "llm-square-lit", "data-way": "down", y: 0 });
  const root = svg("svg", { class: "llm-attention-square", "aria-hidden": "true" });
  root.append(names, cells, frame, column, row);
  let size = { count: 0, cell: line };

  const at = (event) => {
    const box = cells.ownerSVGElement.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left) / size.cell);
    const y = Math.floor((event.clientY - box.bottom) / line) + size.count;
    const isInside = x >= 0 && y >= 0 && x < size.count && y < size.count;
    return isInside ? [y, x] : null;
  };
  root.addEventListener("pointermove", (event) => point(at(event)));
  root.addEventListener("pointerleave", () => point(null));
  root.addEventListener("click", (event) => at(event) && choose(at(event)[0]));

  const draw = ({ square, texts, cell }) => {
    const count = square.length;
    size = { count, cell };
    const longest = Math.max(...texts.map((text) => clipped(text).length));
    const top = cell >= LABELLED ? 12 + LETTER * longest : 0;
    const [width, height] = [count * cell, count * line];
    root.setAttribute("viewBox", `0 ${-top} ${width + 1} ${height + top}`);
    root.setAttribute("width", width + 1);
    root.setAttribute("height", height + top);
    cells.replaceChildren(...square.flatMap((shares, y) => drawRow(shares, y, cell, line)));
    frame.setAttribute("d", staircase(square, cell, line));
    names.replaceChildren(...(top ? texts.map((text, x) => name(text, (x + 0.5) * cell)) : []));
    row.setAttribute("width", width);
    column.setAttribute("width", cell);
    column.setAttribute("height", height);
  };
  const light = (y, x) => {
    row.setAttribute("y", y * line);
    column.setAttribute("visibility", x === null ? "hidden" : "visible");
    column.setAttribute("x", (x ?? 0) * size.cell);
    [...names.children].forEach((text, i) => text.toggleAttribute("data-lit", i === x));
  };
  return { root, draw, light };
}

function drawRow(shares, y, cell, line) {
  if (!shares) return [];
  return shares.flatMap((share, x) => {
    if (share < FAINTEST) return [];
    const place = { x: x * cell, y: y * line, width: cell, height: line };
    // A power below 1, so that small shares can be seen beside large ones.
    return [svg("rect", { ...place, style: { opacity: (share ** 0.7).toFixed(3) } })];
  });
}

// The outline of what can be seen: below the diagonal, where tokens see only what came before.
function staircase(square, cell, line) {
  const isCausal = square.every((row, y) => !row || row.every((share, x) => x <= y || share === 0));
  const n = square.length;
  if (!isCausal) return `M0 0H${n * cell}V${n * line}H0z`;
  const steps = square.map((_, i) => `H${(i + 1) * cell}V${(i + 1) * line}`);
  return `M0 0${steps.join("")}H0z`;
}

function name(text, x) {
  return svg("text", { transform: `translate(${x} -6) rotate(-90)` }, clipped(text));
}

function clipped(text) {
  const characters = Array.from(text);
  return characters.length > 9 ? `${characters.slice(0, 8).join("")}…` : text;
}
