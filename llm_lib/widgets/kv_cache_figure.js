// What a KV cache saves and what it costs: a text grows token by token, read with a cache and
// without, and the time that a real model takes for both in this page.
import { value as mergeFile } from "asset:book-merges.json";
import { createBPE } from "./engine/bpe.js";
import { costsOfGrowth } from "./engine/cache_costs.js";
import { proveCache } from "./engine/cache_proof.js";
import { createClock, runSliced } from "./engine/slices.js";
import { writeOn } from "./engine/window_writing.js";
import { awaitModel } from "./ui/await_model.js";
import { cacheLink, readCacheLink } from "./ui/cache_link.js";
import { cacheMeasure } from "./ui/cache_measure.js";
import { cacheView } from "./ui/cache_view.js";
import { CAPTION, QUESTION, spoken, tableOf } from "./ui/cache_words.js";
import { figure } from "./ui/figure.js";
import { loadModel } from "./ui/model.js";
import { onChanges } from "./ui/on_changes.js";
import { forgetSentence } from "./ui/sentence.js";
import { soon } from "./ui/soon.js";
import { storyField } from "./ui/story_field.js";
import { storyTokens, tokenName } from "./ui/story_tokens.js";

const MOST = 400; // tokens of the growing text: the window moves twice
const START = "<|endoftext|>";
const STATE = ["text", "step", "cached"];

class CacheFigure {
  constructor({ model, el, signal }) {
    this.model = model;
    this.signal = signal;
    this.drawSoon = soon(() => this.draw(), signal);
    this.config = model.get("config");
    this.costs = costsOfGrowth(this.config, MOST);
    this.authored = Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
    this.tokenizer = createBPE(mergeFile.merges, {
      vocabSize: this.config.vocab_size,
      specials: [START],
    });
    this.frame = figure(el, {
      question: QUESTION,
      caption: CAPTION,
      reset: () => this.reset(),
      link: () => cacheLink({ ...this.state(), text: this.field.text() }),
      table: () => tableOf({ ...this.scene(), costs: this.costs, measured: this.measured() }),
      prove: () => this.prove(),
      signal,
    });
    this.frame.root.classList.add("llm-kv");
    this.start();
  }

  start() {
    const { model, signal } = this;
    const said = readCacheLink(MOST);
    this.field = storyField({
      authored: model.get("text"),
      follow: model.get("follow"),
      input: (text) => this.change({ text, step: null }),
      signal,
    });
    if (said.text !== undefined) this.field.set(said.text);
    this.frame.controls.append(this.field.root);
    this.view = cacheView({
      most: MOST,
      full: this.config.block_size,
      larger: model.get("larger"),
      hear: {
        step: (step) => this.change({ step }),
        cached: (cached) => this.change({ cached }),
        paused: () => this.say(),
        isPlaying: (isPlaying) => (this.isPlaying = isPlaying),
      },
      signal,
    });
    this.frame.stage.append(this.view.root);
    this.view.drawCosts(this.costs);
    this.change({ ...said, text: this.field.text() });
    this.adopt();
    onChanges(
      model,
      { text: () => this.adopt(), step: () => this.drawSoon(), cached: () => this.drawSoon() },
      signal,
    );
    signal?.addEventListener("abort", () => this.writing?.abort());
    this.load();
  }

  async load() {
    const { gpt } = await awaitModel(this.view.measure, this.model);
    if (this.signal?.aborted) return;
    this.gpt = gpt;
    this.timing = cacheMeasure({
      gpt,
      ids: (signal) => this.written(signal),
      costOf: (length) => this.costs[length - 1],
      measured: (points) => {
        this.change({ measured: [...points] });
        this.frame.refresh();
      },
      done: (words) => this.frame.say(words),
      signal: this.signal,
    });
    this.view.measure.replaceChildren(this.timing.root);
    this.drawSoon();
  }

  change(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  // The state with the numbers that can be drawn: without a step, all of the text is read.
  state() {
    const step = this.model.get("step") ?? this.own;
    const cached = this.model.get("cached");
    return { step: Math.max(1, Math.min(Math.trunc(step) || 1, MOST)), cached };
  }

  measured() {
    return this.model.get("measured") ?? [];
  }

  // The text has changed: its tokens, and none yet of what the model adds.
  adopt() {
    const text = this.model.get("text");
    if (text !== this.field.text()) this.field.set(text);
    this.writing?.abort();
    this.writing = null;
    const { ids, cut } = storyTokens(this.tokenizer, this.field.text());
    Object.assign(this, { ids, own: ids.length, cut });
    this.drawSoon();
  }

  // What follows the reader's text, written by the model once, when it is first needed.
  async written(signal) {
    if (this.ids.length >= MOST) return this.ids;
    const { ids } = this;
    const all = await runSliced(writeOn(this.gpt, ids, MOST, createClock()), { signal });
    if (ids === this.ids) this.ids = all;
    return all;
  }

  async writeOn() {
    if (this.writing || !this.gpt) return;
    const mine = new AbortController();
    this.writing = mine;
    try {
      await this.written(mine.signal);
      this.drawSoon();
    } catch (error) {
      if (!mine.signal.aborted) throw error;
    }
  }

  reset() {
    if (this.model.get("follow")) forgetSentence();
    this.view.pause();
    this.timing?.clear();
    this.change({ ...this.authored, measured: [] });
    this.frame.say("Back to the start.");
  }

  scene() {
    const { step, cached } = this.state();
    const { ids, own, cut, config, tokenizer } = this;
    return { cost: this.costs[step - 1], ids, own, cut, config, tokenizer, cached };
  }

  draw() {
    const scene = this.scene();
    if (scene.cost.length > this.ids.length) this.writeOn();
    const names = ["start", ...this.ids.slice(1).map((id) => tokenName(this.tokenizer, id))];
    this.view.draw({ ...scene, names });
    this.frame.refresh();
    if (this.wasDrawn && !this.isPlaying) this.say();
    this.wasDrawn = true;
  }

  say() {
    this.frame.say(spoken(this.scene().cost, this.config.n_layer));
  }

  async prove() {
    const { gpt, proof } = await loadModel(this.model);
    return proveCache(gpt, proof, this.ids.slice(0, this.own), { signal: this.signal });
  }
}

export default {
  render(context) {
    new CacheFigure(context);
  },
};
