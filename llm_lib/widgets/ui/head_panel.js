// What is to be said of the chosen head: what it does, measured, and the switches of heads.
import { button } from "./controls.js";
import { h } from "./dom.js";
import { headSentence, offWords, placeName, sharpestWords, whole } from "./head_words.js";

const SCALE = "Means over this text. A line marks what attending evenly would give.";

// toggle(), only() and allOn() hear of the buttons, where heads can be switched.
// Returns { root, measures, draw({ layer, head, scores, looks, names, off }) }: words and switches,
// and the numbers that the words rest on.
export function headPanel({ toggle, only, allOn, canSwitch }) {
  const title = h("p", { class: "llm-part" });
  const words = h("p", { class: "llm-head-words" });
  const sharpest = h("p", { class: "llm-head-sharpest" });
  const scale = h("p", { class: "llm-heads-note" }, SCALE);
  const list = h("ul", { class: "llm-head-scores", "aria-label": "Where its attention goes" });
  const one = button("Switch this head off", toggle, { "aria-pressed": "false" });
  const rest = button("Only this head", only);
  const all = button("All heads on", allOn);
  const state = h("p", { class: "llm-head-off" });
  const switches = h("div", { class: "llm-head-switches" }, one, rest, all, state);
  const root = h("div", { class: "llm-head-panel" }, title, words, sharpest);
  if (canSwitch) root.append(switches);

  const measures = h("div", { class: "llm-head-measures" }, list, scale);

  const draw = ({ layer, head, scores, looks, names, off }) => {
    const isOff = off.some(([l, i]) => l === layer && i === head);
    title.textContent = `Layer ${layer}, head ${head}`;
    words.textContent = headSentence(scores, names.length);
    sharpest.textContent = sharpestWords(looks, names);
    list.replaceChildren(...scores.map(scoreRow));
    one.setAttribute("aria-pressed", String(isOff));
    all.setAttribute("aria-disabled", String(!off.length));
    state.textContent = offWords(off);
  };
  return { root, measures, draw };
}

function scoreRow({ place, share, even, count }) {
  const isMeasured = share !== null;
  const bar = h("span", { class: "llm-head-bar", "aria-hidden": "true" }, h("span", {}));
  bar.style.setProperty("--share", isMeasured ? share.toFixed(4) : 0);
  bar.style.setProperty("--even", isMeasured ? even.toFixed(4) : 0);
  const number = isMeasured ? whole(share) : "none here";
  const tokens = count === 1 ? "1 token" : `${count} tokens`;
  const why = isMeasured
    ? `mean over ${tokens}; attending evenly would give ${whole(even)}`
    : "no token of this text has such a place";
  const rest = h("span", { class: "llm-hidden" }, ` (${why})`);
  const name = h("span", { class: "llm-head-place" }, placeName(place));
  const value = h("span", { class: "llm-head-number" }, number, rest);
  return h("li", { title: why }, name, bar, value);
}
