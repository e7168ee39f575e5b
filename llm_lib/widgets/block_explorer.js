// What each part of each block writes into the residual stream of a token, what norm and activation
// do on the way, and what the model says without a part.
import { readPiece } from "./engine/block_edits.js";
import { readBlocks } from "./engine/block_reading.js";
import { createComparedReading } from "./engine/compared_reading.js";
import { createLens } from "./engine/logit_lens.js";
import { probabilitiesAt } from "./engine/next_tokens.js";
import { prove } from "./engine/proof.js";
import { runSliced } from "./engine/slices.js";
import { awaitModel, LOADING } from "./ui/await_model.js";
import { blockLink, readBlockLink } from "./ui/block_link.js";
import { blockPicture } from "./ui/block_picture.js";
import { blockTrial } from "./ui/block_trial.js";
import { blockView } from "./ui/block_view.js";
import { figure } from "./ui/figure.js";
import { loadModel } from "./ui/model.js";
import { onChanges } from "./ui/on_changes.js";
import { forgetSentence } from "./ui/sentence.js";
import { soon } from "./ui/soon.js";
import { storyField } from "./ui/story_field.js";
import { storyTokens, tokenName } from "./ui/story_tokens.js";
import { direction } from "./ui/token_text.js";

const STATE = ["position", "reading", "part", "off"];
const UNPROVED = new Set(["queries", "keys", "values", "scores", "weights", "heads"]);
const QUESTION = "What does each part write into the stream, and what is lost without it?";
const CAPTION =
  "Follow the chance of the next word down the ladder: where is it written? Then switch that " +
  "part off, and others. Which of them can be spared?";

const whole = (value) => Math.trunc(value) || 0;

class BlockExplorer {
  constructor({ model, el, signal }) {
    this.model = model;
    this.signal = signal;
    this.drawSoon = soon(() => this.draw(), signal);
    const names = [...STATE, "text"];
    this.authored = Object.fromEntries(names.map((name) => [name, model.get(name)]));
    this.frame = figure(el, {
      question: QUESTION,
      caption: CAPTION,
      reset: () => this.reset(),
      link: () => this.link(),
      table: () => this.table(),
      prove: () => this.prove(),
      signal,
    });
    this.frame.root.classList.add("llm-block-explorer");
    this.start();
    this.follow();
    this.load();
  }

  start() {
    const { text, ...said } = readBlockLink();
    this.field = storyField({
      authored: this.model.get("text"),
      follow: this.model.get("follow"),
      input: (typed) => this.change({ text: typed, position: -1 }),
      signal: this.signal,
    });
    if (text !== undefined) this.field.set(text);
    this.frame.controls.append(this.field.root);
    this.change({ ...said, text: this.field.text() });
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  follow() {
    const draw = () => this.drawSoon();
    const text = () => {
      if (this.model.get("text") !== this.field.text()) this.field.set(this.model.get("text"));
      this.read();
    };
    const off = () => this.read(true);
    onChanges(this.model, { position: draw, reading: draw, part: draw, off, text }, this.signal);
    this.signal?.addEventListener("abort", () => this.reader?.stop());
  }

  change(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  // Loading, and reading.

  async load() {
    this.book = await awaitModel(this.frame.stage, this.model);
    if (this.signal?.aborted) return;
    const { gpt } = this.book;
    this.lens = createLens(gpt);
    this.reader = createComparedReading((ids, off, signal) =>
      readBlocks(gpt, ids, off ?? [], signal),
    );
    this.trial = blockTrial(this.reader, () => this.drawSoon());
    this.read();
  }

  // Reads the text, whole and with what is off left out. isSaid: tell what the switch did.
  async read(isSaid = false) {
    if (!this.reader) return;
    const { gpt, tokenizer } = this.book;
    const text = this.field.text();
    const story = storyTokens(tokenizer, text);
    const off = this.off();
    const found = await this.reader.read(story.ids, off.length ? off : null);
    if (!found || this.signal?.aborted) return;
    const nameOf = (id) => tokenName(tokenizer, id);
    this.story = { ...story, text, off };
    const picture = blockPicture({ ...story, ...found, off, nameOf }, gpt, this.lens);
    this.picture = picture;
    if (!this.view) await runSliced(this.begin());
    if (this.picture !== picture || this.signal?.aborted) return; // a newer reading took its place
    this.drawTokens();
    this.draw();
    if (isSaid) this.frame.say(this.picture.change(this.state()));
  }

  // The first picture is much work for a page that has not warmed up: it is made in steps.
  *begin() {
    this.view = this.createView();
    yield;
    this.state(); // computes what the drawing needs
    yield;
    this.frame.stage.replaceChildren(this.view.root);
  }

  createView() {
    return blockView({
      reading: this.model.get("reading"),
      hear: {
        token: (t) => this.choose(t),
        leave: () => this.change({ position: -1 }),
        station: (i) => this.look(i),
        toggle: (i) => this.toggle([this.stations()[i].adds]),
        reading: (reading) => this.change({ reading }),
        toggleChosen: () => this.toggle([this.station().adds]),
        toggleBlock: () => this.toggleBlock(),
        skip: () => this.toggle([this.normPiece()]),
        allOn: () => this.change({ off: [] }),
        tryEach: () => this.tryEach(),
      },
    });
  }

  drawTokens() {
    const { ids, names, text } = this.story;
    if (this.drawn === ids.join()) return;
    this.drawn = ids.join();
    this.drawing?.abort();
    this.drawing = new AbortController();
    const tokens = names.map((name, t) => ({
      text: name,
      id: ids[t],
      kind: t ? "token" : "start",
      say: `${name}, token ${t}`,
    }));
    const done = this.view.drawTokens(tokens, direction(text), this.drawing.signal);
    done.catch(() => {}); // a newer text took its place
  }

  // What the reader does.

  choose(t) {
    const isLast = t === this.story.ids.length - 1;
    if (t === this.state().t) return;
    this.change({ position: isLast ? -1 : t });
    this.frame.say(this.picture.said(this.state()));
  }

  look(i) {
    this.change({ part: this.stations()[i].name });
    this.frame.say(this.picture.said(this.state()));
  }

  // Pieces that are all off come on, else all go off.
  toggle(pieces) {
    const off = this.off();
    const others = off.filter((name) => !pieces.includes(name));
    const isOff = off.length - others.length === pieces.length;
    this.change({ off: isOff ? others : [...others, ...pieces] });
  }

  toggleBlock() {
    const { layer } = this.station();
    this.toggle([`blocks.${layer}.attention`, `blocks.${layer}.feed_forward`]);
  }

  async tryEach() {
    const { t } = this.state();
    const { word, stations } = this.picture.sceneAt(t);
    const { tokenizer, gpt } = this.book;
    const words = await this.trial.start(this.trialKey(), {
      ids: this.story.ids.slice(0, t + 1),
      stations: stations.filter(({ adds }) => adds),
      shareOf: ({ logits }) => probabilitiesAt(logits, gpt.config.vocab_size, t)[word],
      name: tokenName(tokenizer, word),
      share: stations.at(-1).before.share,
    });
    if (words) this.frame.say(words);
  }

  trialKey() {
    return `${this.state().t} ${this.story.ids.join()}`;
  }

  reset() {
    if (this.model.get("follow")) forgetSentence();
    this.change(this.authored);
    this.frame.say("Back to the start.");
  }

  // The state as the figure can show it, whatever Python or a link asked for.

  off() {
    const layers = this.book?.gpt.config.n_layer ?? 0;
    return this.model.get("off").filter((name) => readPiece(name)?.layer < layers);
  }

  state() {
    const last = this.story.ids.length - 1;
    const position = whole(this.model.get("position"));
    const t = Math.max(0, Math.min(last, position < 0 ? last + 1 + position : position));
    const { stations, favourite } = this.picture.sceneAt(t);
    const part = this.model.get("part");
    const isThere = stations.some(({ name }) => name === part);
    return { t, part: isThere ? part : favourite, reading: this.model.get("reading") };
  }

  stations() {
    return this.picture.sceneAt(this.state().t).stations;
  }

  station() {
    const { part } = this.state();
    return this.stations().find(({ name }) => name === part);
  }

  // The embedding has no norm of its own: the next one is that before block 0.
  normPiece() {
    return (this.station().norm ? this.station() : this.stations()[1]).norm;
  }

  // Drawing.

  draw() {
    if (!this.view || this.story.text !== this.field.text()) return; // a reading is under way
    this.view.draw(this.picture.draw(this.state(), this.trial.state(this.trialKey())));
    this.frame.refresh();
  }

  link() {
    const { t, part, reading } = this.state();
    return blockLink({ text: this.field.text(), position: t, reading, part, off: this.off() });
  }

  table() {
    if (!this.picture) return { caption: LOADING, columns: [], rows: [] };
    return this.picture.table(this.state());
  }

  async prove() {
    const { gpt, proof } = await loadModel(this.model);
    const found = await prove(gpt, proof, { signal: this.signal });
    const rows = found.rows.filter(({ label }) => !UNPROVED.has(label));
    return { ...found, rows, largest: Math.max(...rows.map(({ difference }) => difference)) };
  }
}

export default {
  render(context) {
    new BlockExplorer(context);
  },
};
