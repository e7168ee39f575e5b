// Attention on three tokens in two dimensions: every number of softmax(QKᵀ/√d)V, step by step.
import { attend } from "./engine/attention.js";
import { EXAMPLES } from "./engine/attention_examples.js";
import { proveAttention } from "./engine/attention_proof.js";
import { sceneOf, STEPS } from "./engine/attention_scene.js";
import { isPlain, projectionsWith } from "./engine/projections.js";
import { vectorText } from "./ui/amounts.js";
import { attentionGrid } from "./ui/attention_grid.js";
import { attentionLadder } from "./ui/attention_ladder.js";
import { attentionLink, readAttentionLink } from "./ui/attention_link.js";
import { aboutStep, gridWords, stepsTable, summary, tipText } from "./ui/attention_words.js";
import { button, choice, slider } from "./ui/controls.js";
import { h } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { lightTogether } from "./ui/light_together.js";
import { soon } from "./ui/soon.js";
import { spreadStage } from "./ui/spread_stage.js";
import { readable } from "./ui/token_text.js";
import { vectorPlane } from "./ui/vector_plane.js";

const STATE = ["vectors", "query", "step", "scale", "causal", "size", "view", "seed"];
const WEIGHTS = { query: "query_weight", key: "key_weight", value: "value_weight" };
const CHANGES = [...STATE, ...Object.values(WEIGHTS)];
const VIEWS = [["steps", "Step by step"], ["width", "Why √d"]];
const FURTHEST = 10; // as far as a tip goes, before `size`
const GRAIN = 10; // tips move in tenths, so that the numbers can be checked by hand
const LARGEST = 8; // times the vectors
const CAPTIONS = {
  steps:
    "Drag the tip of a token: its share changes, and with it the shares of the others, because " +
    "they sum to 1. Make all vectors 8 times as long: one token takes everything.",
  width:
    "Dot products of random vectors spread √d wide. Without the division softmax gives nearly " +
    "everything to one key as soon as d is large; with it, the width makes no difference.",
};

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const whole = (value) => Math.trunc(value) || 0;
const read = (model, names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));

class Steps {
  // authored: what Reset returns to; not given for a new figure, which also listens to the link.
  constructor({ model, el, signal, authored }) {
    this.model = model;
    this.signal = signal;
    this.authored = authored ?? read(model, CHANGES);
    this.names = model.get("tokens").map(readable);
    this.projections = Object.fromEntries(
      Object.entries(WEIGHTS).map(([part, name]) => [part, projectionsWith(this.authored[name])]),
    );
    const said = authored ? {} : readAttentionLink(this.projections, FURTHEST);
    if (Object.keys(said).length) this.change(said);
    this.frame = figure(el, {
      question: " ",
      caption: CAPTIONS.steps,
      reset: () => this.reset(),
      link: () => attentionLink(this.state(), this.projections),
      table: () => this.table(),
      prove: async () => proveAttention(),
      signal,
    });
    this.frame.root.classList.add("llm-attention-steps");
    this.question = this.frame.root.querySelector(".llm-question");
    this.caption = this.frame.root.querySelector(".llm-caption");
    this.addControls();
    this.addStage();
    this.follow();
    this.draw();
  }

  addControls() {
    this.views = choice("Show", {
      options: VIEWS,
      value: "steps",
      input: (view) => this.change({ view }),
    });
    this.queries = choice("Query", {
      options: this.names.map((name, i) => [i, name]),
      value: 0,
      input: (query) => this.change({ query }, true),
    });
    const examples = EXAMPLES.map((example) =>
      button(example.name, () => this.showExample(example)),
    );
    this.examples = h(
      "div",
      { class: "llm-examples", role: "group", "aria-label": "Examples" },
      h("span", { class: "llm-examples-name", "aria-hidden": "true" }, "Examples"),
      ...examples,
    );
    this.size = slider("Length of all vectors", {
      min: 1,
      max: LARGEST,
      value: 1,
      show: (times) => `×${times}`,
      input: (size) => this.change({ size }, true),
    });
    this.frame.controls.append(this.views.root, this.queries.root);
  }

  addStage() {
    const { names, signal } = this;
    this.plane = vectorPlane({
      names,
      move: (token, place, isDone) => this.moveTip(token, place, isDone),
      step: (token, way) => this.stepTip(token, way),
      label: (label) => tipText(label, names),
      signal,
    });
    this.ladder = attentionLadder({
      open: (step) => this.openStep(step),
      toggle: (name, isOn) => this.change({ [name]: isOn }, true),
      choose: (part, index) => this.chooseMatrix(part, index),
      projections: this.projections,
    });
    this.grid = attentionGrid({
      names,
      choose: (query) => query !== this.state().query && this.change({ query }, true),
    });
    this.steps = h(
      "div",
      { class: "llm-steps-view" },
      this.plane.root,
      h("div", { class: "llm-controls llm-steps-tools" }, this.size.root, this.examples),
      this.ladder.root,
      this.grid.root,
    );
    this.spread = spreadStage({
      again: () => this.change({ seed: (this.state().seed + 1) % 1000 }),
      ready: () => this.frame.refresh(),
      signal,
    });
    this.frame.stage.append(this.steps, this.spread.root);
    lightTogether(this.steps);
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  follow() {
    const heard = soon(() => this.draw(), this.signal);
    for (const name of CHANGES) {
      this.model.on(`change:${name}`, heard);
      this.signal?.addEventListener("abort", () => this.model.off(`change:${name}`, heard));
    }
  }

  // The state as the figure can show it, whatever Python or a link asked for.
  state() {
    const asked = read(this.model, CHANGES);
    const weights = Object.fromEntries(
      Object.entries(WEIGHTS).map(([part, name]) => [part, asked[name]]),
    );
    const { vectors, scale, causal } = asked;
    const size = clamp(whole(asked.size), 1, LARGEST);
    const plain = isPlain(weights);
    return {
      base: vectors,
      query: clamp(whole(asked.query), 0, this.names.length - 1),
      step: STEPS.includes(asked.step) ? asked.step : STEPS[0],
      size,
      scale,
      causal,
      weights,
      isPlain: plain,
      names: this.names,
      view: asked.view === "width" ? "width" : "steps",
      seed: whole(asked.seed),
      attention: attend({
        vectors: vectors.map((vector) => vector.map((value) => value * size)),
        weights,
        scale,
        causal,
      }),
    };
  }

  change(values, isSaid = false) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
    if (isSaid) this.sayShares();
  }

  sayShares() {
    const { attention, query } = this.state();
    this.frame.say(summary(attention, query, this.names));
  }

  openStep(step) {
    this.change({ step });
    const state = this.state();
    this.frame.say(aboutStep(state.step, state.attention, state));
  }

  setTip(token, place) {
    const tip = place.map((value) => clamp(Math.round(value * GRAIN) / GRAIN, -FURTHEST, FURTHEST));
    this.change({ vectors: this.state().base.map((vector, i) => (i === token ? tip : vector)) });
  }

  moveTip(token, place, isDone) {
    if (isDone) return this.sayShares();
    const { size } = this.state();
    this.setTip(token, place.map((value) => value / size));
  }

  stepTip(token, way) {
    this.setTip(token, this.state().base[token].map((value, axis) => value + way[axis] / GRAIN));
    this.sayShares();
  }

  chooseMatrix(part, index) {
    const { matrix } = this.projections[part][index];
    this.change({ [WEIGHTS[part]]: matrix }, true);
  }

  showExample({ vectors, query, scale = true }) {
    this.change({ vectors, query, scale, causal: false, size: 1 }, true);
  }

  reset() {
    this.change(this.authored);
    this.frame.say("Back to the start.");
  }

  draw() {
    const state = this.state();
    const isSteps = state.view === "steps";
    this.question.textContent = isSteps
      ? `How much does “${this.names[state.query]}” take from each token?`
      : "Why divide the dot products by √d?";
    this.caption.textContent = CAPTIONS[state.view];
    this.views.set(state.view);
    this.queries.set(state.query);
    this.size.set(state.size);
    this.queries.root.hidden = !isSteps;
    this.steps.hidden = !isSteps;
    this.spread.root.hidden = isSteps;
    if (isSteps) this.drawSteps(state);
    else this.spread.draw(state.seed);
    this.frame.refresh();
  }

  drawSteps(state) {
    this.ladder.draw(state);
    this.plane.draw(sceneOf(state.attention, state));
    this.plane.say(
      state.attention.vectors.map((vector) => ({ across: vector[0], text: vectorText(vector) })),
    );
    this.grid.draw({ ...gridWords(state), names: this.names, query: state.query });
  }

  table() {
    const { view, attention } = this.state();
    return view === "width" ? this.spread.table() : stepsTable(attention, this.names);
  }
}

export default {
  render({ model, el, signal }) {
    let lifetime = new AbortController();
    const first = new Steps({ model, el, signal: lifetime.signal });
    const rebuild = () => {
      lifetime.abort();
      lifetime = new AbortController();
      el.replaceChildren();
      new Steps({ model, el, signal: lifetime.signal, authored: first.authored });
    };
    model.on("change:tokens", rebuild);
    signal?.addEventListener("abort", () => {
      lifetime.abort();
      model.off("change:tokens", rebuild);
    });
  },
};
