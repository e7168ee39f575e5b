// One cell for each layer at each position of a text that grows: computed for the newest token,
// kept from before, forgotten, or still to come.
import { h } from "./dom.js";
import { grouped } from "./token_text.js";

const SIZES = [16, 32, 64, 128, 256, 400]; // columns drawn: the smallest that the text fits into
const NAMED = 32; // columns, at most, that have room for the names of their tokens
const STATES = ["forgotten", "kept", "computed", "to come"];

export const KINDS = { without: "Without a cache", with: "With a cache" };

// Returns { root, draw({ cost, layers, names }) }. kind: "without" or "with"; names: of the tokens
// as far as they are known, or null where the picture above bears them.
export function cacheGrid(kind) {
  const title = h("span", { class: "llm-kv-title" }, KINDS[kind]);
  const sum = h("span", { class: "llm-kv-sum" });
  const heads = h("div", { class: "llm-kv-names", "aria-hidden": "true" });
  const rows = h("div", { class: "llm-kv-layers", "aria-hidden": "true" });
  const runs = STATES.map((state) => h("span", { class: "llm-kv-run", "data-state": state }));
  const cells = h("div", { class: "llm-kv-cells", role: "img" }, ...runs);
  const ticks = h("div", { class: "llm-kv-ticks", "aria-hidden": "true" });
  const plane = h("div", { class: "llm-kv-plane" }, heads, rows, cells, ticks);
  const root = h("div", { class: "llm-kv-grid" }, h("p", {}, title, sum), plane);
  let drawn = {};

  const draw = ({ cost, layers, names }) => {
    const columns = SIZES.find((size) => size >= cost.length);
    if (layers !== drawn.layers) rows.replaceChildren(...layerNames(layers));
    if (columns !== drawn.columns) ticks.replaceChildren(...tickMarks(columns));
    drawn = { layers, columns };
    plane.style.setProperty("--columns", columns);
    plane.style.setProperty("--layers", layers);
    plane.dataset.columns = columns;
    const ends = endsOf(cost, kind, columns);
    runs.forEach((run, i) => {
      const [from, to] = [ends[i], ends[i + 1]];
      run.hidden = to === from;
      run.style.setProperty("--from", from);
      run.style.setProperty("--count", to - from);
    });
    heads.replaceChildren(...(names && columns <= NAMED ? tokenNames(cost.length, names) : []));
    sum.replaceChildren(...counts(cost, kind, layers));
    cells.setAttribute("aria-label", `${KINDS[kind]}: ${cellWords(cost, kind, layers)}`);
  };
  return { root, draw };
}

// Where each state begins, and where the last one ends, in columns.
function endsOf({ start, length, fresh }, kind, columns) {
  return [0, start, length - fresh[kind], length, columns];
}

// How many cells are in each state.
export function cellCounts({ start, length, fresh }, kind, layers) {
  const computed = layers * fresh[kind];
  return { computed, kept: layers * (length - start) - computed, forgotten: layers * start };
}

export function cellWords(cost, kind, layers) {
  const { computed, kept, forgotten } = cellCounts(cost, kind, layers);
  const parts = [`${grouped(computed)} ${computed === 1 ? "cell" : "cells"} computed`];
  if (kept) parts.push(`${grouped(kept)} kept`);
  if (forgotten) parts.push(`${grouped(forgotten)} forgotten`);
  return parts.join(", ");
}

function counts(cost, kind, layers) {
  const { computed, kept, forgotten } = cellCounts(cost, kind, layers);
  const part = (state, count, words) =>
    count > 0 &&
    h(
      "span",
      { class: "llm-kv-count" },
      h("span", { class: "llm-kv-swatch llm-kv-run", "data-state": state, "aria-hidden": "true" }),
      `${grouped(count)} ${words}`,
    );
  return [
    part("computed", computed, "cells computed"),
    part("kept", kept, "kept: a key above, a value below"),
    part("forgotten", forgotten, "forgotten"),
  ].filter(Boolean);
}

const layerNames = (layers) =>
  Array.from({ length: layers }, (_, i) =>
    h("span", {}, i === 0 ? h("span", { class: "llm-kv-unit" }, "layer ") : "", String(i)),
  );

function tokenNames(length, names) {
  return Array.from({ length }, (_, i) =>
    h("bdi", { "data-newest": i === length - 1 }, names[i] ?? "…"),
  );
}

// Four numbers of tokens along the axis, the last one with its unit.
function tickMarks(columns) {
  return [1, 2, 3, 4].map((quarter) => {
    const at = (columns * quarter) / 4;
    const words = quarter === 4 ? `${at} tokens` : String(at);
    return h("span", { style: { "--at": String(quarter / 4) } }, words);
  });
}
