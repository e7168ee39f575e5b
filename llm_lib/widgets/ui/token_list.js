// Tokens in the order of the text, each with its id below it. One of them is looked at: the pointer
// or the arrow keys choose it, and whatever covers the same characters lights with it.
import { h } from "./dom.js";
import { destination } from "./roving.js";
import { createClock } from "../engine/slices.js";

const CHECK_EVERY = 64; // tokens drawn between two looks at the clock

// Returns { root, draw, mark }. choose(index) hears which token gets the focus, point(index) which is
// under the pointer (null: none), and leave() hears of Esc.
// draw is a generator for runSliced(): thousands of tokens take longer than a frame.
export function tokenList({ label, choose, point, leave, describedBy }) {
  const root = h("div", { class: "llm-tokens", role: "listbox", "aria-label": label });
  let cells = [];
  let lit = [];
  let current = null;

  // tokens: [{ text, isHex, id, kind, say }]; dir: "ltr" or "rtl".
  function* draw(tokens, dir) {
    const clock = createClock();
    const hadFocus = root.contains(document.activeElement);
    root.replaceChildren();
    root.dir = dir;
    root.tabIndex = tokens.length ? -1 : 0;
    [cells, lit, current] = [[], [], null];
    for (const token of tokens) {
      const cell = drawToken(token, cells.length);
      cells.push(cell);
      root.append(cell);
      if (cells.length % CHECK_EVERY === 0 && clock.due()) yield;
    }
    return hadFocus;
  }

  // The token that is looked at, and the stretch [from, to) that is lit with it (or null).
  const mark = (index, stretch, focus = false) => {
    for (const cell of lit) cell.removeAttribute("data-lit");
    lit = stretch ? cells.slice(...stretch) : [];
    for (const cell of lit) cell.setAttribute("data-lit", "");
    if (current) setCurrent(current, false);
    current = cells[index] ?? null;
    if (current) setCurrent(current, true);
    else if (cells[0]) cells[0].tabIndex = 0;
    if (focus) current?.focus({ preventScroll: true });
  };
  const setCurrent = (cell, is) => {
    cell.setAttribute("aria-selected", String(is));
    cell.tabIndex = is ? 0 : -1;
    if (is) cell.setAttribute("aria-describedby", describedBy);
    else cell.removeAttribute("aria-describedby");
    if (cells[0] && cells[0] !== cell) cells[0].tabIndex = -1;
  };

  const indexOf = (target) => Number(target.closest?.("[data-index]")?.dataset.index ?? NaN);
  root.addEventListener("focusin", (event) => {
    if (cells[indexOf(event.target)]) choose(indexOf(event.target));
  });
  // Not pointerover: that also fires when a redraw moves tokens under a pointer at rest.
  root.addEventListener("pointermove", (event) => {
    const cell = cells[indexOf(event.target)];
    if (cell && cell !== current) point(indexOf(event.target));
  });
  root.addEventListener("pointerleave", () => point(null));
  root.addEventListener("click", (event) => cells[indexOf(event.target)]?.focus());
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return leave();
    const at = cells.indexOf(document.activeElement);
    const to = at < 0 ? null : destination(event.key, at, cells, root.dir);
    if (to === null) return;
    event.preventDefault();
    cells[to].focus();
  });
  return { root, draw, mark };
}

function drawToken({ text, isHex, id, kind, say }, index) {
  return h(
    "span",
    {
      class: "llm-token",
      role: "option",
      tabindex: -1,
      "aria-selected": "false",
      "aria-label": say,
      "data-index": index,
      "data-kind": kind,
    },
    h("bdi", { class: isHex ? "llm-token-text llm-mono" : "llm-token-text" }, text),
    h("span", { class: "llm-token-id llm-mono" }, String(id)),
  );
}
