// All tokens of the vocabulary in one picture, likeliest first, both axes logarithmic. A slider
// along it chooses any of them.
import { rankAt, rankX, shareY } from "../engine/sampling_scene.js";
import { h } from "./dom.js";
import { grouped } from "./token_text.js";

const LEVELS = [
  [1, "100\u202F%"],
  [1e-2, "1\u202F%"],
  [1e-4, "0.01\u202F%"],
  [1e-6, "10⁻⁶"],
  [1e-8, "10⁻⁸"],
];
const NEAR = 1 / 800; // points of the outline closer than this look like one
const FAR = 100; // ranks that a Page key moves by
const MOVES = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -FAR,
  PageUp: FAR,
};

// choose(rank) hears. Returns { root, draw({ points, kept, rank, count, say, minP }) }; minP is a
// probability or null, say(rank) what a screen reader hears of it.
export function samplingCurve({ choose }) {
  const kept = h("span", { class: "llm-lab-area", "data-kind": "kept" });
  const cut = h("span", { class: "llm-lab-area", "data-kind": "cut" });
  const threshold = h("span", { class: "llm-lab-threshold" });
  const hand = h("span", { class: "llm-lab-hand" });
  const plot = h(
    "div",
    { class: "llm-lab-plot", role: "slider", tabindex: 0, "aria-label": "Token by rank" },
    cut,
    kept,
    threshold,
    hand,
  );
  const levels = LEVELS.map(([share, text]) => {
    return h("span", { style: { "--y": String(shareY(share)) } }, text);
  });
  const scale = h("div", { class: "llm-lab-levels", "aria-hidden": "true" }, ...levels);
  const ranks = h("div", { class: "llm-lab-ranks", "aria-hidden": "true" });
  const root = h("div", { class: "llm-lab-curve" }, scale, plot, ranks);
  let shown = { count: 1, rank: 0 };

  const move = (rank) => choose(Math.max(0, Math.min(shown.count - 1, rank)));
  hearPointer(plot, (x) => move(rankAt(x, shown.count)));
  plot.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const ends = { Home: 0, End: shown.count - 1 };
    const to = ends[event.key] ?? shown.rank + (MOVES[event.key] ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    move(to);
  });

  function draw(scene) {
    const { points, rank, count, minP } = scene;
    if (count !== shown.count) ranks.replaceChildren(...rankTicks(count));
    shown = scene;
    const border = points[scene.kept]?.[0] ?? 1;
    kept.style.clipPath = outline(points.slice(0, scene.kept), border);
    cut.style.clipPath = outline(points.slice(scene.kept), 1);
    threshold.hidden = minP === null;
    if (minP !== null) threshold.style.setProperty("--y", shareY(minP).toFixed(5));
    hand.style.setProperty("--x", ((rankX(rank, count) + rankX(rank + 1, count)) / 2).toFixed(5));
    hand.style.setProperty("--y", points[rank][1].toFixed(5));
    plot.setAttribute("aria-valuemin", 1);
    plot.setAttribute("aria-valuemax", count);
    plot.setAttribute("aria-valuenow", rank + 1);
    plot.setAttribute("aria-valuetext", scene.say);
  }

  return { root, draw };
}

// The area below some points, the last of which ends at `to`, as a CSS polygon.
function outline(points, to) {
  if (!points.length) return "polygon(0% 0%)";
  const corners = [[points[0][0], 1]];
  let drawn = -1;
  points.forEach(([x, y], i) => {
    const end = points[i + 1]?.[0] ?? to;
    if (x - drawn < NEAR) {
      corners.at(-1)[0] = end;
      return;
    }
    corners.push([x, y], [end, y]);
    drawn = x;
  });
  corners.push([to, 1]);
  const percent = (value) => `${(100 * value).toFixed(2)}%`;
  return `polygon(${corners.map(([x, y]) => `${percent(x)} ${percent(y)}`).join(",")})`;
}

function rankTicks(count) {
  const ticks = [1, 10, 100, 1000].filter((rank) => rank < count / 1.5);
  return [...ticks, count].map((rank) => {
    const x = (rankX(rank - 1, count) + rankX(rank, count)) / 2;
    return h("span", { style: { "--x": x.toFixed(5) } }, grouped(rank));
  });
}

function hearPointer(plot, hear) {
  const tell = ({ clientX }) => {
    const { left, width } = plot.getBoundingClientRect();
    hear((clientX - left) / width);
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    tell(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) tell(event);
  });
}
