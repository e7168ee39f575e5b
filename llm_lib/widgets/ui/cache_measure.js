// Time per token with and without a cache, measured in this page when the reader asks for it.
import { timeTokens } from "../engine/cache_timing.js";
import { runSliced } from "../engine/slices.js";
import { measuredWords, milliseconds } from "./cache_words.js";
import { button } from "./controls.js";
import { costCurves } from "./cost_curves.js";
import { h } from "./dom.js";

const LENGTHS = [1, ...Array.from({ length: 20 }, (_, i) => 10 * (i + 1))]; // tokens, up to 200
const MOST = LENGTHS.at(-1);
const OFFER =
  `And how long does it take here? Storyteller reads texts of 1 to ${MOST} tokens in this page, ` +
  "with a cache and without, and the clock runs for the newest token.";

// Returns { root, clear }.
//   ids       resolves to at least 200 token ids to read
//   costOf    length -> its cost, for the words
//   measured  hears [{ tokens, without, with }], as it grows, and an empty array at the start
//   done      hears the words for the result
export function cacheMeasure({ ids, gpt, costOf, measured, done, signal }) {
  const curves = costCurves("Milliseconds for the newest token, on this machine");
  const words = h("p", { class: "llm-kv-measured" });
  const press = button("Measure here", () => (running ? stop() : start()));
  const root = h("div", { class: "llm-kv-measure" }, press, words, curves.root);
  let running = null;

  function stop() {
    running?.abort();
    running = null;
    press.textContent = "Measure here";
    words.textContent = OFFER;
  }

  async function start() {
    stop();
    running = new AbortController();
    const mine = running;
    press.textContent = "Stop";
    words.textContent = "Measuring: Storyteller reads texts of 1 to 200 tokens, in both ways …";
    let points = [];
    measured(points);
    const add = (point) => {
      if (!point || mine.signal.aborted) return;
      const others = points.filter(({ tokens }) => tokens !== point.tokens);
      points = [...others, point].sort((a, b) => a.tokens - b.tokens);
      show(points);
    };
    try {
      const work = timeTokens(gpt, await ids(mine.signal), LENGTHS);
      await runSliced(work, { signal: mine.signal, onProgress: add });
    } catch (error) {
      if (mine.signal.aborted) return;
      stop();
      words.textContent = `This could not be measured: ${error.message}`;
      return;
    }
    stop();
    measured(points);
    show(points, true);
    done(words.textContent);
  }

  function show(points, isDone = false) {
    curves.root.hidden = points.length < 2;
    const line = (kind) => points.map((point) => [point.tokens, point[kind]]);
    const curve = (kind, label) => {
      const time = points.length ? ` ${milliseconds(points.at(-1)[kind])}` : "";
      return { kind, label: `${label}${time}`, points: line(kind) };
    };
    const mostY = Math.max(...points.flatMap((point) => [point.without, point.with]), 0.1);
    const both = [curve("without", "without a cache"), curve("with", "with a cache")];
    curves.draw({ curves: both, mostX: MOST, mostY, format: milliseconds });
    if (isDone) words.textContent = measuredWords(points.at(-1), costOf(points.at(-1).tokens));
  }

  function clear() {
    stop();
    show([]);
  }

  clear();
  signal?.addEventListener("abort", stop);
  return { root, clear };
}
