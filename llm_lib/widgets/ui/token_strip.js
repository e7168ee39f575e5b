// A row of tokens that wraps like text, with a window on it that can be dragged or moved by keys.
import { h } from "./dom.js";
import { grouped, readable } from "./token_text.js";

const DRAWN = 240; // tokens in the page at once: of a longer text, the stretch around the window

// What a reader sees of a token: no token looks empty.
export const visible = (token) => (token === "" ? "∅" : readable(token));

// Returns { root, draw, light }. `grab(token)` starts a drag on a token and returns a function that
// hears of each token the pointer reaches; `key(name)` hears of arrows, Home, End and Page keys;
// `point(token)` of the token under the pointer, or null.
export function tokenStrip({ label, grab, key, point, signal }) {
  const row = h("div", { class: "llm-strip", role: "slider", tabindex: 0, "aria-label": label });
  const note = h("p", { class: "llm-caption" });
  const root = h("div", {}, row, note);
  let first = 0;
  let cells = [];

  const rebuild = (tokens) => {
    cells = tokens.slice(first, first + DRAWN).map((token, i) => drawToken(token, first + i));
    row.replaceChildren(...cells.map((cell) => cell.root));
    note.hidden = tokens.length <= DRAWN;
    note.textContent = drawnPart(first, first + cells.length - 1, tokens.length);
  };
  let drawn = null;
  // tokens: all of them; span: [from, to] that must be in the page; looks: i → the look of a token;
  // slider: the aria-value… of the window.
  const draw = ({ tokens, span: [from, to], looks, slider }) => {
    const outside = from < first || to >= first + DRAWN;
    if (outside) first = Math.max(0, Math.min(from - DRAWN / 4, tokens.length - DRAWN)) | 0;
    if (drawn !== tokens || outside) rebuild(tokens);
    drawn = tokens;
    cells.forEach((cell, i) => cell.look(looks(first + i)));
    for (const [name, value] of Object.entries(slider)) row.setAttribute(name, value);
  };
  // roles: i → "input", "target" or undefined, for what the reader points at.
  const light = (roles) => {
    cells.forEach(({ root: cell }, i) => setOrRemove(cell, "data-lit", roles(first + i)));
  };

  hearKeys(row, key);
  hearPointer(row, { grab, point, signal });
  return { root, draw, light };
}

const drawnPart = (first, last, all) =>
  `Drawn: tokens ${grouped(first)} to ${grouped(last)} of ${grouped(all)}.`;

function drawToken(token, index) {
  const mark = h("span", { class: "llm-strip-mark" });
  const again = h("span", { class: "llm-strip-again" });
  const root = h(
    "span",
    { class: "llm-strip-token", "data-index": index },
    mark,
    h("bdi", { class: "llm-strip-text" }, visible(token)),
    h("span", { class: "llm-strip-index" }, String(index), again),
  );
  const look = ({ mark: sign, times, role, fate, edge }) => {
    mark.textContent = sign;
    again.textContent = times > 1 ? ` ×${times}` : "";
    setOrRemove(root, "data-role", role);
    setOrRemove(root, "data-fate", fate);
    setOrRemove(root, "data-edge", edge);
  };
  return { root, look };
}

function setOrRemove(element, name, value) {
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);
const FAR_KEYS = new Set(["Home", "End", "PageUp", "PageDown"]);

function hearKeys(row, key) {
  row.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (!KEYS.has(event.key) && !FAR_KEYS.has(event.key)) return;
    event.preventDefault();
    key(event.key);
  });
}

function hearPointer(row, { grab, point, signal }) {
  let drag = null;
  const under = ({ clientX, clientY }) => {
    const cell = document.elementFromPoint(clientX, clientY)?.closest(".llm-strip-token");
    return cell && row.contains(cell) ? Number(cell.dataset.index) : null;
  };
  row.addEventListener("pointerdown", (event) => {
    const token = under(event);
    if (token === null || event.button !== 0) return;
    drag = grab(token);
    row.setPointerCapture(event.pointerId);
  });
  row.addEventListener("pointermove", (event) => {
    const token = under(event);
    if (drag && token !== null) drag(token);
    point(token);
  });
  const release = () => (drag = null);
  row.addEventListener("pointerup", release);
  row.addEventListener("pointercancel", release);
  row.addEventListener("pointerleave", () => point(null));
  signal?.addEventListener("abort", release);
}
