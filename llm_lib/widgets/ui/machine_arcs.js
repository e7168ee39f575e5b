// Who looks at whom: the text as a row of ticks, and an arc from the token that looks to each that
// it looks at. The tokens that get most are named below their tick.
import { percent } from "./amounts.js";
import { h, svg } from "./dom.js";

const HEIGHT = 72; // of the picture, in its own units
const FAINTEST = 0.01;
const LETTER = 8.5; // pixels: about the width of a letter of a label
const GAP = 12; // pixels between two labels

// Returns { root, draw({ shares, names, named }) }.
//   shares  what the token takes from each, itself last; count: how many tokens the text has
//   names   of all tokens; named: [{ key, share }], those to name, largest first
export function machineArcs(signal) {
  const ticks = svg("g", { class: "llm-machine-ticks" });
  const arcs = svg("g", { class: "llm-machine-fan" });
  const picture = svg(
    "svg",
    { class: "llm-machine-arcs", preserveAspectRatio: "none", "aria-hidden": "true" },
    ticks,
    arcs,
  );
  const labels = h("div", { class: "llm-machine-labels" });
  const root = h("div", {}, picture, labels);
  let shown = null;

  const draw = (scene) => {
    shown = scene;
    const { shares, names } = scene;
    picture.setAttribute("viewBox", `0 0 ${names.length} ${HEIGHT}`);
    ticks.replaceChildren(...names.map((_, i) => tick(i, i === shares.length - 1)));
    const asker = shares.length - 1;
    arcs.replaceChildren(...[...shares].flatMap((share, key) => arc(asker, key, share)));
    place();
  };
  const place = () => shown && placeLabels(labels, shown);

  const watcher = new ResizeObserver(place);
  watcher.observe(labels);
  signal?.addEventListener("abort", () => watcher.disconnect());
  return { root, draw };
}

const tick = (i, isAsker) =>
  svg("path", { d: `M${i + 0.5} ${HEIGHT - 8}v8`, "data-asker": isAsker ? "" : null });

function arc(from, to, share) {
  if (share < FAINTEST) return [];
  const [start, end] = [from + 0.5, to + 0.5];
  const foot = HEIGHT - 10;
  const top = from === to ? foot - 12 : 2 + 30 / Math.max(1, from - to);
  const bend = from === to ? 0.4 : 0; // a token that looks at itself: a small loop
  return svg("path", {
    d: `M${start} ${foot}C${start + bend} ${top} ${end - bend} ${top} ${end} ${foot}`,
    style: { "--share": share.toFixed(3), "stroke-width": `${(1 + 6 * share).toFixed(2)}px` },
  });
}

// The token that looks goes first, then the largest. A label that finds no room is left out: the
// words have it.
function placeLabels(root, { shares, names, named }) {
  const width = root.clientWidth || 560;
  const asker = shares.length - 1;
  const taken = [];
  const wanted = named.map(({ key, share }) => ({ key, text: `${names[key]} ${percent(share)}` }));
  if (!named.some(({ key }) => key === asker)) wanted.unshift({ key: asker, text: names[asker] });
  const placed = wanted.flatMap(({ key, text }) => {
    const half = (text.length * LETTER) / 2;
    const middle = ((key + 0.5) / names.length) * width;
    const at = Math.max(half, Math.min(width - half, middle));
    if (half * 2 > width || taken.some((t) => Math.abs(t.at - at) < t.half + half + GAP)) return [];
    taken.push({ at, half });
    const style = { left: `${((100 * at) / width).toFixed(2)}%` };
    return [h("bdi", { "data-asker": key === asker ? "" : null, style }, text)];
  });
  root.replaceChildren(...placed);
}
