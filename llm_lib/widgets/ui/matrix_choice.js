// A 2×2 matrix, chosen by name and written out.
import { h, uniqueId } from "./dom.js";
import { signed } from "./numbers.js";

// part: the concept whose colour the matrix has. input(index) hears.
// Returns { root, draw(projections, index) }.
export function matrixChoice(label, { part, input }) {
  const id = uniqueId("matrix");
  const select = h("select", { id, change: () => input(Number(select.value)) });
  const numbers = h("span", { class: "llm-matrix", "data-part": part });
  const root = h(
    "div",
    { class: "llm-matrix-choice" },
    h("label", { for: id, "data-part": part }, label),
    select,
    numbers,
  );
  const draw = (projections, index) => {
    const options = projections.map(({ name }, i) => h("option", { value: i }, name));
    select.replaceChildren(...options);
    select.value = String(index);
    const matrix = projections[index]?.matrix ?? [];
    const text = (value) => signed(value, Number.isInteger(value) ? 0 : 2);
    numbers.replaceChildren(...matrix.flat().map((value) => h("span", {}, text(value))));
  };
  return { root, draw };
}
