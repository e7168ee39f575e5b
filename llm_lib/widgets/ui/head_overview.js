// All heads of a model as small pictures of what they look at: a row for each layer. Arrow keys
// walk among them; the one that has the focus is the chosen one.
import { h, svg } from "./dom.js";

const LEVELS = [0.04, 0.1, 0.2, 0.4, 0.7]; // a share is drawn as dark as the highest it reaches
const WAYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// choose(layer, head) hears; toggle(layer, head) hears of the space bar, if heads can be switched.
// Returns { root, draw(scene) }, scene: { squares, layer, head, isOff, names, effects }, where
// isOff(layer, head) says which are switched off, squares[layer][head] are rows of shares, names[layer][head] says what the head does, and
// effects[layer][head], where known, { text, name, isLarge } what is left without it.
export function headOverview({ layers, heads, choose, toggle }) {
  const cells = Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: heads }, (__, head) => thumbnail(layer, head)),
  );
  const header = (text) => h("span", { class: "llm-heads-name", role: "columnheader" }, text);
  const row = (layer) =>
    h(
      "div",
      { class: "llm-heads-row", role: "row" },
      h("span", { class: "llm-heads-name", role: "rowheader" }, `layer ${layer}`),
      ...cells[layer].map((cell) => cell.root),
    );
  const columns = cells[0].map((_, head) => header(`head ${head}`));
  const corner = h("span", { role: "columnheader" }, h("span", { class: "llm-hidden" }, "layer"));
  const label = `All heads; arrow keys choose${toggle ? ", the space bar switches off" : ""}`;
  const root = h(
    "div",
    { class: "llm-heads-grid", role: "grid", "aria-label": label },
    h("div", { class: "llm-heads-row", role: "row" }, corner, ...columns),
    ...cells.map((_, layer) => row(layer)),
  );
  root.style.setProperty("--heads", heads);

  const place = ({ target }) => {
    const cell = target.closest?.(".llm-heads-cell");
    return cell && [Number(cell.dataset.layer), Number(cell.dataset.head)];
  };
  root.addEventListener("focusin", (event) => place(event) && choose(...place(event)));
  root.addEventListener("click", (event) => {
    const at = place(event);
    if (at) cells[at[0]][at[1]].root.focus({ preventScroll: true });
  });
  root.addEventListener("keydown", (event) => {
    const at = place(event);
    if (!at || event.altKey || event.ctrlKey || event.metaKey) return;
    const ends = { Home: [at[0], 0], End: [at[0], heads - 1] };
    const way = WAYS[event.key];
    const to = ends[event.key] ?? (way && [at[0] + way[0], at[1] + way[1]]);
    if (to) cells[to[0]]?.[to[1]]?.root.focus();
    else if (event.key === " " && toggle) toggle(...at);
    else return;
    event.preventDefault();
  });

  let drawn = null;
  const draw = ({ squares, layer, head, isOff, names, effects }) => {
    for (const cell of cells.flat()) {
      const [l, i] = cell.place;
      if (drawn !== squares) cell.draw(squares[l][i]);
      cell.mark({ isChosen: l === layer && i === head, isOff: isOff(l, i), name: names[l][i] });
      cell.weigh(effects?.[l]?.[i]);
    }
    drawn = squares;
  };
  return { root, draw };
}

function thumbnail(layer, head) {
  const paths = LEVELS.map((_, level) => svg("path", { "data-level": level }));
  const picture = svg("svg", { "aria-hidden": "true", preserveAspectRatio: "none" }, ...paths);
  const off = h("span", { class: "llm-heads-off", "aria-hidden": "true" }, "off");
  const effect = h("span", { class: "llm-heads-effect", "aria-hidden": "true" });
  const root = h(
    "div",
    { class: "llm-heads-cell", role: "gridcell", "data-layer": layer, "data-head": head },
    picture,
    effect,
    off,
  );
  const draw = (rows) => {
    picture.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
    const marks = LEVELS.map(() => "");
    rows.forEach((row, y) =>
      row?.forEach((share, x) => {
        const level = LEVELS.findLastIndex((least) => share >= least);
        if (level >= 0) marks[level] += `M${x} ${y}h1v1h-1z`;
      }),
    );
    paths.forEach((path, level) => path.setAttribute("d", marks[level]));
  };
  const mark = ({ isChosen, isOff, name }) => {
    root.tabIndex = isChosen ? 0 : -1;
    root.setAttribute("aria-selected", String(isChosen));
    root.toggleAttribute("data-off", isOff);
    const state = isOff ? ", switched off" : "";
    root.setAttribute("aria-label", `Layer ${layer}, head ${head}${state}: ${name}`);
    root.title = `Layer ${layer}, head ${head}: ${name}`;
  };
  const weigh = (known) => {
    effect.textContent = known?.text ?? "";
    effect.toggleAttribute("data-large", Boolean(known?.isLarge));
    if (known) root.setAttribute("aria-label", `${root.getAttribute("aria-label")}; ${known.name}`);
  };
  return { root, draw, mark, weigh, place: [layer, head] };
}
