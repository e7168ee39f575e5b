// From the scores of a real model to its next token: the whole distribution, what is cut from it,
// draws against theory, the tree of alternatives, and a text that is written by a seed.
import { prove } from "./engine/proof.js";
import { StoryPen } from "./engine/story_pen.js";
import { sureness } from "./engine/story_writing.js";
import { createTreeReading } from "./engine/tree_reading.js";
import { awaitModel, LOADING } from "./ui/await_model.js";
import { prefersStillness } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { loadModel } from "./ui/model.js";
import { onChanges } from "./ui/on_changes.js";
import { samplingControls } from "./ui/sampling_controls.js";
import { readSamplingLink, samplingLink } from "./ui/sampling_link.js";
import { samplingPicture } from "./ui/sampling_picture.js";
import { samplingView } from "./ui/sampling_view.js";
import { CAPTION, endingWords, QUESTION, quoted } from "./ui/sampling_words.js";
import { forgetSentence } from "./ui/sentence.js";
import { soon } from "./ui/soon.js";
import { storyField } from "./ui/story_field.js";
import { storyTokens, tokenName } from "./ui/story_tokens.js";
import { pieceText } from "./ui/written_text.js";

const END = "<|endoftext|>";
const VOCAB_SIZE = 1024;
const MOST_READ = 200; // tokens of the reader's; the rest of the context is for the model's
const SETTINGS = ["temperature", "top_k", "top_p", "min_p", "seed"];
const DOUBT = 0.9; // the model hesitates where its likeliest token is less likely than this
const PACE = 60; // milliseconds between two tokens, so that the eye can follow
const DRAWS = 1000;
const MOST_DRAWS = 50_000;

const pace = () => (prefersStillness() ? null : new Promise((go) => setTimeout(go, PACE)));

class Lab {
  constructor({ model, el, signal }) {
    this.model = model;
    this.signal = signal;
    this.drawSoon = soon(() => this.draw(), signal);
    const names = [...SETTINGS, "text", "view"];
    this.authored = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    this.draws = DRAWS;
    this.frame = figure(el, {
      question: QUESTION,
      caption: CAPTION,
      reset: () => this.reset(),
      link: () => this.link(),
      table: () => this.picture?.table() ?? { caption: LOADING, columns: [], rows: [] },
      prove: () => this.prove(),
      signal,
    });
    this.frame.root.classList.add("llm-sampling-lab");
    this.start();
  }

  start() {
    const { model, signal } = this;
    const { written, ...said } = readSamplingLink(VOCAB_SIZE);
    this.field = storyField({
      authored: model.get("text"),
      follow: model.get("follow"),
      input: (text) => this.change({ text }),
      signal,
    });
    if (said.text !== undefined) this.field.set(said.text);
    this.controls = samplingControls((settings) => this.adjust(settings));
    this.frame.controls.append(this.field.root, this.controls.root);
    this.change({ ...said, text: this.field.text() });
    this.controls.set(this.settings());
    const draw = () => this.drawSoon();
    const heard = Object.fromEntries([...SETTINGS, "view"].map((name) => [name, draw]));
    onChanges(model, { ...heard, text: () => this.adopt() }, signal);
    signal?.addEventListener("abort", () => this.stop());
    this.load(written);
  }

  change(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  settings() {
    const values = Object.fromEntries(SETTINGS.map((name) => [name, this.model.get(name)]));
    return { ...values, top_k: values.top_k || null };
  }

  // Loading, and reading.

  async load(written) {
    this.book = await awaitModel(this.frame.stage, this.model);
    if (this.signal?.aborted) return;
    const { gpt, tokenizer } = this.book;
    this.end = tokenizer.specialIds.get(END);
    this.size = gpt.config.block_size;
    this.nameOf = (id) => tokenName(tokenizer, id);
    this.tree = createTreeReading(gpt, this.end);
    this.pen = new StoryPen({
      gpt,
      end: this.end,
      settings: () => this.settings(),
      pause: pace,
      changed: () => this.showText(),
    });
    await this.read(written);
  }

  adopt() {
    const text = this.model.get("text");
    if (text !== this.field.text()) this.field.set(text);
    this.read();
  }

  // Reads the reader's text, and what was written after it before.
  async read(written = []) {
    if (!this.pen) return;
    this.story = storyTokens(this.book.tokenizer, this.field.text(), MOST_READ);
    const room = this.size - this.story.ids.length;
    await this.pen.begin(this.story.ids, written.slice(0, room));
  }

  stop() {
    this.pen?.stop();
    this.tree?.stop();
  }

  // What the reader does.

  hear() {
    const look = (values) => {
      Object.assign(this, values);
      this.draw();
    };
    return {
      place: (place) => place !== this.pen.place && this.pen.look(place),
      write: () => this.write(() => true),
      doubt: () => this.write(({ next }) => sureness(next) < DOUBT),
      end: () => (this.pen.isWriting ? this.pen.halt() : this.write(() => false)),
      undo: () => this.undo(),
      replay: () => this.pen.isWriting || this.replay(),
      view: (view) => this.change({ view }),
      choose: (id) => id !== this.picture.chosen && look({ chosen: id }),
      rank: (rank) => look({ chosen: this.picture.idOfRank(rank) }),
      take: (id) => this.take([id ?? this.picture.chosen]),
      more: () => look({ draws: Math.min(MOST_DRAWS, this.draws + DRAWS) }),
      fresh: () => look({ draws: DRAWS }),
      look: (node) => this.view.say({ path: this.picture.pathWords(node) }),
      path: ({ path }) => this.take(path),
      resized: () => this.model.get("view") === "tree" && this.drawSoon(),
    };
  }

  async write(isEnough) {
    if (this.pen.isWriting) return;
    const first = this.pen.state.steps.length;
    this.sayWritten(await this.pen.writeOn(isEnough), first);
  }

  async replay() {
    this.sayWritten(await this.pen.replay(), 0);
  }

  sayWritten(state, first) {
    if (!state) return;
    const added = state.steps.slice(first).map(({ id }) => id);
    const text = this.book.tokenizer.decode(added.filter((id) => id !== this.end));
    this.frame.say(endingWords(text, this.pen.isOver));
  }

  async take(ids) {
    if (!(await this.pen.take(ids))) return;
    this.frame.say(endingWords(ids.map(this.nameOf).join(""), this.pen.isOver));
  }

  undo() {
    if (!this.pen.canUndo) return;
    this.pen.undo();
    this.frame.say("Taken back.");
  }

  adjust(settings) {
    this.change(settings);
    if ("seed" in settings && this.pen?.state?.steps.length) this.replay();
  }

  reset() {
    if (this.model.get("follow")) forgetSentence();
    this.draws = DRAWS;
    this.change(this.authored);
    this.read();
    this.frame.say("Back to the start.");
  }

  link() {
    const written = this.pen?.state?.steps.map(({ id }) => id) ?? [];
    const view = this.model.get("view");
    return samplingLink({ ...this.settings(), view, text: this.field.text(), written });
  }

  // Drawing.

  // Something was written, or another place is looked at: by default at its likeliest token.
  showText() {
    this.chosen = null;
    const written = this.pen.state.steps.map(({ id }) => id);
    const known = this.model.get("written");
    if (written.join() !== known.join()) this.change({ written });
    this.draw();
  }

  draw() {
    this.controls.set(this.settings());
    if (!this.pen?.state) return;
    if (!this.view) {
      this.view = samplingView({ hear: this.hear(), signal: this.signal });
      this.frame.stage.replaceChildren(this.view.root);
    }
    this.picture = samplingPicture(this.scene());
    this.picture.draw(this.view);
    this.frame.refresh();
    if (this.model.get("view") !== "tree" || this.pen.isWriting) return;
    this.tree.read(this.pen.idsBefore, this.pen.logits).then((isNew) => isNew && this.draw());
  }

  scene() {
    const { pen, chosen, draws, story, size, nameOf, tree } = this;
    const { state, place, isOver, isWriting, canUndo, logits, idsBefore } = pen;
    return {
      ...{ state, place, isOver, isWriting, canUndo, logits, chosen, draws, story, size, nameOf },
      mostDraws: MOST_DRAWS,
      tree: tree.of(idsBefore),
      hasTreeRoom: tree.hasRoom(idsBefore),
      settings: this.settings(),
      view: this.model.get("view"),
      text: this.field.text(),
      pieceOf: (id) => (id === this.end ? null : pieceText(this.book.tokenizer.tokenBytes(id))),
    };
  }

  async prove() {
    const { gpt, proof } = await loadModel(this.model);
    const found = await prove(gpt, proof, { signal: this.signal });
    const rows = found.rows.filter(({ label }) => label === "logits");
    return { ...found, rows, largest: rows[0].difference };
  }
}

export default {
  render(context) {
    new Lab(context);
  },
};
