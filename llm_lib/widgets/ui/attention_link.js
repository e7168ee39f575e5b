// The state of the attention figure in a link, and out of one. Links get mangled on their way:
// what makes no sense is left out.
import { STEPS } from "../engine/attention_scene.js";
import { projectionIndex } from "../engine/projections.js";
import { readStateLink, stateLink } from "./state_link.js";

const VIEWS = ["steps", "width"];
const PARTS = ["query", "key", "value"];
const PLACES = [0, 1, 2, 3, 4, 5].map((i) => `n${i}`);
const SHIFT = 1e6; // a link holds whole numbers only: thousandths, moved above zero

// state: as the figure shows it; projections[part] are what W of each part is chosen from.
export function attentionLink(state, projections) {
  const { base, query, scale, causal, size, seed, weights } = state;
  const places = base.flat().map((value, i) => [PLACES[i], Math.round(value * 1000) + SHIFT]);
  const chosen = PARTS.map((part) => [part, projectionIndex(projections[part], weights[part])]);
  return stateLink("attention", {
    of: query,
    step: STEPS.indexOf(state.step),
    view: VIEWS.indexOf(state.view),
    scale,
    causal,
    size,
    seed,
    ...Object.fromEntries([...places, ...chosen]),
  });
}

// What the page's address says of the figure's inputs, by their names; {} where it says nothing.
export function readAttentionLink(projections, furthest) {
  const numbers = ["of", "step", "view", "size", "seed", ...PARTS, ...PLACES];
  const blank = Object.fromEntries(numbers.map((name) => [name, 0]));
  const said = readStateLink("attention", { ...blank, scale: true, causal: false });
  const values = {};
  for (const name of ["size", "seed", "scale", "causal"]) {
    if (name in said) values[name] = said[name];
  }
  if ("of" in said) values.query = said.of;
  if (STEPS[said.step]) values.step = STEPS[said.step];
  if (VIEWS[said.view]) values.view = VIEWS[said.view];
  for (const part of PARTS) {
    const projection = projections[part][said[part]];
    if (projection) values[`${part}_weight`] = projection.matrix;
  }
  const tips = PLACES.map((name) => (said[name] - SHIFT) / 1000);
  if (tips.every((value) => Math.abs(value) <= furthest)) {
    values.vectors = [0, 2, 4].map((i) => tips.slice(i, i + 2));
  }
  return values;
}
