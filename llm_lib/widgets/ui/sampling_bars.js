// The likeliest tokens as bars: what may be drawn is solid, what is cut is hatched and says by
// what. A line runs down the rows with what they hold together, as top-p counts it.
import { h, svg } from "./dom.js";
import { roving } from "./roving.js";

// choose(id) hears which token is looked at, take(id) of Enter or a double click on it.
// Returns { root, draw({ rows, rest, marks, chosen }) }.
//   rows   [{ id, name, before, after, cumulative, was, is, isCut, say }]
//   rest   { name, before, after, keptBefore, was, is }
//   marks  { topP, minP }: { at, words } or null
export function samplingBars({ choose, take }) {
  const label = "Likeliest tokens";
  const list = h("div", { class: "llm-lab-bars", role: "listbox", "aria-label": label });
  const line = svg("path", { class: "llm-lab-cumulative" });
  const sheet = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, line);
  const marks = { topP: mark("top-p"), minP: mark("min-p") };
  const name = h("span", { class: "llm-lab-line-name" }, "together");
  const over = h("div", { class: "llm-lab-over" }, sheet, name, marks.topP.line, marks.minP.line);
  const labels = h("div", { class: "llm-lab-labels" }, marks.topP.label, marks.minP.label);
  const rest = restRow();
  const axis = h("div", { class: "llm-lab-axis", "aria-hidden": "true" });
  axis.append(...["0", "25", "50", "75", "100\u202F%"].map((text) => h("span", {}, text)));
  const field = h("div", { class: "llm-lab-field" }, list, over);
  const root = h("div", { class: "llm-lab-chart" }, labels, field, rest.root, axis);
  const idAt = (i) => Number(list.children[i].dataset.id);
  const stopAt = roving(list, () => [...list.children], (i) => choose(idAt(i)));
  const idOf = ({ target }) => target.closest("[data-id]")?.dataset.id;
  list.addEventListener("dblclick", (event) => idOf(event) && take(Number(idOf(event))));
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !idOf(event)) return;
    event.preventDefault();
    take(Number(idOf(event)));
  });

  function draw(scene) {
    const { rows } = scene;
    while (list.children.length > rows.length) list.lastChild.remove();
    while (list.children.length < rows.length) list.append(emptyRow());
    rows.forEach((row, i) => fillRow(list.children[i], row));
    rest.draw(scene.rest);
    const at = rows.findIndex(({ id }) => id === scene.chosen);
    stopAt(Math.max(0, at));
    if (at < 0) list.children[0].setAttribute("aria-selected", "false");
    drawLine({ sheet, line, name }, scene.marks.topP ? rows : []);
    for (const [name, { show }] of Object.entries(marks)) show(scene.marks[name]);
    labels.hidden = !scene.marks.topP && !scene.marks.minP;
  }

  return { root, draw };
}

function emptyRow() {
  return h(
    "div",
    { class: "llm-lab-row", role: "option", tabindex: -1 },
    h("bdi", { class: "llm-lab-name" }),
    track(),
    numbers(),
  );
}

const numbers = () =>
  h("span", { class: "llm-lab-number" }, h("span", { class: "llm-lab-was" }), h("span", {}));

function track() {
  const parts = ["cut", "kept", "notch"].map((part) => h("span", { class: `llm-lab-${part}` }));
  return h("span", { class: "llm-lab-track", "aria-hidden": "true" }, ...parts);
}

function fillRow(row, { id, name, before, after, was, is, isCut, say }) {
  const [label, bar, number] = row.children;
  row.dataset.id = id;
  row.toggleAttribute("data-cut", isCut);
  row.setAttribute("aria-label", say);
  label.textContent = name;
  fillTrack(bar, { before, after, cut: isCut ? before : 0 });
  [number.children[0].textContent, number.children[1].textContent] = [was, is];
}

function fillTrack(bar, { before, after, cut }) {
  bar.style.setProperty("--before", before.toFixed(5));
  bar.style.setProperty("--after", after.toFixed(5));
  bar.style.setProperty("--cut", cut.toFixed(5));
  bar.toggleAttribute("data-changed", Math.abs(before - after) > 5e-4 && after > 0);
}

// All other tokens together: of these some may be kept while others are cut.
function restRow() {
  const [label, bar, number] = [h("span", { class: "llm-lab-name" }), track(), numbers()];
  const root = h("div", { class: "llm-lab-row llm-lab-rest" }, label, bar, number);
  const draw = ({ name, before, after, keptBefore, was, is }) => {
    label.textContent = name;
    fillTrack(bar, { before, after, cut: before - keptBefore });
    [number.children[0].textContent, number.children[1].textContent] = [was, is];
  };
  return { root, draw };
}

function mark(kind) {
  const line = h("span", { class: "llm-lab-mark", "data-kind": kind });
  const label = h("span", { class: "llm-lab-mark-label", "data-kind": kind });
  const show = (found) => {
    line.hidden = label.hidden = !found;
    if (!found) return;
    for (const element of [line, label]) element.style.setProperty("--at", found.at.toFixed(5));
    label.textContent = found.words;
    label.toggleAttribute("data-left", found.at > 0.5);
  };
  return { line, label, show };
}

// The name of the line stands at its middle row, on the side where there is room: the bars of that
// row cannot be long.
function drawLine({ sheet, line, name }, rows) {
  const middle = Math.floor(rows.length / 2);
  const at = rows[middle]?.cumulative ?? 0;
  name.hidden = !rows.length;
  name.style.setProperty("--at", at.toFixed(5));
  name.style.setProperty("--row", ((middle + 0.5) / Math.max(1, rows.length)).toFixed(5));
  name.toggleAttribute("data-left", at > 0.5);
  sheet.setAttribute("viewBox", `0 0 1 ${Math.max(1, rows.length)}`);
  const steps = rows.map(({ cumulative }, i) => `H ${cumulative.toFixed(5)} V ${i + 1}`);
  line.setAttribute("d", rows.length ? `M 0 0 ${steps.join(" ")}` : "");
}
