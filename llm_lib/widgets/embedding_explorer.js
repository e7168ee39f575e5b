// Token vectors on a plane with their nearest neighbours, from snapshot to snapshot of training;
// the position vectors; and the sum of both, which is what a model reads.
import { readScene } from "./engine/embedding_scene.js";
import { proveEmbeddings } from "./engine/embeddings_proof.js";
import { nearestDirections } from "./engine/vectors.js";
import { choice, slider } from "./ui/controls.js";
import { aboutNear, positionsTable, tokensTable } from "./ui/embedding_words.js";
import { figure } from "./ui/figure.js";
import { positionsView } from "./ui/positions_view.js";
import { readStateLink, stateLink } from "./ui/state_link.js";
import { sumView } from "./ui/sum_view.js";
import { tokenChoice } from "./ui/token_choice.js";
import { readable } from "./ui/token_text.js";
import { tokensView } from "./ui/tokens_view.js";
import { trainingSlider } from "./ui/training_slider.js";

const INPUTS = ["tokens", "groups", "snapshots", "positions"];
const STATE = ["selected", "snapshot", "view", "position", "pair"];
const VIEWS = [["tokens", "Tokens"], ["positions", "Positions"], ["sum", "Token + position"]];
const QUESTIONS = {
  tokens: "Which tokens point the same way?",
  positions: "What does the vector of a position look like?",
  sum: "What does the model read: which token, and where?",
};
const CAPTIONS = {
  tokens:
    "Every vector at length 1, seen from the side from which the last snapshot is widest. The " +
    "dashed line is the way of the chosen token through training. Cosines are over all dimensions.",
  positions: "Follow one column down: its number changes with the position, its speed is its own.",
  sum: "Drag the tip: the token stays, the position turns. One vector says both.",
};

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const whole = (value) => Math.trunc(value) || 0;
const read = (model, names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));

class Explorer {
  constructor(model, el, signal) {
    this.model = model;
    this.el = el;
    this.signal = signal;
    this.authored = read(model, STATE);
    this.build();
    this.readLink();
    this.follow();
    this.draw();
  }

  // Inputs change when Python sets them; then the figure is built anew.
  build() {
    this.scene = readScene(read(this.model, INPUTS));
    for (const token of this.scene.tokens) token.text = readable(token.token);
    this.lifetime?.abort();
    this.lifetime = new AbortController();
    this.signal?.addEventListener("abort", () => this.lifetime.abort(), { once: true });
    this.el.replaceChildren();
    this.frame = figure(this.el, {
      question: QUESTIONS.tokens,
      caption: CAPTIONS.tokens,
      reset: () => this.reset(),
      link: () => this.link(),
      table: () => this.table(),
      prove: proveEmbeddings,
      signal: this.lifetime.signal,
    });
    this.frame.root.classList.add("llm-embeddings");
    this.question = this.frame.root.querySelector(".llm-question");
    this.caption = this.frame.root.querySelector(".llm-caption");
    this.addControls();
    this.addStage();
  }

  addControls() {
    const { signal } = this.lifetime;
    const { labels, positions, tokens, vectors } = this.scene;
    this.views = choice("Show", {
      options: VIEWS,
      value: "tokens",
      input: (view) => this.change({ view }),
    });
    this.tokenChoice = tokenChoice(tokens, (index) => this.choose(index));
    this.training = trainingSlider({
      labels,
      move: (t) => this.stages.tokens.draw(t, this.state().chosen),
      settle: (snapshot) => this.change({ snapshot }, () => this.sayNear()),
      signal,
    });
    const range = (label, most, show, input) =>
      slider(label, { min: 0, max: Math.max(0, most), value: 0, show, input });
    this.position = range("Position", (positions?.rows.length ?? 1) - 1, String, (position) =>
      this.change({ position }),
    );
    this.pair = range(
      "Dimensions",
      Math.floor(vectors[0][0].length / 2) - 1,
      (pair) => `${2 * pair}, ${2 * pair + 1}`,
      (pair) => this.change({ pair }),
    );
    const controls = [this.tokenChoice, this.training, this.position, this.pair];
    this.frame.controls.append(
      ...(positions ? [this.views.root] : []),
      ...controls.map(({ root }) => root),
    );
  }

  addStage() {
    const { scene } = this;
    const { signal } = this.lifetime;
    const move = (position) => this.change({ position: this.clampPosition(position) });
    const choosePair = (pair) => this.change({ pair: this.clampPair(pair) });
    this.stages = { tokens: tokensView({ scene, choose: (i) => this.choose(i), signal }) };
    if (scene.positions) {
      this.stages.positions = positionsView({ positions: scene.positions, move, signal });
      this.stages.sum = sumView({ scene, move, choosePair, signal });
    }
    this.frame.stage.append(...Object.values(this.stages).map(({ root }) => root));
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  follow() {
    let waiting = new Set();
    const heard = (name) => () => {
      waiting.add(name);
      if (waiting.size > 1) return; // several values set at once are one change
      queueMicrotask(() => {
        const isRebuilt = INPUTS.some((input) => waiting.has(input));
        waiting = new Set();
        if (this.signal?.aborted) return;
        if (isRebuilt) this.build();
        this.draw();
      });
    };
    for (const name of [...INPUTS, ...STATE]) {
      const listener = heard(name);
      this.model.on(`change:${name}`, listener);
      this.signal?.addEventListener("abort", () => this.model.off(`change:${name}`, listener));
    }
  }

  // The state as the figure can show it, whatever Python or a link asked for.
  state() {
    const { tokens, labels, positions } = this.scene;
    const asked = read(this.model, STATE);
    const chosen = Math.max(0, tokens.findIndex(({ token }) => token === asked.selected));
    const view = positions && VIEWS.some(([name]) => name === asked.view) ? asked.view : "tokens";
    const snapshot = clamp(whole(asked.snapshot), 0, labels.length - 1);
    const [position, pair] = [this.clampPosition(asked.position), this.clampPair(asked.pair)];
    return { chosen, view, snapshot, position, pair };
  }

  clampPosition(position) {
    return clamp(position, 0, (this.scene.positions?.rows.length ?? 1) - 1) || 0;
  }

  clampPair(pair) {
    return clamp(whole(pair), 0, Math.floor(this.scene.vectors[0][0].length / 2) - 1);
  }

  change(values, then) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    const words = this.nearest().map(({ index, cosine }) => [
      this.scene.tokens[index].token,
      Math.round(1000 * cosine) / 1000,
    ]);
    this.model.set("neighbours", words);
    this.model.save_changes();
    then?.();
  }

  choose(index) {
    this.change({ selected: this.scene.tokens[index].token }, () => this.sayNear());
  }

  // The nearest neighbours of the chosen token at the chosen snapshot.
  nearest() {
    const { chosen, snapshot } = this.state();
    return nearestDirections(this.scene.directions[snapshot], chosen);
  }

  sayNear() {
    const { chosen, snapshot } = this.state();
    this.frame.say(aboutNear(this.scene, chosen, this.nearest(), this.scene.labels[snapshot]));
  }

  reset() {
    this.change({ ...this.authored });
    this.frame.say("Back to the start.");
  }

  link() {
    const { chosen, view, ...rest } = this.state();
    const number = VIEWS.findIndex(([name]) => name === view);
    return stateLink("embeddings", { token: chosen, view: number, ...rest });
  }

  readLink() {
    const blank = { token: 0, view: 0, snapshot: 0, position: 0, pair: 0 };
    const { token, view, ...rest } = readStateLink("embeddings", blank);
    const values = { ...rest };
    if ("position" in rest) values.position = this.clampPosition(rest.position);
    if ("pair" in rest) values.pair = this.clampPair(rest.pair);
    if ("snapshot" in rest) values.snapshot = clamp(rest.snapshot, 0, this.scene.labels.length - 1);
    if (this.scene.tokens[token]) values.selected = this.scene.tokens[token].token;
    if (VIEWS[view]) values.view = VIEWS[view][0];
    if (Object.keys(values).length) this.change(values);
  }

  draw() {
    const { chosen, view, snapshot, position, pair } = this.state();
    this.question.textContent = QUESTIONS[view];
    this.caption.textContent = CAPTIONS[view];
    this.views.set(view);
    this.tokenChoice.set(chosen);
    this.position.set(position);
    this.pair.set(pair);
    for (const [name, { root }] of Object.entries(this.stages)) root.hidden = name !== view;
    this.tokenChoice.root.hidden = view === "positions";
    this.training.root.hidden = view === "positions" || this.scene.labels.length === 1;
    this.position.root.hidden = view === "tokens";
    this.pair.root.hidden = view !== "sum";
    this.training.show(snapshot); // draws the tokens, now or on their way
    if (view === "positions") this.stages.positions.draw(position);
    if (view === "sum") this.stages.sum.draw(this.state());
    this.frame.refresh();
  }

  table() {
    const { view, snapshot } = this.state();
    const { scene } = this;
    if (view === "positions") return positionsTable(scene.positions);
    if (view === "sum") return this.stages.sum.table(this.state());
    const nearest = (s, i) => nearestDirections(scene.directions[s], i, 1);
    return tokensTable(scene, scene.layouts[snapshot], scene.labels[snapshot], nearest);
  }
}

export default {
  render({ model, el, signal }) {
    new Explorer(model, el, signal);
  },
};
