// The stage of the sampling lab: the text as far as it is written, and one of three views of the
// place that is looked at. It draws what it is told, and says what the reader does.
import { alternativesTree } from "./alternatives_tree.js";
import { button, choice } from "./controls.js";
import { h } from "./dom.js";
import { drawsView } from "./draws_view.js";
import { samplingBars } from "./sampling_bars.js";
import { samplingCurve } from "./sampling_curve.js";
import { samplingSum } from "./sampling_sum.js";
import { writtenText } from "./written_text.js";

const VIEWS = [
  ["next", "The next token"],
  ["draws", "A thousand draws"],
  ["tree", "Alternatives"],
];
const CURVE = "All tokens, likeliest first";
const CURVE_NOTE =
  "Across: the rank, each ten times the last. Up: the probability before anything is cut, each " +
  "line a hundredth of the one above. Drag, or use the arrow keys, to look at any token.";

// hear: { place, write, doubt, end, undo, replay, view, choose, rank, take, more, fresh, look,
// path, resized }. Returns { root, written, buttons, bars, sum, curve, draws, tree }, parts with a
// draw function each, and show(view), say(texts), sayPython().
export function samplingView({ hear, signal }) {
  const part = (text) => h("p", { class: "llm-lab-part" }, text);
  const words = () => h("p", { class: "llm-lab-words" });
  const written = writtenText({ choose: hear.place });
  const buttons = writeButtons(hear);
  const [doubts, python] = [words(), words()];
  const views = choice("Look at", { options: VIEWS, value: "next", input: hear.view });

  const bars = samplingBars({ choose: hear.choose, take: hear.take });
  const sum = samplingSum({ take: () => hear.take() });
  const curve = samplingCurve({ choose: hear.rank });
  const tally = words();
  const draws = drawsView(hear);
  const tree = alternativesTree({ choose: hear.look, take: hear.path });
  const [path, held] = [words(), words()];
  const place = part("");
  const next = h(
    "div",
    { class: "llm-lab-next" },
    h("div", { class: "llm-lab-main" }, bars.root, tally),
    sum.root,
    h("div", { class: "llm-lab-whole" }, part(CURVE), curve.root, noted(CURVE_NOTE)),
  );
  const forest = h("div", { class: "llm-lab-forest" }, tree.root, path, held);
  const panels = { next, draws: draws.root, tree: forest };
  const root = h(
    "div",
    { class: "llm-lab" },
    h("div", { class: "llm-lab-writing" }, written.root, doubts, buttons.root, python),
    views.root,
    place,
    ...Object.values(panels),
  );
  onWidth(root, hear.resized, signal);

  const show = (view) => {
    views.set(view);
    for (const [name, panel] of Object.entries(panels)) panel.hidden = name !== view;
  };
  const say = (texts) => {
    const places = { tally, doubts, path, held, place };
    for (const [name, text] of Object.entries(texts)) places[name].textContent = text;
  };
  const sayPython = ({ words: said, call }) => {
    python.replaceChildren(said, " ", h("code", {}, call));
  };
  return { root, written, buttons, bars, sum, curve, draws, tree, show, say, sayPython };
}

// Calls `listener` when the element becomes wider or narrower; its height follows what is drawn.
function onWidth(element, listener, signal) {
  let width = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    listener();
  });
  observer.observe(element);
  signal?.addEventListener("abort", () => observer.disconnect());
}

const noted = (text) => h("p", { class: "llm-lab-note" }, text);

function writeButtons(hear) {
  const one = button("Write one token", hear.write);
  const doubt = button("On to the next doubt", hear.doubt);
  const end = button("Write to the end", hear.end);
  const undo = button("Undo", hear.undo);
  const replay = button("Replay", hear.replay);
  const root = h("div", { class: "llm-lab-buttons" }, one, doubt, end, undo, replay);
  // A button that can do nothing now stays focusable, so that the keyboard keeps its place.
  const draw = ({ isWriting, isOver, canUndo, canReplay }) => {
    const disable = (node, is) => node.setAttribute("aria-disabled", String(is));
    end.textContent = isWriting ? "Stop" : "Write to the end";
    disable(one, isOver || isWriting);
    disable(doubt, isOver || isWriting);
    disable(end, isOver && !isWriting);
    disable(undo, !canUndo || isWriting);
    disable(replay, !canReplay || isWriting);
  };
  return { root, draw };
}
