// A batch as rows of positions: each cell holds an input and, below it, its target.
import { h } from "./dom.js";
import { visible } from "./token_strip.js";

const ROWS = 8; // drawn at once, of a larger batch …
const POSITIONS = 32; // … and of a longer window

// Returns { root, draw, light }. `choose(row, position)` hears of a cell that gets the focus,
// `point(row, position)` of the one under the pointer (null when it leaves), and `beyond(step)` of
// an arrow that leaves the batch upwards (-1) or downwards (1).
export function batchGrid({ choose, point, beyond }) {
  const grid = h("div", { class: "llm-batch", role: "grid" });
  const note = h("p", { class: "llm-caption" });
  const root = h("div", {}, grid, note);
  let rows = [];

  // label: what the grid is; windows: [{ name, place, inputs, targets, say(position) }, …].
  const draw = ({ label, windows }) => {
    const hadFocus = grid.contains(document.activeElement);
    grid.setAttribute("aria-label", label);
    rows = windows.slice(0, ROWS).map((window, row) => drawRow(window, row));
    grid.replaceChildren(...rows.map((row) => row.root));
    note.textContent = capped(windows);
    note.hidden = note.textContent === "";
    return hadFocus;
  };
  // Lights the inputs that lead to one target, and the target.
  const light = (litRow, position) => {
    rows.forEach(({ cells }, r) => {
      cells.forEach((cell, p) => {
        cell.toggleAttribute("data-reads", r === litRow && p <= position);
        cell.toggleAttribute("data-says", r === litRow && p === position);
      });
    });
  };
  // The one cell that Tab reaches; `focus` also moves the keyboard there.
  const mark = (markedRow, position, focus) => {
    rows.forEach(({ root: line, cells }, r) => {
      line.toggleAttribute("data-chosen", r === markedRow);
      cells.forEach((cell, p) => {
        const here = r === markedRow && p === position;
        cell.tabIndex = here ? 0 : -1;
        if (here && focus) cell.focus({ preventScroll: true });
      });
    });
  };

  const place = (target) => {
    const cell = target.closest?.("[data-position]");
    return cell ? [Number(cell.dataset.row), Number(cell.dataset.position)] : null;
  };
  const hear = (type, then) =>
    grid.addEventListener(type, (event) => then(event, place(event.target)));
  hear("focusin", (_, at) => at && choose(...at));
  hear("click", (_, at) => at && rows[at[0]].cells[at[1]].focus());
  hear("pointerover", (_, at) => point(at));
  grid.addEventListener("pointerleave", () => point(null));
  hear("keydown", (event, at) => {
    const [row, position] = next(event.key, at, rows) ?? [];
    if (row === undefined) return;
    event.preventDefault();
    if (row < 0 || row >= rows.length) beyond(row < 0 ? -1 : 1);
    else rows[row].cells[position].focus();
  });
  return { root, draw, light, mark };
}

function drawRow({ name, place, inputs, targets, say }, row) {
  const cells = inputs.slice(0, POSITIONS).map((input, position) =>
    h(
      "div",
      {
        class: "llm-batch-cell",
        role: "gridcell",
        tabindex: -1,
        "data-row": row,
        "data-position": position,
        "aria-label": say(position),
      },
      h("bdi", { class: "llm-batch-input" }, visible(input)),
      h("bdi", { class: "llm-batch-target" }, visible(targets[position])),
    ),
  );
  const head = h(
    "div",
    { class: "llm-batch-head", role: "rowheader" },
    h("span", { class: "llm-batch-name" }, name),
    h("span", { class: "llm-batch-place" }, place),
  );
  return { root: h("div", { class: "llm-batch-row", role: "row" }, head, ...cells), cells };
}

// Where a key leads from a cell: [row, position], a row outside the batch included.
function next(key, at, rows) {
  if (!at) return null;
  const [row, position] = at;
  const last = rows[row].cells.length - 1;
  const moves = {
    ArrowLeft: [row, Math.max(position - 1, 0)],
    ArrowRight: [row, Math.min(position + 1, last)],
    ArrowUp: [row - 1, position],
    ArrowDown: [row + 1, position],
    Home: [row, 0],
    End: [row, last],
    PageUp: [-1, position],
    PageDown: [rows.length, position],
  };
  return moves[key] ?? null;
}

function capped(windows) {
  const notes = [];
  if (windows.length > ROWS) notes.push(`the first ${ROWS} of ${windows.length} windows`);
  const positions = windows[0]?.inputs.length ?? 0;
  if (positions > POSITIONS) notes.push(`the first ${POSITIONS} of ${positions} positions`);
  return notes.length ? `Drawn: ${notes.join(", ")}.` : "";
}
