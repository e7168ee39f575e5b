// The parts of the KV cache figure, in their places.
import { cacheCounts } from "./cache_counts.js";
import { cacheGrid, KINDS } from "./cache_grid.js";
import { cacheText } from "./cache_text.js";
import { bytesWords, largerWords, tokenWords } from "./cache_words.js";
import { button, choice, slider } from "./controls.js";
import { costCurves } from "./cost_curves.js";
import { h } from "./dom.js";
import { flop } from "./large_amounts.js";
import { player } from "./player.js";
import { grouped } from "./token_text.js";

const SHOWN = [["both", "Both"], ...Object.entries(KINDS).map(([kind, label]) => [kind, label])];
const NAMED_AT = 180; // tokens: where the curves bear their names
const STRIDES = [[24, 1], [96, 4], [Infinity, 8]]; // playing: [up to, tokens at once]

// hear: { step, cached, paused, isPlaying }. Returns { root, measure, draw, drawCosts, pause }.
export function cacheView({ most, full, larger, hear, signal }) {
  const parts = makeParts(most, full, hear, signal);
  const { grids, text, counts, curves, note, kept, steps, shown } = parts;
  const measure = h("div", { class: "llm-kv-measuring" });
  const root = h(
    "div",
    { class: "llm-kv-view" },
    h("div", { class: "llm-kv-controls" }, steps.slider.root, parts.buttons),
    text.root,
    h("div", { class: "llm-kv-grids" }, ...Object.values(grids).map((grid) => grid.root)),
    note,
    counts.root,
    curves.root,
    kept,
    measure,
    h("p", { class: "llm-kv-note" }, larger.length ? largerWords(larger) : ""),
  );

  const draw = (scene) => {
    const { cost, config, cached, names } = scene;
    const { n_layer: layers } = config;
    steps.at = cost.length;
    steps.slider.set(cost.length);
    steps.player.show({ isFirst: cost.length === 1, isLast: cost.length === most });
    shown.set(cached === null ? "both" : cached ? "with" : "without");
    grids.without.root.hidden = cached === true;
    grids.with.root.hidden = cached === false;
    grids.without.draw({ cost, layers, names });
    grids.with.draw({ cost, layers, names: cached ? names : null });
    text.draw({ ...scene, length: cost.length, start: cost.start });
    note.textContent = tokenWords(cost, config.block_size) + cutWords(scene);
    note.toggleAttribute("data-alarm", cost.isRebuilt);
    counts.draw(cost);
    curves.point(cost.length / most);
    kept.textContent = bytesWords(cost, config);
  };

  const drawCosts = (costs) => {
    const points = (kind) => costs.map(({ length, flops }) => [length, flops[kind]]);
    curves.draw({
      curves: Object.entries(KINDS).map(([kind, label]) => {
        return { kind, label: label.toLowerCase(), points: points(kind), named: NAMED_AT };
      }),
      mostX: most,
      mostY: Math.max(...costs.map(({ flops }) => flops.without)),
      format: flop,
    });
  };

  return { root, measure, draw, drawCosts, pause: () => steps.player.pause() };
}

function makeParts(most, full, hear, signal) {
  const steps = { at: 1 };
  const go = (by) => {
    const to = reached(steps.at, by, steps.player.isPlaying(), full);
    hear.step(Math.max(1, Math.min(to, most)));
    return to < most;
  };
  const goTo = (step) => {
    steps.player.pause();
    hear.step(step);
  };
  steps.slider = slider("Tokens in the text", {
    ...{ min: 1, max: most, value: 1, show: grouped },
    input: goTo,
  });
  steps.player = player({
    ...{ back: "Back", forward: "Add a token", go, signal },
    change: (isPlaying) => {
      hear.isPlaying(isPlaying);
      if (!isPlaying) hear.paused();
    },
  });
  const fill = button("Fill the context", () => goTo(full));
  const toCached = { both: null, without: false, with: true };
  const shown = choice("Show", {
    options: SHOWN,
    value: "both",
    input: (kind) => hear.cached(toCached[kind]),
  });
  return {
    ...{ steps, shown },
    buttons: h("div", { class: "llm-kv-buttons" }, ...steps.player.nodes, fill, shown.root),
    grids: Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, cacheGrid(kind)])),
    text: cacheText(),
    counts: cacheCounts(),
    curves: costCurves("Multiplications and additions for the newest token"),
    note: h("p", { class: "llm-kv-note" }),
    kept: h("p", { class: "llm-kv-note" }),
  };
}

// A clock takes larger steps in a longer text, and stops at nothing but where the window moves.
function reached(at, by, isPlaying, full) {
  if (!isPlaying) return at + by;
  const [, stride] = STRIDES.find(([until]) => at < until);
  const next = at + stride;
  if (at < full && next > full) return full;
  if (at === full) return full + 1;
  return next;
}

function cutWords({ cut }) {
  if (!cut) return "";
  return ` (Of your text the last 239 tokens are read, and ${grouped(cut)} are left out.)`;
}
