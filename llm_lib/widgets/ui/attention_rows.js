// One head's attention three times over on the same lines: arcs, the shares as numbers, and the
// square of all of them. A line is a token; the chosen one is the query.
import { attentionArcs } from "./attention_arcs.js";
import { attentionSquare } from "./attention_square.js";
import { percent } from "./amounts.js";
import { h } from "./dom.js";

const LINE = 20; // pixels
const ARCS = 112;
const CELL = { least: 8, most: 20 };
export const ROOM = { least: 12, most: 40 }; // tokens

// choose(query) hears of a token chosen; point(query, key) of one under the pointer, or of nulls;
// resized() when another number of tokens has room. Returns { root, draw, look, room(), focus }.
export function attentionRows({ choose, point, resized, signal }) {
  const square = attentionSquare({
    line: LINE,
    point: (at) => point(...(at ? at.map(tokenOf) : [null, null])),
    choose: (row) => tokenOf(row) !== null && choose(tokenOf(row)),
  });
  const arcs = attentionArcs({ line: LINE, width: ARCS });
  const list = h("div", { class: "llm-look-list", role: "listbox" });
  const heads = h("div", { class: "llm-look-heads", "aria-hidden": "true" });
  heads.append(h("span", {}, "token"), h("span", {}, "share"));
  const column = h("div", { class: "llm-look-column" }, heads, list);
  const root = h("div", { class: "llm-look-body" }, arcs.root, column, square.root);
  let scene = null; // what is drawn
  let rows = [];

  function tokenOf(row) {
    const place = scene.places[row];
    return place.kind === "token" ? place.from : null;
  }
  const rowUnder = ({ target }) => rows.findIndex((row) => row.root.contains(target));

  list.addEventListener("pointerover", (event) => {
    const row = rowUnder(event);
    if (row >= 0) point(tokenOf(row), null);
  });
  list.addEventListener("pointerleave", () => point(null, null));
  list.addEventListener("click", (event) => {
    const row = rowUnder(event);
    if (row >= 0 && tokenOf(row) !== null) choose(tokenOf(row), true);
  });
  list.addEventListener("keydown", (event) => {
    const to = destination(event, scene);
    if (to === null) return;
    event.preventDefault();
    choose(to, true);
  });

  const width = () => root.clientWidth - (isNarrow(root) ? 0 : ARCS) - column.offsetWidth - 10;
  const room = () => clamp(Math.floor(width() / CELL.least), ROOM.least, ROOM.most);
  let known = 0;
  const observer = new ResizeObserver(() => {
    if (root.clientWidth === known || !scene) return;
    known = root.clientWidth;
    resized();
  });
  observer.observe(root);
  signal?.addEventListener("abort", () => observer.disconnect());

  // next: { places, square, names, kinds, T }
  function draw(next) {
    if (scene?.places !== next.places || scene.names !== next.names) {
      rows = next.places.map((place, i) => drawLine(next.names[i], next.kinds[i]));
      list.replaceChildren(...rows.map((row) => row.root));
    }
    const isSame = scene?.square === next.square && scene.width === width();
    scene = { ...next, width: width() };
    if (isSame) return;
    arcs.drawAll(next.square);
    const cell = clamp(Math.floor(scene.width / next.places.length), CELL.least, CELL.most);
    square.draw({ square: next.square, texts: next.names, cell });
  }

  // Lights what the token of `row` looks at. chosen: the row that Tab reaches.
  function look({ row, column, chosen, shares, isHidden }) {
    rows.forEach((line, i) => {
      line.show({ share: shares[i], isQuery: i === row, isHidden: isHidden(i) });
      line.root.tabIndex = i === chosen ? 0 : -1;
      line.root.setAttribute("aria-selected", String(i === chosen));
    });
    list.setAttribute("aria-label", `Tokens, and the share that ${scene.names[row]} gives to each`);
    arcs.draw(row, shares);
    square.light(row, column);
  }

  return { root, draw, look, room, focus: (row) => rows[row]?.root.focus() };
}

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const isNarrow = (root) => root.clientWidth < 480; // as in attention_explorer.css

function destination({ key, altKey, ctrlKey, metaKey }, { query, T }) {
  const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -T, End: T };
  if (altKey || ctrlKey || metaKey || !(key in steps)) return null;
  return clamp(query + steps[key], 0, T - 1);
}

function drawLine(name, kind) {
  const number = h("span", { class: "llm-look-share" });
  const text = h("bdi", { class: "llm-look-token" }, name);
  const attributes = { class: "llm-look-line", role: "option", "data-kind": kind, title: name };
  const root = h("div", attributes, text, number);
  if (kind === "earlier") root.setAttribute("aria-disabled", "true");
  const show = ({ share, isQuery, isHidden }) => {
    number.textContent = isHidden ? "–" : percent(share);
    number.style.setProperty("--share", isHidden ? 0 : share.toFixed(4));
    root.toggleAttribute("data-query", isQuery);
    root.toggleAttribute("data-faint", isHidden || share < 0.01);
    const words = isHidden ? "comes later, unseen" : percent(share);
    root.setAttribute("aria-label", `${name}: ${words}`);
  };
  return { root, show };
}
