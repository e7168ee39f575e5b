// How far dot products of random vectors spread as d grows, and what softmax makes of them.
import { percent } from "./amounts.js";
import { h, svg } from "./dom.js";

const HEIGHT = 40; // of the picture's own units; its width is 2 · reach

// Returns { root, draw(spreads) }; a spread is what dotSpread() returns, null while it is awaited.
export function spreadView({ dimensions, again }) {
  const rows = dimensions.map(spreadRow);
  const heads = ["d", "dot products q · k", "largest of 8 weights, on average"];
  const head = h(
    "div",
    { class: "llm-spread-row llm-spread-heads", "aria-hidden": "true" },
    ...heads.map((text) => h("span", {}, text)),
  );
  const root = h("div", { class: "llm-spread" }, head, ...rows.map(({ root: row }) => row), again);
  const draw = (spreads) => {
    const known = spreads.filter(Boolean);
    const most = Math.max(...known.flatMap(({ dots }) => dots.flat().map(Math.abs)), 10);
    const reach = Math.ceil(most / 10) * 10;
    rows.forEach((row, i) => row.draw(spreads[i], reach));
  };
  return { root, draw };
}

function spreadRow(d) {
  const picture = svg("svg", {
    class: "llm-spread-strip",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const words = h("span", { class: "llm-spread-words" });
  const bars = ["q · k", "q · k / √d"].map((name, i) => {
    const fill = h("span", { class: "llm-spread-fill" });
    const number = h("span", { class: "llm-spread-number" });
    const root = h(
      "span",
      { class: "llm-spread-bar", "data-scaled": i ? "" : null },
      h("span", {}, name),
      h("span", { class: "llm-spread-track" }, fill),
      number,
    );
    const draw = (share) => {
      fill.style.setProperty("--share", String(share));
      number.textContent = percent(share);
    };
    return { root, draw };
  });
  const root = h(
    "div",
    { class: "llm-spread-row" },
    h("span", { class: "llm-spread-d" }, `d = ${d}`),
    h("span", {}, picture, words),
    h("span", {}, ...bars.map((bar) => bar.root)),
  );
  const draw = (spread, reach) => {
    root.toggleAttribute("data-waiting", !spread);
    if (!spread) return;
    picture.setAttribute("viewBox", `${-reach} 0 ${2 * reach} ${HEIGHT}`);
    picture.replaceChildren(...strip(spread, reach));
    const [wide, narrow] = [spread.spread, spread.scaledSpread].map((s) => s.toPrecision(3));
    words.textContent = `spread ${wide}; divided by √${d}: ${narrow}`;
    bars[0].draw(spread.raw);
    bars[1].draw(spread.scaled);
  };
  return { root, draw };
}

// One short line for each dot product, and brackets at one spread to either side.
function strip({ dots, spread }, reach) {
  const ticks = dots.flat().map((product) => `M${product.toFixed(2)} 8V32`);
  const edge = (x) => `M${x.toFixed(2)} 0V40`;
  return [
    svg("line", { class: "llm-spread-zero", x1: -reach, x2: reach, y1: 20, y2: 20 }),
    svg("path", { class: "llm-spread-ticks", d: ticks.join("") }),
    svg("path", { class: "llm-spread-edges", d: edge(-spread) + edge(spread) }),
  ];
}

export function spreadTable(spreads) {
  const rows = spreads.filter(Boolean).map(({ d, spread, scaledSpread, raw, scaled }) => [
    d,
    spread.toPrecision(3),
    scaledSpread.toPrecision(3),
    percent(raw),
    percent(scaled),
  ]);
  return {
    caption: "Dot products of random vectors of d numbers, and the largest of 8 weights on average",
    columns: [
      "d",
      "spread of q · k",
      "spread of q · k / √d",
      "largest weight",
      "largest weight with √d",
    ],
    rows,
  };
}
