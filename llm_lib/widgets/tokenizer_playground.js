// One sentence, cut by every tokenizer of Part I at once: how many tokens, which, and which ids.
import { bookCutters, cutterKey } from "./engine/book_cutters.js";
import { countCharacters, touching } from "./engine/cuts.js";
import { runSliced } from "./engine/slices.js";
import { wellFormed } from "./engine/text.js";
import { proveTokens } from "./engine/tokens_proof.js";
import { cutRows } from "./ui/cut_rows.js";
import { debounce, h } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { longTextField } from "./ui/long_text_field.js";
import { currentSentence, forgetSentence } from "./ui/sentence.js";
import { onSentence, rememberSentence, sentenceLink } from "./ui/sentence.js";
import { tokenList } from "./ui/token_list.js";
import { tokenPanel } from "./ui/token_panel.js";
import { tokenTable } from "./ui/token_table.js";
import { direction, grouped, shownToken } from "./ui/token_text.js";
import { aboutCut, aboutNothing, aboutToken } from "./ui/token_words.js";

const LONG = 20_000; // code units: a longer text waits for a pause in the typing
const QUESTION = "Into which tokens does each tokenizer cut your sentence?";
const CAPTION =
  "Point at a token, walk the tokens with the arrow keys, or click into your sentence: " +
  "the same characters light in every row.";

const sizeOf = ({ size }) => (size === undefined ? null : grouped(size));
const NAMES = { characters: "Characters", bytes: "Bytes", words: "Words", bpe: "BPE" };

// Which token to look at first: one the vocabulary lacks, else the longest.
function mostInteresting(tokens) {
  const unknown = tokens.findIndex((token) => token.unknown);
  if (unknown >= 0) return unknown;
  const lengths = tokens.map(({ start, end }) => end - start);
  return lengths.indexOf(Math.max(...lengths));
}

class Playground {
  constructor({ model, el, signal }) {
    Object.assign(this, { model, signal });
    const [text, unit, vocabSize] = ["text", "unit", "vocab_size"].map((name) => model.get(name));
    this.authored = { text, unit, vocabSize };
    this.cuts = new Map();
    this.build(el);
    this.arrange();
    this.listen();
    this.setText(model.get("follow") ? currentSentence(text) : text, { quietly: true });
  }

  get cutter() {
    return this.cutters.get(this.key);
  }

  get tokens() {
    return this.cuts.get(this.key)?.tokens ?? [];
  }

  build(el) {
    this.frame = figure(el, {
      question: QUESTION,
      caption: CAPTION,
      reset: () => this.reset(),
      link: () => sentenceLink(this.text),
      table: () => this.table(),
      prove: proveTokens,
      signal: this.signal,
    });
    this.input = longTextField("Your sentence", { input: (text) => this.typed(text) });
    this.panel = tokenPanel();
    this.list = tokenList({
      label: "Tokens",
      choose: (index) => this.lookAt(this.placeOf(this.key, index)),
      point: (index) => this.preview(this.placeOf(this.key, index)),
      leave: () => this.input.field.focus(),
      describedBy: this.panel.id,
    });
    this.summary = h("p", { class: "llm-tokens-summary" });
    this.note = h("p", { class: "llm-caption" });
    this.rowsPlace = h("div", {});
    this.frame.root.classList.add("llm-playground");
    this.frame.controls.append(this.input.root);
    const { rowsPlace, summary, list, note, panel } = this;
    this.frame.stage.append(rowsPlace, summary, list.root, note, panel.root);
  }

  // The rows: one for each way of cutting that the inputs ask for.
  arrange() {
    const [units, unit, size] = ["units", "unit", "vocab_size"].map((name) => this.model.get(name));
    this.cutters = bookCutters(units, [...this.model.get("vocab_sizes"), size]);
    const key = cutterKey(unit, size);
    this.key = this.cutters.has(key) ? key : this.cutters.keys().next().value;
    this.rows = cutRows("Cut into", {
      options: [...this.cutters].map(([row, cutter]) => [row, NAMES[cutter.unit], sizeOf(cutter)]),
      value: this.key,
      choose: (chosen) => this.choose(this.cutters.get(chosen)),
      point: (row, index) => this.preview(this.placeOf(row, index)),
      pin: (row, index) => this.lookAt(this.placeOf(row, index)),
    });
    this.rowsPlace.replaceChildren(this.rows.root);
  }

  listen() {
    const { model, signal, input } = this;
    const heard = {
      "change:text": () => model.get("text") !== this.text && this.setText(model.get("text")),
      "change:unit": () => this.adopt(),
      "change:vocab_size": () => this.adopt(),
      "change:units": () => this.arrangeAnew(),
      "change:vocab_sizes": () => this.arrangeAnew(),
    };
    for (const [event, listener] of Object.entries(heard)) model.on(event, listener);
    signal?.addEventListener("abort", () => {
      this.work?.abort();
      this.drawing?.abort();
      for (const [event, listener] of Object.entries(heard)) model.off(event, listener);
    });
    for (const type of ["click", "keyup"]) {
      input.field.addEventListener(type, () => this.lookAtCaret());
    }
    if (model.get("follow")) onSentence((text) => this.setText(text), this, signal);
    this.publish = debounce(() => model.save_changes(), 200, signal);
    this.cutSoon = debounce(() => this.cut(), 200, signal);
  }

  // The reader's keystroke: the answer comes at once, unless the text is very long.
  typed(text) {
    if (this.model.get("follow")) rememberSentence(text, this);
    const caret = this.input.field.selectionStart;
    this.looked = { start: Math.max(0, caret - 1), end: Math.max(1, caret) };
    this.take(text);
    if (text.length > LONG) this.cutSoon();
    else this.cut();
  }

  setText(text, { quietly = false } = {}) {
    this.looked = this.previewed = null;
    this.input.set(text);
    this.take(text);
    this.cut({ quietly });
  }

  take(text) {
    this.text = text;
    this.model.set("text", text);
    this.publish();
  }

  reset() {
    if (this.model.get("follow")) forgetSentence();
    this.choose(this.authored);
    this.setText(this.authored.text);
  }

  // A choice made here goes to the model, and comes back as one made by Python would: see adopt().
  // The size goes first, so that the unit never arrives with the size of an older choice.
  choose({ unit, vocabSize }) {
    if (unit === "bpe") this.model.set("vocab_size", vocabSize);
    this.model.set("unit", unit);
    this.publish();
  }

  // Shows the unit and the size that the model has, which may be a size that has no row yet.
  adopt() {
    const key = cutterKey(this.model.get("unit"), this.model.get("vocab_size"));
    if (key === this.key) return;
    if (!this.cutters.has(key)) return this.arrangeAnew();
    this.key = key;
    this.rows.select(key);
    if (this.cuts.has(key)) this.show();
  }

  arrangeAnew() {
    this.arrange();
    this.count();
    this.cut();
  }

  // Cuts the text in every way, the chosen one first. A newer text stops the work on an older one.
  async cut({ quietly = false } = {}) {
    this.work?.abort();
    this.work = new AbortController();
    const { signal } = this.work;
    const text = wellFormed(this.text);
    this.cuts = new Map();
    this.clean = text;
    this.characters = countCharacters(text);
    const { cutters } = this;
    try {
      for (const key of new Set([this.key, ...cutters.keys()])) {
        const cut = await runSliced(cutters.get(key).cut(text), { signal });
        this.cuts.set(key, cut);
        this.count();
        if (key === this.key) await this.show({ quietly });
        else this.light();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  count() {
    this.rows.count(new Map([...this.cuts].map(([key, { count }]) => [key, count])));
  }

  // Draws the chosen cut.
  async show({ quietly = false } = {}) {
    const { count, tokens } = this.cuts.get(this.key);
    const { vocabSize } = this.cutter;
    const drawn = grouped(tokens.length);
    this.summary.textContent = aboutCut({ count, characters: this.characters, vocabSize });
    this.note.textContent = `Drawn: the first ${drawn} of ${grouped(count)} tokens.`;
    this.note.hidden = count === tokens.length;
    this.looked ??= this.placeOf(this.key, mostInteresting(tokens));
    this.drawing?.abort();
    this.drawing = new AbortController();
    const shown = tokens.map((token, i) => {
      const look = shownToken(token);
      return { ...look, id: token.id, say: `${look.text}, id ${token.id}, ${i + 1} of ${count}` };
    });
    const work = this.list.draw(shown, direction(this.clean));
    const done = runSliced(work, { signal: this.drawing.signal });
    this.light();
    if (!quietly) this.frame.say(this.summary.textContent);
    this.frame.refresh();
    await done.then((hadFocus) => this.light(hadFocus), () => {});
  }

  // A token as a place in the text, or null: what is looked at in one cut is lit in all.
  placeOf(key, index) {
    const token = this.cuts.get(key)?.tokens[index];
    return token ? { start: token.start, end: token.end, key, index } : null;
  }

  // Looks at a place until another is chosen …
  lookAt(place) {
    if (!place) return;
    this.looked = place;
    this.light();
  }

  // … or as long as the pointer stays on it.
  preview(place) {
    this.previewed = place;
    this.light();
  }

  lookAtCaret() {
    const caret = this.input.field.selectionStart;
    if (caret > 0) this.lookAt({ start: caret - 1, end: caret });
  }

  // Lights what covers the characters that are looked at, in every cut.
  light(focus = false) {
    const looked = this.previewed ?? this.looked;
    const stretches = new Map();
    for (const [key, { tokens }] of this.cuts) {
      const stretch = looked && touching(tokens, looked);
      if (!stretch) continue;
      const pieces = tokens.slice(...stretch).map(shownToken);
      stretches.set(key, { from: stretch[0], to: stretch[1], pieces });
    }
    this.rows.light(stretches);
    const here = stretches.get(this.key);
    const index = here && looked.key === this.key ? looked.index : here?.from;
    this.list.mark(index ?? null, here && [here.from, here.to], focus);
    this.describe(index);
  }

  describe(index) {
    const { tokens, cutter, clean: text } = this;
    const token = tokens[index];
    if (!token) return this.panel.show(null, aboutNothing(cutter.unit, text));
    const story = aboutToken({ cutter, tokens, index, text });
    return this.panel.show({ ...token, ...shownToken(token) }, story);
  }

  table() {
    const name = (cutter) => [NAMES[cutter.unit], sizeOf(cutter)].filter(Boolean).join(" ");
    const counts = [...this.cuts].map(([key, { count }]) => [name(this.cutters.get(key)), count]);
    const { count: total = 0, tokens = [] } = this.cuts.get(this.key) ?? {};
    return tokenTable({ counts, total, tokens, text: this.clean });
  }
}

export default {
  render(context) {
    new Playground(context);
  },
};
