// What every attention head looks at in the reader's text, and what the model says without it.
import { createHeadReader, givenHeads } from "./engine/head_reading.js";
import { headsScene } from "./engine/heads_scene.js";
import { prove } from "./engine/proof.js";
import { awaitModel, LOADING } from "./ui/await_model.js";
import { figure } from "./ui/figure.js";
import { headTrial } from "./ui/head_trial.js";
import { headsLink, readHeadsLink, readOff } from "./ui/heads_link.js";
import { headsPicture } from "./ui/heads_picture.js";
import { headsView } from "./ui/heads_view.js";
import { loadModel } from "./ui/model.js";
import { onChanges } from "./ui/on_changes.js";
import { forgetSentence } from "./ui/sentence.js";
import { soon } from "./ui/soon.js";
import { storyField } from "./ui/story_field.js";
import { storyTokens, tokenName } from "./ui/story_tokens.js";
import { readable } from "./ui/token_text.js";

const STATE = ["layer", "head", "query", "off"];
const PROVED = ["scores", "weights", "heads", "logits"]; // what this figure shows
const QUESTIONS = {
  model: "What does each head look at, and what does it do for the next word?",
  given: "What does each head look at?",
};
const CAPTIONS = {
  given: "A small square is a head: a row for each token that looks, darker where it looks more.",
  model:
    "A small square is a head: a row for each token, darker where it looks more. Find one that " +
    "looks at the word the story needs next, and switch it off. Then one that looks elsewhere.",
};

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const whole = (value) => Math.trunc(value) || 0;

class Explorer {
  // authored: what Reset returns to; not given for a new figure, which also listens to the link.
  constructor({ model, el, signal, authored }) {
    this.model = model;
    this.signal = signal;
    this.drawSoon = soon(() => this.draw(), signal);
    const weights = model.get("weights");
    this.given = weights.length ? weights : null;
    const names = [...STATE, "text"];
    this.authored = authored ?? Object.fromEntries(names.map((name) => [name, model.get(name)]));
    this.said = authored ? {} : readHeadsLink();
    const kind = this.given ? "given" : "model";
    this.frame = figure(el, {
      question: QUESTIONS[kind],
      caption: CAPTIONS[kind],
      reset: () => this.reset(),
      link: () => this.link(),
      table: () => this.table(),
      prove: this.given ? undefined : () => this.prove(),
      signal,
    });
    this.frame.root.classList.add("llm-attention-explorer");
    this.follow();
    this.start();
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  follow() {
    const draw = () => this.drawSoon();
    const switched = () => {
      draw();
      this.read(true);
    };
    const text = () => this.adoptText();
    const heard = { layer: draw, head: draw, query: draw, off: switched, text };
    onChanges(this.model, heard, this.signal);
    this.signal?.addEventListener("abort", () => this.reader?.stop());
  }

  change(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  // Loading, and reading.

  start() {
    const asked = STATE.filter((name) => name in this.said).map((name) => [name, this.said[name]]);
    if (asked.length) this.change(Object.fromEntries(asked));
    if (this.given) return this.showGiven();
    this.field = storyField({
      authored: this.model.get("text"),
      follow: this.model.get("follow"),
      input: (text) => this.change({ text, query: -1 }),
      signal: this.signal,
    });
    if (this.said.text !== undefined) this.field.set(this.said.text);
    this.frame.controls.append(this.field.root);
    this.change({ text: this.field.text() });
    return this.load();
  }

  async load() {
    this.book = await awaitModel(this.frame.stage, this.model);
    if (this.signal?.aborted) return;
    this.reader = createHeadReader(this.book.gpt);
    this.trial = headTrial(this.reader, () => this.drawSoon());
    const switches = this.said.switches ?? [];
    if (switches.length) this.change({ off: readOff(switches, this.book.gpt.config.n_head) });
    this.read();
  }

  adoptText() {
    if (this.given) return;
    const text = this.model.get("text");
    if (text !== this.field.text()) this.field.set(text);
    this.read();
  }

  // Reads the text, with and without the heads that are off. isSaid: tell what the switch did.
  async read(isSaid = false) {
    if (!this.reader) return;
    const { tokenizer } = this.book;
    const text = this.field.text();
    const story = storyTokens(tokenizer, text);
    const off = this.off();
    const found = await this.reader.read(story.ids, off).catch((error) => this.fail(error));
    if (!found || this.signal?.aborted) return;
    const { weights, ...logits } = found;
    const nameOf = (id) => tokenName(tokenizer, id);
    this.show({ ...story, ...logits, text, off, nameOf }, weights);
    if (isSaid) this.frame.say(this.picture.changeWords(this.state()));
  }

  fail(error) {
    this.frame.say(`This text could not be read: ${error.message}. Try another, or reload the page.`);
  }

  showGiven() {
    const tokens = this.model.get("tokens");
    const story = { ids: tokens, names: tokens.map(readable), cut: 0, off: [], before: null };
    this.show(story, givenHeads(this.given));
  }

  show(reading, weights) {
    const T = reading.ids.length;
    const heads = weights[0].length / T ** 2;
    this.reading = reading;
    this.scene = headsScene({ weights, T, heads, ids: reading.ids });
    this.picture = headsPicture(reading, this.scene);
    if (!this.view) this.build();
    this.draw();
  }

  build() {
    const { layers, heads } = this.scene;
    this.view = headsView({
      layers,
      heads,
      canSwitch: !this.given,
      signal: this.signal,
      hear: {
        head: (layer, head) => this.choose(layer, head),
        toggle: (layer, head) => this.toggle(layer, head),
        only: () => this.keepOnly(),
        allOn: () => this.change({ off: [] }),
        tryEach: () => this.tryEach(),
        query: (query) => this.ask(query),
        point: (query, key) => this.look(query === null ? null : { query, key }),
        resized: () => this.drawSoon(),
      },
    });
    this.frame.stage.replaceChildren(this.view.root);
  }

  // What the reader does.

  choose(layer, head) {
    const state = this.state();
    if (state.layer === layer && state.head === head) return;
    this.change({ layer, head });
    this.frame.say(`Layer ${layer}, head ${head}. ${this.picture.headWords({ layer, head })}`);
  }

  toggle(layer = this.state().layer, head = this.state().head) {
    const others = this.off().filter(([l, i]) => l !== layer || i !== head);
    const isOff = others.length < this.off().length;
    this.change({ off: isOff ? others : [...others, [layer, head]] });
  }

  keepOnly() {
    const { layer, head } = this.state();
    const all = this.scene.scores.flatMap((row, l) => row.map((_, i) => [l, i]));
    this.change({ off: all.filter(([l, i]) => l !== layer || i !== head) });
  }

  async tryEach() {
    const { picture, reading } = this;
    const { query } = this.state();
    this.frame.say("Reading the text once for each head …");
    const effectOf = (logits) => picture.effectOf(query, logits);
    const read = reading.ids.slice(0, query + 1); // what comes later changes nothing here
    const isWhole = await this.trial.start(this.trialKey(), read, effectOf);
    if (isWhole) this.frame.say(picture.trialWords(query, this.trial.effects(this.trialKey())));
  }

  trialKey() {
    return `${this.state().query} ${this.reading.ids.join()}`;
  }

  ask(query) {
    this.change({ query: query === this.scene.T - 1 ? -1 : query });
    this.frame.say(this.picture.lookWords(this.state()));
  }

  look(point) {
    this.view.look(this.picture.look(this.state(), point));
  }

  reset() {
    if (!this.given && this.model.get("follow")) forgetSentence();
    this.change(this.authored);
    this.frame.say("Back to the start.");
  }

  // Drawing.

  off() {
    if (!this.book) return [];
    const { n_layer: layers, n_head: heads } = this.book.gpt.config;
    return this.model.get("off").filter(([l, i]) => l < layers && i < heads);
  }

  // The state as the figure can show it, whatever Python or a link asked for.
  state() {
    const { layers, heads, T } = this.scene;
    const read = (name) => whole(this.model.get(name));
    const query = read("query");
    return {
      layer: clamp(read("layer"), 0, layers - 1),
      head: clamp(read("head"), 0, heads - 1),
      query: clamp(query < 0 ? T + query : query, 0, T - 1),
    };
  }

  draw() {
    if (!this.scene) return;
    if (!this.given && this.reading.text !== this.field.text()) return; // a reading is under way
    if (this.model.get("layer") === null || this.model.get("head") === null) {
      const { layer, head } = this.scene.favourite(this.state().query);
      return this.change({ layer, head }); // and comes back to draw
    }
    const effects = this.trial?.effects(this.trialKey());
    this.view.draw(this.picture.draw(this.state(), this.view.room(), this.off(), effects));
    this.frame.refresh();
  }

  link() {
    const { query } = this.state();
    const text = this.given ? null : this.field.text();
    return headsLink({ ...this.state(), query, off: this.off(), text }, this.scene.heads);
  }

  table() {
    return this.picture?.table(this.state()) ?? { caption: LOADING, columns: [], rows: [] };
  }

  async prove() {
    const { gpt, proof } = await loadModel(this.model);
    const found = await prove(gpt, proof, { signal: this.signal });
    const rows = found.rows.filter(({ label }) => PROVED.includes(label));
    return { ...found, rows, largest: Math.max(...rows.map(({ difference }) => difference)) };
  }
}

export default {
  render({ model, el, signal }) {
    let lifetime = new AbortController();
    const first = new Explorer({ model, el, signal: lifetime.signal });
    const rebuild = () => {
      lifetime.abort();
      lifetime = new AbortController();
      el.replaceChildren();
      new Explorer({ model, el, signal: lifetime.signal, authored: first.authored });
    };
    for (const name of ["weights", "tokens"]) model.on(`change:${name}`, rebuild);
    signal?.addEventListener("abort", () => {
      lifetime.abort();
      for (const name of ["weights", "tokens"]) model.off(`change:${name}`, rebuild);
    });
  },
};
