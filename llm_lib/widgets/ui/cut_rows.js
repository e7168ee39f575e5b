// Several ways to cut one text, one row each: how many tokens as a bar, and the pieces that cover
// the characters the reader looks at. The rows are radio buttons: choosing one shows its tokens.
import { h, uniqueId } from "./dom.js";
import { grouped } from "./token_text.js";

const PIECES = 6; // shown of those that cover the same characters
const CELLS = 120; // above this many tokens a bar is drawn without its seams

// options: [[key, label, note], …]. choose(key) hears the choice; point(key, token) hears which
// token of a bar the pointer is over (null: none), pin(key, token) which one is pressed.
export function cutRows(legend, { options, value, choose, point, pin }) {
  const name = uniqueId("cut");
  const rows = new Map(
    options.map(([key, label, note]) => [key, drawRow({ name, key, label, note, choose, point, pin })]),
  );
  const head = h(
    "div",
    { class: "llm-cut-head", "aria-hidden": "true" },
    h("span", {}, ""),
    h("span", {}, "tokens"),
    h("span", {}, "the lit characters"),
  );
  const root = h(
    "fieldset",
    { class: "llm-cuts" },
    h("legend", { class: "llm-hidden" }, legend),
    head,
    ...[...rows.values()].map((row) => row.root),
  );
  const select = (key) => rows.forEach((row, other) => (row.radio.checked = other === key));
  select(value);
  return {
    root,
    select,
    // counts: key → number of tokens, or undefined while it is not known.
    count(counts) {
      const longest = Math.max(1, ...[...counts.values()].filter(Number.isFinite));
      rows.forEach((row, key) => row.count(counts.get(key), longest));
    },
    // stretches: key → { from, to, pieces } of the tokens that cover the same characters, or null.
    light(stretches) {
      rows.forEach((row, key) => row.light(stretches.get(key) ?? null));
    },
  };
}

function drawRow({ name, key, label, note, choose, point, pin }) {
  const ids = [uniqueId("cut-name"), uniqueId("cut-count")];
  const radio = h("input", { type: "radio", name, value: key, "aria-labelledby": ids.join(" ") });
  radio.addEventListener("change", () => choose(key));
  const lit = h("span", { class: "llm-cut-lit" });
  const bar = h("span", { class: "llm-cut-bar" }, lit);
  const number = h("span", { class: "llm-cut-count llm-number" });
  const inTokens = h("span", { class: "llm-hidden" }, " tokens");
  const size = note ? h("span", { class: "llm-cut-note" }, ` ${note}`) : null;
  const pieces = h("span", { class: "llm-cut-pieces" });
  const root = h(
    "label",
    { class: "llm-cut" },
    h("span", { class: "llm-cut-name" }, radio, h("span", { id: ids[0] }, label, size)),
    h("span", { class: "llm-cut-measure" }, bar, h("span", { id: ids[1] }, number, inTokens)),
    pieces,
  );
  return { root, radio, ...drawBar({ key, bar, lit, number, pieces, point, pin }) };
}

function drawBar({ key, bar, lit, number, pieces, point, pin }) {
  let total = 0;
  const count = (tokens, longest) => {
    total = tokens ?? 0;
    number.textContent = tokens === undefined ? "…" : grouped(tokens);
    bar.style.setProperty("--share", String(total / longest));
    bar.style.setProperty("--cells", String(total));
    bar.toggleAttribute("data-cells", total > 0 && total <= CELLS);
  };
  const light = (stretch) => {
    lit.hidden = !stretch || total === 0;
    if (!lit.hidden) {
      lit.style.setProperty("--from", String(stretch.from / total));
      lit.style.setProperty("--part", String((stretch.to - stretch.from) / total));
    }
    pieces.replaceChildren(...(stretch ? drawPieces(stretch.pieces) : ["–"]));
  };
  const under = ({ clientX }) => {
    const { left, width } = bar.getBoundingClientRect();
    return Math.floor(((clientX - left) / width) * total);
  };
  bar.addEventListener("pointermove", (event) => point(key, under(event)));
  bar.addEventListener("pointerleave", () => point(key, null));
  bar.addEventListener("pointerdown", (event) => pin(key, under(event)));
  return { count, light };
}

function drawPieces(pieces) {
  const draw = ({ text, isHex, kind }) =>
    h("bdi", { class: isHex ? "llm-piece llm-mono" : "llm-piece", "data-kind": kind }, text);
  const shown = pieces.slice(0, PIECES).map(draw);
  const rest = pieces.length - PIECES;
  return rest > 0 ? [...shown, h("span", { class: "llm-cut-note" }, `+ ${rest}`)] : shown;
}
