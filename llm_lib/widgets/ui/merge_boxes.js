// How a word is put together: its bytes as the bottom row of boxes, each merge as a box on top of
// the two that it joins, with its number. A merge that is still to come is drawn as an outline.
import { h } from "./dom.js";
import { grouped } from "./token_text.js";

const COLUMNS = 48; // bytes drawn of one word
const SCROLLABLE = { tabindex: "0", role: "group", "aria-label": "The word, scrollable" };

// Returns { root, draw }.
export function mergeBoxes() {
  const grid = h("div", { class: "llm-boxes", role: "img" });
  const note = h("p", { class: "llm-caption" });
  const frame = h("div", { class: "llm-boxes-frame" }, grid);
  const root = h("div", {}, frame, note);

  // cells: see treeCells(), each with text and isHex; step: the merges made so far.
  const draw = ({ cells, height, step, dir, name, words }) => {
    const shown = cells.filter(({ end }) => end <= COLUMNS);
    const bytes = Math.max(0, ...shown.map(({ end }) => end));
    grid.dir = dir;
    grid.style.setProperty("--columns", String(bytes));
    grid.style.setProperty("--rows", String(height));
    grid.toggleAttribute("data-hex", shown.some((cell) => cell.isHex));
    grid.setAttribute("aria-label", `${name}. ${words}`);
    grid.replaceChildren(...shown.map((cell) => drawBox(cell, height, step)));
    note.textContent = words;
    // A word too long for the page is scrolled in its frame, by keyboard too.
    const isWide = frame.scrollWidth > frame.clientWidth;
    for (const [attribute, value] of Object.entries(SCROLLABLE)) {
      if (isWide) frame.setAttribute(attribute, value);
      else frame.removeAttribute(attribute);
    }
  };
  return { root, draw };
}

function drawBox({ start, end, rank, level, reach, text, isHex }, height, step) {
  const isMade = rank === null || rank < step;
  const state = rank === step - 1 ? "newest" : isMade ? "made" : "to come";
  return h(
    "span",
    {
      class: "llm-box",
      "data-state": state,
      style: {
        "grid-column": `${start + 1} / ${end + 1}`,
        "grid-row": `${height - reach} / ${height - level + 1}`,
      },
    },
    h("bdi", { class: isHex ? "llm-mono" : null }, text),
    rank === null ? null : h("span", { class: "llm-box-order" }, grouped(rank + 1)),
  );
}
