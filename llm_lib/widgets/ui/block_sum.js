// A station as a sum of vectors, number by number: stream + what is added = stream.
import { h } from "./dom.js";
import { heatCells, heatKey } from "./heat_cells.js";
import { signed } from "./numbers.js";
import { amount } from "./amounts.js";

const SIGNS = { added: "+", after: "=", position: "+", embedding: "=", normed: "→" };
const NAMES = {
  token: "token",
  position: "position",
  embedding: "embedding",
  before: "stream before",
  added: "added",
  after: "stream after",
  normed: "normed copy",
};
const LINES = 2; // of cells for a vector, so that a cell can be seen on a phone

// Returns { root, draw(terms) }, terms: see sumAt(). Arrow keys and the pointer read one number.
export function blockSum() {
  const rows = h("div", { class: "llm-block-sum" });
  const key = heatKey();
  const readout = h("p", { class: "llm-block-readout" });
  const field = h("div", {
    class: "llm-block-field",
    role: "slider",
    tabindex: 0,
    "aria-label": "Number of the vector",
    "aria-valuemin": 0,
  }, rows);
  const root = h("div", {}, field, readout, key.root);
  let terms = [];
  let at = 0; // which number is read
  let isAsked = false; // the reader chose it

  function point(column) {
    const count = terms[0].numbers.length;
    at = Math.max(0, Math.min(count - 1, column));
    readout.textContent = readWords(terms, at);
    field.setAttribute("aria-valuenow", at);
    field.setAttribute("aria-valuemax", count - 1);
    field.setAttribute("aria-valuetext", readout.textContent);
    field.style.setProperty("--x", (at % width(count)) / width(count));
    field.style.setProperty("--y", Math.floor(at / width(count)) / LINES);
    field.style.setProperty("--cell", 1 / width(count));
  }

  function draw(next) {
    terms = next;
    const most = Math.max(...terms.flatMap(({ numbers }) => Array.from(numbers, Math.abs)));
    rows.replaceChildren(...terms.map((term) => strip(term, most, ask)));
    key.draw(amount(most));
    point(isAsked ? at : largestOf(terms[1].numbers));
  }

  function ask(column) {
    isAsked = true;
    point(column);
  }

  field.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const line = width(terms[0].numbers.length);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -line, ArrowDown: line };
    const ends = { Home: -Infinity, End: Infinity };
    const step = steps[event.key] ?? ends[event.key];
    if (step === undefined) return;
    event.preventDefault();
    ask(at + step);
  });
  return { root, draw };
}

const largestOf = (numbers) =>
  numbers.reduce((best, x, i) => (Math.abs(x) > Math.abs(numbers[best]) ? i : best), 0);

const width = (count) => Math.ceil(count / LINES);

function strip({ role, numbers }, most, point) {
  const cells = heatCells();
  const line = width(numbers.length);
  const all = Array.from(numbers);
  const padded = [...all, ...new Array(line * LINES - all.length).fill(0)];
  cells.draw(Array.from({ length: LINES }, (_, i) => padded.slice(i * line, (i + 1) * line)), most);
  const here = h("span", { class: "llm-block-here" });
  const picture = h("div", { class: "llm-block-cells" }, cells.root, here);
  picture.addEventListener("pointermove", (event) => {
    const [row, column] = cells.cellAt(event);
    point(row * line + column);
  });
  return h(
    "div",
    { class: "llm-block-term", "data-role": role },
    h("span", { class: "llm-block-term-name" }, SIGNS[role] ? `${SIGNS[role]} ` : "", NAMES[role]),
    picture,
  );
}

function readWords(terms, at) {
  const value = ({ role, numbers }) =>
    `${SIGNS[role] ? `${SIGNS[role]} ` : ""}${signed(numbers[at], 3)} (${NAMES[role]})`;
  return `Number ${at} of ${terms[0].numbers.length}: ${terms.map(value).join(" ")}`;
}
