// Where the numbers of a GPT are: a picture whose areas are amounts, for any configuration, with
// another one as an outline at the same scale.
import { BYTES } from "./engine/accounting.js";
import { costs, misfit, SIZES } from "./engine/model_scene.js";
import { checkbox } from "./ui/checkbox.js";
import { button, choice } from "./ui/controls.js";
import { h } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { modelView } from "./ui/model_view.js";
import { describeModel, misfitWords, nameOf, tableOf } from "./ui/model_summary.js";
import { READINGS } from "./ui/model_words.js";
import { proveCounts } from "./ui/model_proof.js";
import { selectField } from "./ui/select_field.js";
import { sizeField } from "./ui/size_field.js";
import { readStateLink, stateLink } from "./ui/state_link.js";

const FIELDS = {
  n_layer: ["Layers L", 128, [1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48, 64, 96]],
  n_embd: ["Width C", 16384, [8, 16, 32, 64, 128, 256, 384, 512, 768, 1024, 1280, 1600, 2048, 4096,
    8192, 12288]],
  n_head: ["Heads h", 128, [1, 2, 3, 4, 6, 8, 12, 16, 20, 25, 32, 64, 96]],
  vocab_size: ["Vocabulary V", 1e6, [27, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 50257,
    100000, 200000]],
  block_size: ["Positions", 1e6, [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 32768,
    131072]],
  n_tokens: ["Tokens T in context", 1e6, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096,
    8192, 32768, 131072]],
  batch_size: ["Batch B", 4096, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]],
};
const NEEDS = { n_tokens: ["flops", "memory"], batch_size: ["memory"] }; // others always
const CONFIG = [...SIZES, "tie_weights", "bias"];
const SETTINGS = [...CONFIG, "n_tokens", "batch_size", "dtype"];
const STATE = [...SETTINGS, "quantity", "compare"];
const COMPARE = { "": "nothing", previous: "the one before" };
const KINDS = Object.keys(READINGS);
const FORMATS = Object.keys(BYTES);

const pick = (values, names) => Object.fromEntries(names.map((name) => [name, values[name]]));
const same = (a, b) => SETTINGS.every((name) => a[name] === b[name]);

class Explorer {
  constructor(model, el, signal) {
    this.model = model;
    this.presets = model.get("presets");
    this.compares = ["", "previous", ...this.presets.map(({ name }) => name)];
    this.authored = pick(this.read(), STATE);
    this.before = null; // the settings before the last change
    this.setAll(this.fromLink());
    this.frame = figure(el, {
      question: "Where are the numbers of a GPT, and what do they cost?",
      caption:
        "Area is amount. Untie the weights and the head fills its place; go from GPT-2 to XL and " +
        "the outline shows how small GPT-2 is; count FLOPs, and lengthen the context.",
      reset: () => this.reset(),
      link: () => stateLink("model", this.forLink()),
      table: () => tableOf(this.scene),
      prove: proveCounts,
      signal,
    });
    this.frame.root.classList.add("llm-model");
    this.addControls();
    this.addStage(signal);
    this.follow(signal);
    this.draw();
  }

  addControls() {
    const presets = this.presets.map(({ name, label }) => [name, label]);
    const readings = KINDS.map((kind) => [kind, READINGS[kind].label]);
    this.preset = choice("Model", { options: presets, input: (name) => this.usePreset(name) });
    this.quantity = choice("Count", {
      options: readings,
      input: (quantity) => this.change({ quantity }),
    });
    const outlines = this.compares.map((name) => [name, COMPARE[name] ?? this.label(name)]);
    this.compare = selectField("Outline of", {
      options: outlines,
      input: (name) => this.change({ compare: name || null }),
    });
    this.frame.controls.append(this.preset.root, this.quantity.root, this.compare.root);
  }

  addStage(signal) {
    this.headline = h("p", { class: "llm-model-headline" });
    this.problem = h("div", { class: "llm-model-problem" });
    this.view = modelView({ signal, enlarge: () => this.change({ compare: null }) });
    this.fields = {};
    for (const [name, [label, max, stops]] of Object.entries(FIELDS)) {
      const input = (value) => this.change({ [name]: value });
      const refuse = (why) => this.refuse(why);
      this.fields[name] = sizeField(label, { stops, max, input, refuse });
    }
    const tie = (isTied) => this.change({ tie_weights: isTied });
    this.tie = checkbox("Tie the head to the token table", tie);
    this.dtype = choice("One number in", {
      options: FORMATS.map((name) => [name, `${name}, ${BYTES[name]} B`]),
      input: (dtype) => this.change({ dtype }),
    });
    const sizes = h("div", { class: "llm-model-sizes" }, this.tie.root);
    sizes.append(...Object.values(this.fields).map(({ root }) => root), this.dtype.root);
    const below = h("div", { class: "llm-model-below" }, sizes, this.view.list);
    this.frame.stage.append(this.headline, this.problem, this.view.root, below);
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  follow(signal) {
    let waiting = false;
    const heard = () => {
      if (waiting) return; // several values set at once are one change
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        if (!signal?.aborted) this.draw();
      });
    };
    const events = STATE.map((name) => `change:${name}`);
    events.forEach((event) => this.model.on(event, heard));
    signal?.addEventListener("abort", () => events.forEach((e) => this.model.off(e, heard)));
  }

  // Numbers that no model has (Python may set any) become the nearest that one can have.
  read() {
    const state = Object.fromEntries(STATE.map((name) => [name, this.model.get(name)]));
    for (const [name, [, most]] of Object.entries(FIELDS)) {
      state[name] = Math.max(1, Math.min(Math.trunc(state[name]) || 1, most));
    }
    state.n_tokens = Math.min(state.n_tokens, state.block_size);
    return state;
  }

  label(name) {
    return this.presets.find((preset) => preset.name === name)?.label;
  }

  setAll(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
  }

  change(values) {
    this.gesture = Object.keys(values).join();
    this.setAll(values);
    if (this.model.get("n_tokens") > this.model.get("block_size")) {
      this.model.set("n_tokens", this.model.get("block_size"));
    }
    this.model.save_changes();
    this.mustSay = true;
  }

  usePreset(name) {
    const sizes = pick(this.presets.find((preset) => preset.name === name), SIZES);
    this.change({ ...sizes, n_tokens: sizes.block_size });
    this.gesture = null; // choosing twice is two changes
  }

  reset() {
    this.view.forget();
    this.change(this.authored);
    this.forgetBefore = true;
  }

  draw() {
    const state = this.read();
    this.remember(state);
    const config = pick(state, SETTINGS);
    const other = this.comparedWith(state);
    const described = (settings) => {
      return { settings, cost: costs(settings), name: nameOf(settings, this.presets) };
    };
    this.scene = { ...described(config), reading: state.quantity, other: null };
    if (other && !same(other, config)) this.scene.other = described(other);
    if (this.scene.other?.name === this.scene.name) this.scene.other.name = "the one before";
    this.drawControls(state);
    this.drawProblem(config);
    this.headline.replaceChildren(...describeModel(this.scene));
    this.view.draw(this.scene);
    this.frame.refresh();
    if (this.mustSay) this.frame.say(this.spoken());
    this.mustSay = false;
  }

  // What one control does in a row is one change; so is what Python does at once.
  remember(state) {
    const last = this.scene?.settings;
    if (this.forgetBefore) this.before = null;
    else if (last && !same(last, state) && (!this.gesture || this.gesture !== this.lastGesture)) {
      this.before = last;
    }
    if (last && !same(last, state)) this.lastGesture = this.gesture;
    [this.gesture, this.forgetBefore] = [null, false];
  }

  comparedWith({ compare, ...state }) {
    if (!compare) return null;
    if (compare === "previous") return this.before;
    const preset = this.presets.find(({ name }) => name === compare);
    if (!preset) return null;
    const sizes = pick(preset, SIZES);
    const tokens = Math.min(state.n_tokens, sizes.block_size);
    return { ...pick(state, SETTINGS), ...sizes, tie_weights: true, n_tokens: tokens };
  }

  drawControls(state) {
    this.preset.set(this.presets.find((p) => SIZES.every((n) => p[n] === state[n]))?.name);
    this.quantity.set(state.quantity);
    this.compare.set(this.compares.includes(state.compare) ? state.compare : "");
    this.tie.set(state.tie_weights);
    this.dtype.set(state.dtype);
    this.dtype.root.hidden = state.quantity !== "memory";
    this.fields.n_tokens.setMax(state.block_size);
    for (const [name, field] of Object.entries(this.fields)) {
      field.set(state[name]);
      field.root.hidden = !(NEEDS[name] ?? KINDS).includes(state.quantity);
    }
  }

  drawProblem(config) {
    const wrong = misfit(config);
    const use = (n) => button(`Use ${n} ${n === 1 ? "head" : "heads"}`, () => this.useHeads(n));
    this.problem.hidden = wrong === null;
    this.frame.root.toggleAttribute("data-misfit", wrong !== null);
    const ways = wrong ? [wrong.below, wrong.above].filter(Boolean) : [];
    const text = wrong && h("p", {}, misfitWords(wrong));
    this.problem.replaceChildren(...(wrong ? [text, ...ways.map(use)] : []));
  }

  // What was typed makes no size; the figure stays as it is.
  refuse(why) {
    this.problem.hidden = false;
    this.problem.replaceChildren(h("p", {}, why));
    this.frame.say(why);
  }

  useHeads(count) {
    this.change({ n_head: count });
    this.fields.n_head.focus(); // the button goes away; the keyboard stays at the heads
  }

  spoken() {
    const wrong = misfit(this.scene.settings);
    return wrong ? misfitWords(wrong) : this.headline.textContent;
  }

  // A link holds whole numbers, so a word is its place among the words.
  forLink() {
    const { quantity, compare, dtype, bias, ...sizes } = this.read();
    const place = {
      quantity: KINDS.indexOf(quantity),
      compare: Math.max(0, this.compares.indexOf(compare ?? "")),
      dtype: FORMATS.indexOf(dtype),
    };
    return { ...sizes, ...place };
  }

  fromLink() {
    const said = readStateLink("model", this.forLink());
    const words = { quantity: KINDS, compare: this.compares, dtype: FORMATS };
    for (const [name, known] of Object.entries(words)) {
      if (said[name] in known) said[name] = known[said[name]];
      else delete said[name];
    }
    return said;
  }
}

export default {
  render({ model, el, signal }) {
    new Explorer(model, el, signal);
  },
};
