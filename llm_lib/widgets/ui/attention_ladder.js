// The six steps of attention as a ladder, with the switches and matrices that belong to them.
import { STEPS } from "../engine/attention_scene.js";
import { projectionIndex } from "../engine/projections.js";
import { stepWords, TITLES } from "./attention_words.js";
import { checkbox } from "./checkbox.js";
import { button } from "./controls.js";
import { h } from "./dom.js";
import { matrixChoice } from "./matrix_choice.js";
import { stepLadder } from "./step_ladder.js";

const MATRICES = [
  ["query", "q = x W_Q", "queries"],
  ["key", "k = x W_K", "keys"],
  ["value", "v = x W_V", "values"],
];

// open(step), toggle("scale" or "causal", isOn) and choose(part, index) hear of the reader.
// Returns { root, draw(state) }.
export function attentionLadder({ open, toggle, choose, projections }) {
  const scale = checkbox("Divide by √d", (isOn) => toggle("scale", isOn));
  const causal = checkbox("Hide what comes later", (isOn) => toggle("causal", isOn));
  const matrices = MATRICES.map(([part, label, concept]) => ({
    part,
    ...matrixChoice(label, { part: concept, input: (index) => choose(part, index) }),
  }));
  const extras = {
    scale: { control: scale.root },
    mask: { control: causal.root },
    vectors: {
      inside: h("div", { class: "llm-matrices" }, ...matrices.map(({ root }) => root)),
    },
  };
  const steps = STEPS.map((name) => {
    const [title, formula] = TITLES[name];
    return { name, title, formula, ...extras[name] };
  });
  const ladder = stepLadder({ steps, open });
  let at = 0;
  const go = (by) => STEPS[at + by] && open(STEPS[at + by]);
  const [back, next] = [button("Back", () => go(-1)), button("Next step", () => go(1))];
  const place = h("span", { class: "llm-ladder-place" });
  const bar = h("div", { class: "llm-ladder-bar-of-steps" }, back, next, place);
  const root = h("div", { class: "llm-ladder-frame" }, bar, ladder.root);

  const draw = (state) => {
    at = STEPS.indexOf(state.step);
    // Not `disabled`: the button keeps the focus, and the keyboard its place.
    back.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at === STEPS.length - 1));
    place.textContent = `Step ${at + 1} of ${STEPS.length}`;
    scale.set(state.scale);
    causal.set(state.causal);
    for (const { part, draw: show } of matrices) {
      show(projections[part], projectionIndex(projections[part], state.weights[part]));
    }
    ladder.draw({
      label: `The steps for the query ${state.names[state.query]}`,
      columns: state.names,
      opened: state.step,
      words: STEPS.map((step) => stepWords(step, state.attention, state)),
    });
  };
  return { root, draw };
}
