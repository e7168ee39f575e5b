// All queries against all keys: a square of numbers, a row for each query. Arrow keys walk in it.
import { h } from "./dom.js";

const WAYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// choose(query, key) hears of the cell that gets the focus. Returns { root, draw(scene) }, scene
// being { title, names, texts, shares or null, hidden, query }.
export function attentionGrid({ names, choose }) {
  const title = h("p", { class: "llm-part" });
  const cell = { class: "llm-square-cell", role: "gridcell", tabindex: -1 };
  const cells = names.map((_, i) =>
    names.map((_, j) => h("div", { ...cell, "data-token": j, "data-row": i })),
  );
  const corner = h("span", { class: "llm-square-corner", role: "columnheader" }, "query ↓ key →");
  const key = { class: "llm-square-key", role: "columnheader" };
  const top = names.map((name, j) => h("span", { ...key, "data-token": j }, h("bdi", {}, name)));
  const rows = names.map((name, i) => {
    const head = h("span", { class: "llm-square-query", role: "rowheader" }, h("bdi", {}, name));
    return h("div", { class: "llm-square-row", role: "row" }, head, ...cells[i]);
  });
  const grid = h(
    "div",
    { class: "llm-square", role: "grid" },
    h("div", { class: "llm-square-row", role: "row" }, corner, ...top),
    ...rows,
  );
  const root = h("div", { class: "llm-square-frame" }, title, grid);
  let at = null; // the cell that Tab reaches
  const place = (target) => {
    const found = target.closest?.(".llm-square-cell");
    return found ? [Number(found.dataset.row), Number(found.dataset.token)] : null;
  };
  const listen = (type, then) =>
    grid.addEventListener(type, (event) => place(event.target) && then(place(event.target), event));
  listen("focusin", ([i, j]) => {
    at = [i, j];
    choose(i, j);
  });
  listen("click", ([i, j]) => cells[i][j].focus({ preventScroll: true }));
  listen("keydown", ([i, j], event) => {
    const ends = { Home: [i, 0], End: [i, names.length - 1] };
    const way = WAYS[event.key];
    const to = ends[event.key] ?? (way && [i + way[0], j + way[1]]);
    if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    cells[to[0]]?.[to[1]]?.focus({ preventScroll: true });
  });
  const draw = (scene) => {
    title.textContent = scene.title;
    grid.setAttribute("aria-label", scene.title);
    if (at?.[0] !== scene.query) at = [scene.query, scene.query];
    rows.forEach((row, i) => row.toggleAttribute("data-chosen", i === scene.query));
    cells.flat().forEach((each) => drawCell(each, scene, at));
  };
  return { root, draw };
}

function drawCell(cell, { names, texts, shares, hidden }, at) {
  const [i, j] = [Number(cell.dataset.row), Number(cell.dataset.token)];
  const text = texts[i][j];
  cell.tabIndex = i === at[0] && j === at[1] ? 0 : -1;
  cell.setAttribute("aria-label", `query ${names[i]}, key ${names[j]}: ${text}`);
  cell.replaceChildren(hidden[i][j] ? h("s", {}, text) : text);
  cell.style.setProperty("--share", `${Math.round(40 * (shares?.[i][j] ?? 0))}%`);
}
