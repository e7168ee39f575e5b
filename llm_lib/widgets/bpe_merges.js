// Byte pair encoding, trained in the page on the reader's text: which pair wins, why, and what the
// text looks like after every merge. The whole figure follows from one number, the step.
import { replaySliced, tokensWithPair, treeCells } from "./engine/merge_replay.js";
import { proveMerges } from "./engine/merges_proof.js";
import { drain, runSliced } from "./engine/slices.js";
import { choice } from "./ui/controls.js";
import { debounce, h } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { mergeBoxes } from "./ui/merge_boxes.js";
import { mergeCurve } from "./ui/merge_curve.js";
import { drawHeadline, noteWords } from "./ui/merge_headline.js";
import { mergeLink, readMergeLink } from "./ui/merge_link.js";
import { mergeTable } from "./ui/merge_table.js";
import { mergeText } from "./ui/merge_text.js";
import { momentWords, pairText, sizeWords, whyWords, wordWords } from "./ui/merge_words.js";
import { ownText } from "./ui/own_text.js";
import { pairBars } from "./ui/pair_bars.js";
import { player } from "./ui/player.js";
import { direction, readable, tokenText } from "./ui/token_text.js";

const SHOWN = 8; // pairs drawn as bars
const LONG = 20_000; // code units: a longer text waits for a pause in the typing
const STATE = ["text", "tie_break", "step"];
const TIES = [["lexicographic", "the greater bytes"], ["first", "the first in the text"]];
const QUESTION = "Which pair is merged next, and what does that do to the text?";
const CAPTION =
  "Drag the curve, or merge step by step. No merge crosses the gap between two words. " +
  "Point at a pair to see where it stands; choose a word to see how it is put together.";

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const part = (words) => h("p", { class: "llm-part" }, words);

class Merges {
  constructor({ model, el, signal }) {
    Object.assign(this, { model, signal });
    this.authored = Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
    for (const [name, value] of Object.entries(readMergeLink())) model.set(name, value);
    this.build(el);
    this.listen();
    this.adopt(drain(replaySliced("", { maxMerges: 0 }))); // until the text is trained on
  }

  build(el) {
    const { model, signal } = this;
    this.frame = figure(el, {
      question: QUESTION,
      caption: CAPTION,
      reset: () => this.reset(),
      link: () => this.link(),
      table: () => mergeTable(this.replay, this.step),
      prove: proveMerges,
      signal,
    });
    this.frame.root.classList.add("llm-merges");
    this.player = player({
      back: "Undo",
      forward: "Merge",
      go: (by) => this.goBy(by),
      change: (isPlaying) => isPlaying || this.announce(),
      signal,
    });
    this.headline = h("p", { class: "llm-merge-headline" });
    this.frame.controls.append(...this.player.nodes, this.headline);
    this.curve = mergeCurve((step) => this.scrub(step));
    this.sizes = h("p", { class: "llm-merge-sizes" });
    this.text = mergeText({ choose: (index) => this.chooseWord(index) });
    this.note = h("p", { class: "llm-caption" });
    this.own = ownText({ input: (text) => this.typed(text), sentence: model.get("sentence") });
    const { curve, sizes, text, note, own } = this;
    this.frame.stage.append(curve.root, sizes, text.root, note, own.root, this.buildColumns());
  }

  buildColumns() {
    this.bars = pairBars((index) => this.lookAtPair(index));
    this.why = h("p", { class: "llm-merge-why" });
    this.ties = choice("Ties go to", {
      options: TIES,
      value: this.model.get("tie_break"),
      input: (rule) => this.change({ tie_break: rule }),
    });
    this.wordName = part("");
    this.tree = mergeBoxes();
    this.wordPart = h("div", {}, this.wordName, this.tree.root);
    return h(
      "div",
      { class: "llm-merge-columns" },
      h("div", {}, part("Most frequent pairs"), this.bars.root, this.why, this.ties.root),
      this.wordPart,
    );
  }

  listen() {
    const { model, signal } = this;
    const retrain = () => this.train();
    const heard = {
      "change:text": retrain,
      "change:tie_break": retrain,
      "change:max_merges": retrain,
      "change:step": () => this.draw(),
    };
    for (const [event, listener] of Object.entries(heard)) model.on(event, listener);
    signal?.addEventListener("abort", () => {
      this.work?.abort();
      for (const [event, listener] of Object.entries(heard)) model.off(event, listener);
    });
    this.publish = debounce(() => model.save_changes(), 200, signal);
    this.typedSoon = debounce((text) => this.change({ text }), 300, signal);
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  change(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.publish();
  }

  typed(text) {
    this.own.set(text);
    this.announceNext = true;
    if (text.length > LONG) this.typedSoon(text);
    else this.change({ text });
  }

  // Returns whether there are more steps ahead. The clock starts again from the end.
  goBy(by) {
    const { total } = this.replay;
    const isOver = this.player.isPlaying() && this.step === total;
    this.change({ step: isOver ? 0 : clamp(this.step + by, 0, total) });
    if (!this.player.isPlaying()) this.announce(); // else at the end, not at every tick
    return this.step < total;
  }

  scrub(step) {
    this.player.pause();
    this.goBy(step - this.step);
  }

  reset() {
    this.player.pause();
    this.change(this.authored);
    this.word = this.replay.mostMerged();
    this.draw();
    this.frame.say("Back to the start.");
  }

  chooseWord(index) {
    this.word = index;
    this.drawWord();
  }

  lookAtPair(index) {
    if (index === this.pointed) return;
    this.pointed = index;
    this.drawText();
  }

  // Trains anew. A newer text stops the work on an older one, whose picture stays until then.
  async train() {
    this.work?.abort();
    this.work = new AbortController();
    const { signal } = this.work;
    const { model } = this;
    const [text, tieBreak] = [model.get("text"), model.get("tie_break")];
    const maxMerges = model.get("max_merges");
    this.own.set(text);
    this.ties.set(tieBreak);
    this.frame.stage.setAttribute("aria-busy", "true");
    try {
      this.adopt(await runSliced(replaySliced(text, { tieBreak, maxMerges }), { signal }));
      this.frame.stage.removeAttribute("aria-busy");
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  adopt(replay) {
    const isOtherText = replay.text !== this.replay?.text;
    this.replay = replay;
    if (isOtherText) {
      this.word = replay.mostMerged();
      this.text.setWords(replay.words, direction(replay.text));
      this.note.textContent = noteWords(replay);
    }
    this.draw();
    if (this.announceNext) this.announce();
    this.announceNext = false;
  }

  draw() {
    const { replay } = this;
    this.step = clamp(this.model.get("step"), 0, replay.total);
    this.moment = { ...replay.at(this.step), total: replay.total };
    this.pointed = null;
    drawHeadline(this.headline, this.moment, replay.bytesOf);
    this.drawCurve();
    this.drawText();
    this.drawPairs();
    this.drawWord();
    this.player.show({ isFirst: this.step === 0, isLast: this.step === replay.total });
    this.frame.refresh();
  }

  drawCurve() {
    const { moment, step, replay } = this;
    const { lengths } = replay;
    this.curve.draw({ lengths, step, words: momentWords(moment, replay.bytesOf) });
    this.sizes.textContent = sizeWords({ ...moment, bytes: lengths[0] });
  }

  drawText() {
    const { bpe, last, candidates } = this.moment;
    const pair = candidates[this.pointed ?? 0]?.pair;
    const look = ({ id, inPair }) => {
      return { ...this.show(id), id, inPair, isNewest: id === last?.newId };
    };
    this.text.draw(this.replay.words.map((word) => tokensWithPair(bpe, word, pair).map(look)));
  }

  drawPairs() {
    const { replay, moment, model } = this;
    const { candidates } = moment;
    const pairs = candidates.slice(0, SHOWN).map(({ pair, count }, i) => ({
      ...pairText(pair, replay.bytesOf),
      count,
      isNext: i === 0,
      isTied: count === candidates[0].count,
    }));
    this.bars.draw(pairs, replay.topCount);
    const isEnd = this.step === replay.total;
    const reason = { candidates, isEnd, tieBreak: model.get("tie_break") };
    this.why.textContent = whyWords(reason, replay.bytesOf);
  }

  drawWord() {
    const { replay, moment, step } = this;
    const word = replay.words[this.word];
    this.wordPart.hidden = word === undefined;
    if (word === undefined) return;
    const name = readable(word);
    this.text.mark(this.word);
    this.wordName.replaceChildren("How ", h("bdi", {}, name), " is put together");
    const { cells, height } = treeCells(replay.end.bpe, word);
    const shown = cells.map((cell) => ({ ...cell, ...this.show(cell.id) }));
    const words = wordWords(replay.progress(word, moment));
    this.tree.draw({ cells: shown, height, step, dir: direction(word), name, words });
  }

  show(id) {
    return tokenText(this.replay.bytesOf(id));
  }

  announce() {
    this.frame.say(momentWords(this.moment, this.replay.bytesOf));
  }

  link() {
    const [text, tieBreak] = [this.model.get("text"), this.model.get("tie_break")];
    const own = text === this.authored.text ? null : text;
    return mergeLink({ step: this.step, tieBreak, text: own });
  }
}

export default {
  render(context) {
    return new Merges(context).train();
  },
};
