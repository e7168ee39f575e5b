// The chosen station close up, read in one of three ways: its sum, its norm, its neurons.
import { blockNeurons } from "./block_neurons.js";
import { blockNorm } from "./block_norm.js";
import { blockSum } from "./block_sum.js";
import { button, choice } from "./controls.js";
import { h } from "./dom.js";

const OPTIONS = [
  ["stream", "Stream"],
  ["norm", "Norm"],
  ["activation", "Activation"],
];

// hear: { reading(name), toggle(), toggleBlock(), skip() }
// Returns { root, draw({ reading, title, note, sum, norm, neurons, switches }) }. switches:
// { part, block, skip }, each { text, isPressed } or null where there is nothing to switch.
export function blockDetail({ reading, hear }) {
  const options = choice("Reading", { options: OPTIONS, value: reading, input: hear.reading });
  const title = h("p", { class: "llm-part" });
  const note = h("p", { class: "llm-block-note" });
  const bodies = { stream: blockSum(), norm: blockNorm(), activation: blockNeurons() };
  const body = h("div", { class: "llm-block-body" });
  const buttons = {
    part: button("", hear.toggle),
    block: button("", hear.toggleBlock),
    skip: button("", hear.skip),
  };
  const row = h("div", { class: "llm-block-switches" }, ...Object.values(buttons));
  const root = h("div", { class: "llm-block-detail" }, options.root, title, note, body, row);

  let drawn = null;

  function draw(scene) {
    if (scene === drawn) return;
    drawn = scene;
    options.set(scene.reading);
    title.textContent = scene.title;
    note.textContent = scene.note;
    const shown = bodies[scene.reading];
    if (shown.root.parentNode !== body) body.replaceChildren(shown.root);
    shown.draw(scene.shown);
    for (const [name, set] of Object.entries(buttons)) {
      const state = scene.switches[name];
      set.hidden = !state;
      if (!state) continue;
      set.textContent = state.text;
      set.setAttribute("aria-pressed", String(state.isPressed));
    }
  }

  return { root, draw };
}
