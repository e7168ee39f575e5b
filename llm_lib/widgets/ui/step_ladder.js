// Steps of a calculation, one below the other, a column for each token. One step is open: it shows
// how its numbers came about.
import { h, uniqueId } from "./dom.js";

// steps: [{ name, title, formula, control }]: control is an element that belongs to the step, and
// `inside` one that shows while it is open. open(name) hears of the step that the reader opens.
// Returns { root, draw({ label, columns, opened, rows }) }.
export function stepLadder({ steps, open }) {
  const heads = h("div", { class: "llm-ladder-heads", role: "row" });
  const rows = steps.map((step, i) => ladderRow(step, i + 1, () => open(step.name)));
  const root = h(
    "div",
    { class: "llm-ladder", role: "table" },
    heads,
    ...rows.map(({ root: row }) => row),
  );
  root.addEventListener("keydown", (event) => {
    const at = rows.findIndex(({ button }) => button === event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || !rows[to] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(steps[to].name);
    rows[to].button.focus({ preventScroll: true });
  });
  const draw = ({ label, columns, opened, words }) => {
    root.setAttribute("aria-label", label);
    heads.replaceChildren(
      h("span", { class: "llm-hidden", role: "columnheader" }, "Step"),
      ...columns.map((name, token) =>
        h("span", { class: "llm-ladder-token", role: "columnheader", "data-token": token },
          h("bdi", {}, name)),
      ),
    );
    rows.forEach((row, i) => row.draw(words[i], steps[i].name === opened));
  };
  return { root, draw };
}

function ladderRow({ name, title, formula, control, inside }, number, open) {
  const note = h("div", { class: "llm-ladder-note", role: "cell", id: uniqueId("note") });
  const button = h(
    "button",
    { type: "button", class: "llm-ladder-button", click: open },
    h("span", { class: "llm-ladder-number" }, String(number)),
    ` ${title}`,
  );
  const said = h("span", { class: "llm-ladder-formula" }, formula);
  const result = h("span", { class: "llm-ladder-result" });
  const parts = [button, said, control, result];
  const head = h("div", { class: "llm-ladder-head", role: "rowheader" }, ...parts);
  const cells = [0, 1, 2].map((token) =>
    h("div", { class: "llm-ladder-cell", role: "cell", "data-token": token }),
  );
  const attributes = { class: "llm-ladder-row", role: "row", "data-step": name };
  const root = h("div", attributes, head, ...cells, note);
  const words = h("p", {});
  note.append(words, ...(inside ? [inside] : []));
  const draw = (row, isOpen) => {
    root.toggleAttribute("data-open", isOpen);
    button.tabIndex = isOpen ? 0 : -1;
    button.setAttribute("aria-expanded", String(isOpen));
    result.textContent = row.result;
    note.hidden = !isOpen;
    words.textContent = row.note;
    cells.forEach((cell, token) => cell.replaceChildren(...drawCell(row.cells[token], isOpen)));
  };
  return { root, button, draw };
}

function drawCell({ main, part, details, look, share }, isOpen) {
  const number = h(
    "span",
    { class: "llm-ladder-main", "data-look": look || null, "data-part": part },
    look === "hidden" ? h("s", {}, main) : main,
  );
  const bar = share === undefined ? null : h("span", { class: "llm-ladder-bar" });
  bar?.style.setProperty("--share", String(share));
  const lines = isOpen ? details.map(drawLine) : [];
  return [number, ...(bar ? [bar] : []), ...lines];
}

const drawLine = (pieces) =>
  h(
    "span",
    { class: "llm-ladder-detail" },
    ...pieces.map(drawPiece),
  );

function drawPiece([text, part]) {
  if (part === "sup") return h("sup", {}, text);
  return part ? h("span", { "data-part": part }, text) : text;
}
