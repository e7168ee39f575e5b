// Token vectors on a plane with their nearest neighbours, from snapshot to snapshot of training;
// the position vectors; and the sum of both, which is what a model reads.
import { readScene, sumsOf } from "./engine/embedding_scene.js";
import { cosine, layoutAt, nearestNeighbours } from "./engine/vectors.js";
import { choice, slider } from "./ui/controls.js";
import { h } from "./ui/dom.js";
import {
  aboutNear,
  aboutToken,
  axisNames,
  pathAxes,
  positionsTable,
  sumTable,
  tokenName,
  tokensTable,
} from "./ui/embedding_words.js";
import { figure } from "./ui/figure.js";
import { neighbourList } from "./ui/neighbour_list.js";
import { positionField } from "./ui/position_field.js";
import { positionPath } from "./ui/position_path.js";
import { readStateLink, stateLink } from "./ui/state_link.js";
import { sumArrows } from "./ui/sum_arrows.js";
import { sumRows } from "./ui/sum_rows.js";
import { tokenChoice } from "./ui/token_choice.js";
import { readable } from "./ui/token_text.js";
import { trainingSlider } from "./ui/training_slider.js";
import { mark, vectorMap } from "./ui/vector_map.js";

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
    this.dimension = 0;
    this.build();
    this.readLink();
    this.follow();
    this.draw();
  }

  // Inputs change when Python sets them; then the figure is built anew.
  build() {
    this.scene = readScene(read(this.model, INPUTS));
    this.t = null;
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
      signal: this.lifetime.signal,
    });
    this.frame.root.classList.add("llm-embeddings");
    this.question = this.frame.root.querySelector(".llm-question");
    this.caption = this.frame.root.querySelector(".llm-caption");
    this.addControls();
    this.addTokens();
    if (this.scene.positions) this.addPositions();
  }

  addControls() {
    const { signal } = this.lifetime;
    const { labels, positions, tokens, vectors } = this.scene;
    const shown = tokens.map(({ token, kind }) => ({ text: readable(token), kind }));
    this.views = choice("Show", {
      options: VIEWS,
      value: "tokens",
      input: (view) => this.change({ view }),
    });
    this.tokenChoice = tokenChoice(shown, (index) => this.choose(index));
    this.training = trainingSlider({
      labels,
      move: (t) => this.moveTo(t),
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

  addTokens() {
    const { signal } = this.lifetime;
    const { tokens, kinds } = this.scene;
    this.points = tokens.map((token) => ({
      text: readable(token.token),
      name: tokenName(token),
      shape: token.shape,
    }));
    const point = (index) => this.point(index);
    this.map = vectorMap({ label: "Tokens", choose: (i) => this.choose(i), point, signal });
    this.near = neighbourList({ choose: (i) => this.choose(i), point });
    this.reading = h("p", { class: "llm-reading" });
    const key = kinds.map((kind, i) => h("span", {}, mark(i), kind || "other"));
    this.tokensView = h(
      "div",
      { class: "llm-embeddings-view", "data-view": "tokens" },
      h(
        "div",
        { class: "llm-map-part" },
        kinds.length > 1 ? h("p", { class: "llm-map-key" }, ...key) : null,
        this.map.root,
        this.reading,
      ),
      this.near.root,
    );
    this.frame.stage.append(this.tokensView);
  }

  addPositions() {
    const { signal } = this.lifetime;
    const move = (position) => this.change({ position: this.clampPosition(position) });
    this.field = positionField(({ position, dimension }) => {
      this.dimension = clamp(dimension, 0, this.scene.positions.columns - 1);
      this.change({ position: clamp(position, 0, this.scene.positions.drawn.length - 1) });
      this.draw();
    });
    this.path = positionPath({ move, signal });
    this.rows = sumRows({ choose: (i) => this.change({ pair: this.clampPair(i >> 1) }), signal });
    this.arrows = sumArrows({ move, signal });
    const view = (name, ...parts) =>
      h("div", { class: "llm-embeddings-view", "data-view": name }, ...parts);
    this.positionsView = view("positions", this.field.root, this.path.root);
    this.sumView = view("sum", this.arrows.root, this.rows.root);
    this.frame.stage.append(this.positionsView, this.sumView);
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
    const { chosen, snapshot } = this.state();
    const near = nearestNeighbours(this.scene.vectors[snapshot], chosen);
    const words = near.map(({ index, cosine: value }) => [
      this.scene.tokens[index].token,
      Math.round(1000 * value) / 1000,
    ]);
    this.model.set("neighbours", words);
    this.model.save_changes();
    then?.();
  }

  choose(index) {
    this.change({ selected: this.scene.tokens[index].token }, () => this.sayNear());
  }

  sayNear() {
    const { chosen, snapshot } = this.state();
    const near = nearestNeighbours(this.scene.vectors[snapshot], chosen);
    this.frame.say(aboutNear(this.scene, chosen, near, this.scene.labels[snapshot]));
  }

  reset() {
    this.dimension = 0;
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
    this.tokensView.hidden = view !== "tokens";
    if (this.positionsView) this.positionsView.hidden = view !== "positions";
    if (this.sumView) this.sumView.hidden = view !== "sum";
    this.tokenChoice.root.hidden = view === "positions";
    this.training.root.hidden = view === "positions" || this.scene.labels.length === 1;
    this.position.root.hidden = view === "tokens";
    this.pair.root.hidden = view !== "sum";
    this.training.show(snapshot); // draws the tokens, now or on their way
    if (view === "positions") this.drawPositions();
    if (view === "sum") this.drawSum();
    this.frame.refresh();
  }

  // All that is drawn of the tokens is a function of t: 0 the first snapshot, 1 the second.
  moveTo(t) {
    this.t = t;
    const { scene } = this;
    const { chosen, snapshot } = this.state();
    const nearest = nearestNeighbours(scene.vectors[Math.round(t)], chosen);
    const layout = layoutAt(scene.layouts, t);
    const passed = scene.layouts.slice(0, Math.ceil(t)).map((places) => places[chosen]);
    this.map.draw({
      points: this.points,
      layout,
      extent: scene.extent,
      chosen,
      near: nearest.map(({ index }) => index),
      trail: [...passed, layout[chosen]],
      axes: axisNames(scene.shares),
      isMoving: t !== snapshot,
    });
    this.near.draw(
      ["Nearest to ", h("bdi", {}, this.points[chosen].text), `, ${scene.labels[Math.round(t)]}`],
      nearest.map((near) => ({ ...near, ...this.points[near.index] })),
    );
    this.layout = layout;
    this.point(null);
  }

  point(index) {
    const { chosen } = this.state();
    const { tokens, vectors } = this.scene;
    const at = index ?? chosen;
    const rows = vectors[Math.round(this.t)];
    const value = at === chosen ? null : cosine(rows[at], rows[chosen]);
    this.map.light(index);
    this.reading.textContent = aboutToken(tokens[at], this.layout[at], value, tokens[chosen]);
  }

  drawPositions() {
    const { drawn, most, layout, shares, isCut, rows } = this.scene.positions;
    const { position } = this.state();
    const note = isCut
      ? `(drawn: ${drawn.length} of ${rows.length} positions, ${drawn[0].length} of ` +
        `${rows[0].length} dimensions)`
      : "";
    const inField = Math.min(position, drawn.length - 1);
    this.field.draw({ rows: drawn, most, position: inField, dimension: this.dimension, note });
    this.path.draw({ layout, position, axes: pathAxes(shares) });
  }

  sum() {
    const { chosen, snapshot, position, pair } = this.state();
    const token = this.scene.vectors[snapshot][chosen];
    const { sums, most } = sumsOf(token, this.scene.positions);
    const names = [this.points[chosen].text, `position ${position}`, "sum"];
    const vectors = [token, this.scene.positions.rows[position], sums[position]];
    return { token, sums, most, names, vectors, position, dimensions: [2 * pair, 2 * pair + 1] };
  }

  drawSum() {
    const { token, sums, most, names, vectors, position, dimensions } = this.sum();
    const drawn = this.scene.positions.columns;
    this.rows.draw({ vectors, names, most, pair: dimensions, drawn });
    const flat = (vector) => dimensions.map((dimension) => vector[dimension]);
    this.arrows.draw({
      token: flat(token),
      tips: sums.map(flat),
      position,
      names,
      axes: dimensions.map((dimension) => `dimension ${dimension}`),
      words: `${names[0]} at ${names[1]}`,
    });
  }

  table() {
    const { view, snapshot } = this.state();
    const { scene } = this;
    if (view === "positions") return positionsTable(scene.positions);
    if (view === "sum") {
      const { names, vectors } = this.sum();
      return sumTable(names, vectors, scene.positions.columns);
    }
    const nearest = (s, i) => nearestNeighbours(scene.vectors[s], i, 1);
    return tokensTable(scene, scene.layouts[snapshot], scene.labels[snapshot], nearest);
  }
}

export default {
  render({ model, el, signal }) {
    new Explorer(model, el, signal);
  },
};
