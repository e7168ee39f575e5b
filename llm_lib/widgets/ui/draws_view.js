// Many draws beside what theory expects: a bar for the count, a line where it should end.
import { button } from "./controls.js";
import { h } from "./dom.js";

// hear: { more(), fresh() }. Returns { root, draw({ rows, ticks, words, canMore, isFirst }) }.
//   rows   [{ name, bar, goal, count, expected, isRest }]: lengths as shares of the axis, words.
//          A bar longer than the axis is not drawn
//   ticks  words along the axis, from its beginning to its end
export function drawsView(hear) {
  const list = h("ol");
  const words = h("p", { class: "llm-lab-words" });
  const more = button("Draw a thousand more", hear.more);
  const axis = h("div", { class: "llm-lab-axis", "aria-hidden": "true" });
  const heads = h(
    "div",
    { class: "llm-lab-heads", "aria-hidden": "true" },
    "drawn / ",
    h("span", { class: "llm-lab-expected" }, "expected"),
  );
  const again = button("Begin again with a thousand", hear.fresh);
  const buttons = h("div", { class: "llm-lab-buttons" }, more, again);
  const chart = h("div", { class: "llm-lab-draws" }, heads, list, axis);
  const root = h("div", {}, buttons, chart, words);
  const draw = ({ rows, ticks, words: said, canMore, isFirst }) => {
    while (list.children.length > rows.length) list.lastChild.remove();
    while (list.children.length < rows.length) list.append(emptyRow());
    rows.forEach((row, i) => fillRow(list.children[i], row));
    axis.replaceChildren(...ticks.map((text) => h("span", {}, text)));
    words.textContent = said;
    more.setAttribute("aria-disabled", String(!canMore));
    again.setAttribute("aria-disabled", String(isFirst));
  };
  return { root, draw };
}

function emptyRow() {
  const bar = h("span", { class: "llm-lab-drawn" });
  const goal = h("span", { class: "llm-lab-goal" });
  const beyond = h("span", { class: "llm-lab-beyond" }, "beyond this axis");
  return h(
    "li",
    {},
    h("bdi", { class: "llm-lab-name" }),
    h("span", { class: "llm-lab-track", "aria-hidden": "true" }, bar, goal, beyond),
    h("span", { class: "llm-lab-number" }),
  );
}

function fillRow(row, { name, bar, goal, count, expected, isRest }) {
  const [label, track, number] = row.children;
  row.toggleAttribute("data-rest", isRest);
  label.textContent = name;
  const isBeyond = Math.max(bar, goal) > 1;
  [...track.children].forEach((part, i) => (part.hidden = (i === 2) !== isBeyond));
  track.style.setProperty("--drawn", bar.toFixed(5));
  track.style.setProperty("--expected", goal.toFixed(5));
  const said = (text) => h("span", { class: "llm-hidden" }, text);
  number.replaceChildren(
    h("strong", {}, count),
    said(" drawn"),
    " / ",
    h("span", { class: "llm-lab-expected" }, expected),
    said(" expected"),
  );
}
