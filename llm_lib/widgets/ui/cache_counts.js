// The two sums side by side: what the newest token took, and all tokens so far, to scale.
import { KINDS } from "./cache_grid.js";
import { h } from "./dom.js";
import { flop, times } from "./large_amounts.js";

// Returns { root, draw(cost) }.
export function cacheCounts() {
  const rows = Object.entries(KINDS).map(([kind, label]) => countRow(kind, label));
  const [newest, all] = [0, 1].map(() => h("td", { class: "llm-number" }));
  const columns = ["Multiplications and additions", "newest token", "all so far"];
  const root = h(
    "table",
    { class: "llm-kv-counts" },
    h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...rows.map(({ root: row }) => row)),
    h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, "The cache saves"), newest, all)),
  );
  const draw = ({ flops, total }) => {
    for (const row of rows) row.draw(flops, total);
    newest.textContent = saving(flops);
    all.textContent = saving(total);
  };
  return { root, draw };
}

const saving = ({ without, with: cached }) =>
  without === cached ? "nothing" : `a factor of ${times(without / cached)}`;

function countRow(kind, label) {
  const cell = () => h("td", { class: "llm-number" }, h("span"), h("i", { "data-kind": kind }));
  const [newest, all] = [cell(), cell()];
  const fill = (to, amounts) => {
    to.firstChild.textContent = flop(amounts[kind]);
    to.lastChild.style.setProperty("--share", String(amounts[kind] / amounts.without));
  };
  const draw = (flops, total) => {
    fill(newest, flops);
    fill(all, total);
  };
  return { root: h("tr", {}, h("th", { scope: "row" }, label), newest, all), draw };
}
