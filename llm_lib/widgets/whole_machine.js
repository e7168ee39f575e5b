// A text goes through a trained GPT, stage by stage, and comes out as its next word.
import { prove } from "./engine/proof.js";
import { debounce, prefersStillness } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { machinePanel } from "./ui/machine_panel.js";
import { SIZES, machineRun } from "./ui/machine_run.js";
import { machineView } from "./ui/machine_view.js";
import {
  ENDINGS,
  machineTable,
  spokenNext,
  spokenWritten,
  tokensWords,
} from "./ui/machine_words.js";
import { loadModel } from "./ui/model.js";
import { forgetSentence, sentenceLink } from "./ui/sentence.js";
import { storyField } from "./ui/story_field.js";

const PACE = 70; // milliseconds between two tokens, so that the eye can follow
const WARMTH = 0.8; // the temperature of a draw where none was set
const STATE = ["text", "temperature", "seed"];

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class Machine {
  constructor({ model, el, signal }) {
    this.model = model;
    this.signal = signal;
    this.authored = Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
    this.run = machineRun();
    this.text = this.run.text;
    this.places = { pointed: null, pinned: null }; // null: the last token
    this.frame = figure(el, {
      question: "What comes next, and why?",
      reset: () => this.reset(),
      link: () => sentenceLink(this.text.whole),
      table: () => machineTable(this.scene, this.text),
      prove: () => this.prove(),
      signal,
    });
    this.frame.root.classList.add("llm-whole-machine");
    this.build();
    this.listen();
    this.take(this.field.text());
    this.load();
  }

  build() {
    const { model, signal } = this;
    this.field = storyField({
      authored: model.get("text"),
      follow: model.get("follow"),
      input: (text) => this.typed(text),
      signal,
    });
    this.area = this.field.root.querySelector("textarea");
    this.area.addEventListener("input", () => this.interrupt());
    const offers = this.field.root.querySelector(".llm-offers"); // stands below what it leads to
    this.panel = machinePanel({
      one: () => this.writeOne(),
      more: () => (this.writing ? this.stop() : this.keepWriting()),
      back: () => this.takeBack(),
      how: (how) => this.set({ temperature: how === "drawn" ? this.warmth : 0 }),
    });
    this.view = machineView({
      field: this.field.root,
      panel: [...this.panel.nodes, offers],
      chapters: model.get("chapters"),
      isLinked: typeof model.send !== "function", // a notebook lies elsewhere than the book's pages
      layers: SIZES.layers,
      hear: {
        choose: (t) => this.look({ pinned: t }),
        point: (t) => this.look({ pointed: t }),
        leave: () => this.leave(),
        chooseLayer: (layer) => this.run.chooseLayer(layer) && this.draw(),
        take: (id) => this.write(id),
      },
      nameOf: this.text.nameOf,
      signal,
    });
    this.frame.stage.append(this.view.root);
    this.area.scrollTop = this.area.scrollHeight; // the end is where the next word will stand
  }

  get warmth() {
    return this.authored.temperature || WARMTH;
  }

  get temperature() {
    return this.model.get("temperature");
  }

  get seed() {
    return this.model.get("seed");
  }

  listen() {
    const { model, signal } = this;
    const heard = {
      "change:text": () => model.get("text") !== this.text.own && this.setText(model.get("text")),
      "change:temperature": () => this.draw(),
      "change:seed": () => this.draw(),
    };
    for (const [event, listener] of Object.entries(heard)) model.on(event, listener);
    this.publish = debounce(() => model.save_changes(), 200, signal);
    signal?.addEventListener("abort", () => {
      this.writing = null;
      this.run.stop();
      for (const [event, listener] of Object.entries(heard)) model.off(event, listener);
    });
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.publish();
  }

  // The text.

  async typed(text) {
    this.take(text);
    if (await this.read()) this.frame.say(spokenNext(this.scene, this.text.nameOf));
  }

  setText(text) {
    this.field.set(text);
    this.typed(this.field.text());
  }

  take(text) {
    this.writing = null;
    this.isTyping = false;
    this.text.take(text);
    this.set({ text });
    this.grown();
  }

  // The text has other tokens now, and the last of them is looked at.
  grown() {
    const { text, view } = this;
    const { cut, written } = text;
    this.places = { pointed: null, pinned: null };
    this.drawing?.abort();
    this.drawing = new AbortController();
    view.drawTokens(text.tokens(), text.own, this.drawing.signal).catch(() => {}); // a newer text
    view.stages.tokens.say(tokensWords({ cut, written: written.length }, SIZES.mostRead));
    this.set({ written });
    this.showPanel();
  }

  // Reading.

  async load() {
    this.panel.wait({});
    try {
      const { gpt } = await loadModel(this.model);
      this.run.start(gpt);
    } catch (error) {
      this.panel.wait({ error, again: () => this.load() });
      return;
    }
    if (this.signal?.aborted) return;
    await this.read();
    this.panel.wait(null);
    performance.mark("llm:next-word");
  }

  async read({ quietly = false } = {}) {
    const isDone = await this.run.read();
    if (isDone && !quietly) this.draw();
    return isDone;
  }

  async prove() {
    const { gpt, proof } = await loadModel(this.model);
    return prove(gpt, proof);
  }

  // What is looked at: the token under the pointer, else the one that was chosen, else the last.
  look(places) {
    Object.assign(this.places, places);
    this.draw();
  }

  leave() {
    this.look({ pinned: null });
    this.area.focus();
  }

  draw() {
    if (this.run.isRead()) {
      const { pointed, pinned } = this.places;
      this.scene = this.run.scene(pointed ?? pinned, this.temperature, this.seed);
      this.view.draw(this.scene);
      this.frame.refresh();
    }
    this.showPanel();
  }

  showPanel() {
    this.panel.show({
      isReady: Boolean(this.scene) && !this.text.over,
      isWriting: Boolean(this.writing),
      hasWritten: this.text.written.length > 0,
      isGreedy: this.temperature === 0,
    });
  }

  // Writing.

  get canWrite() {
    return this.run.canWrite() && !this.isTyping;
  }

  add(id, { quietly = false } = {}) {
    this.text.add(id);
    if (!quietly) this.showGrown();
    return this.read({ quietly });
  }

  showGrown() {
    this.grown();
    this.showText();
  }

  showText() {
    this.area.value = this.text.whole;
    this.area.scrollTop = this.area.scrollHeight;
  }

  async write(id) {
    if (!this.canWrite || this.writing) return;
    const share = this.run.likelihood(id, this.temperature);
    await this.add(id);
    this.frame.say(ENDINGS[this.text.over] ?? spokenWritten(this.text.nameOf(id), share));
  }

  writeOne() {
    if (this.canWrite) this.write(this.run.next(this.temperature, this.seed));
  }

  // Token by token until the tale ends or the reader stops it; where the reader wants no motion,
  // all of it is shown at once.
  async keepWriting() {
    if (!this.canWrite) return;
    const writing = {};
    this.writing = writing;
    this.showPanel();
    const before = this.text.written.length;
    const quietly = prefersStillness();
    while (this.writing === writing && this.canWrite) {
      const isRead = await this.add(this.run.next(this.temperature, this.seed), { quietly });
      if (isRead && !quietly) await pause(PACE);
    }
    if (this.writing !== writing) return;
    this.stop();
    const ending = ENDINGS[this.text.over] ?? "";
    this.frame.say(`Written: ${this.text.writtenFrom(before).trim()} ${ending}`);
  }

  stop() {
    this.writing = null;
    this.showGrown();
    this.draw();
  }

  // The reader's keys come first: what they type is taken after a short pause, and must not be
  // written over until then.
  interrupt() {
    this.writing = null;
    this.isTyping = true;
  }

  // Back to the reader's own words. The next tale is another one.
  async takeBack() {
    if (!this.text.written.length) return;
    this.take(this.text.own);
    this.set({ seed: this.seed + 1 });
    this.showText();
    if (await this.read()) this.frame.say("Your own words again: the next tale is another.");
  }

  reset() {
    if (this.model.get("follow")) forgetSentence();
    this.run.chooseLayer(null);
    this.set({ temperature: this.authored.temperature, seed: this.authored.seed });
    this.setText(this.authored.text);
  }
}

export default {
  render(context) {
    new Machine(context);
  },
};
