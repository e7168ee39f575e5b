// Who writes on a text, and how: one action at a time, each can be undone.
import { createWriting, drawNext, logitsAt, numbersOf } from "./story_writing.js";

// settings()  how to draw: { temperature, top_k, top_p, min_p, seed }
// pause()     resolves when the next token may come; null to write at once and show the end
// changed()   hears that there is something new to show
// The pen has { state, place, isOver, isWriting, canUndo }; `place` is where the reader looks: that
// of a written token, or after the last one. Actions resolve to the state where they came to their
// end, and to null where another one came between.
export class StoryPen {
  constructor({ gpt, end, settings, pause, changed }) {
    this.writing = createWriting(gpt, end);
    Object.assign(this, { end, settings, pause, changed });
    this.history = [];
    this.work = new AbortController();
  }

  get canUndo() {
    return this.history.length > 0;
  }

  // All ids before the place that is looked at.
  get idsBefore() {
    return this.writing.idsOf(this.state).slice(0, this.state.prompt.length + this.place);
  }

  get logits() {
    return logitsAt(this.state, this.place);
  }

  // A new text, and tokens that were added to it before.
  begin(prompt, written = []) {
    return this.run(async (signal) => {
      const state = await this.writing.begin(prompt, written, signal);
      this.history = [];
      return state;
    });
  }

  // Writes token after token until isEnough(state), or the end of the tale, or halt().
  async writeOn(isEnough, from = this.state) {
    if (this.writing.over(from)) return null;
    return this.run(async (signal) => {
      this.isWriting = true;
      this.remember();
      const numbers = numbersOf(this.settings().seed);
      let state = from;
      do {
        const settings = this.settings();
        const id = drawNext(state, numbers, settings);
        state = await this.writing.add(state, id, { by: JSON.stringify(settings), signal });
        const pause = this.pause();
        if (pause) this.show(state);
        await pause;
        signal.throwIfAborted();
      } while (this.isWriting && !this.writing.over(state) && !isEnough(state));
      return state;
    });
  }

  // After the token that is under way.
  halt() {
    this.isWriting = false;
  }

  // Puts tokens at the place that is looked at; what followed there is dropped.
  async take(ids) {
    if (this.place >= this.state.steps.length && this.isOver) return null;
    return this.run(async (signal) => {
      const { place } = this;
      let { state } = this;
      for (const [i, id] of ids.entries()) {
        state = await this.writing.add(state, id, { place: place + i, signal });
      }
      this.remember();
      return state;
    });
  }

  // The same number of tokens again, with the seed and the settings as they are now.
  async replay() {
    const { prompt, steps } = this.state;
    if (!steps.length) return null;
    const isWhole = this.isOver !== null;
    const from = { prompt, steps: [], next: logitsAt(this.state, 0) };
    return this.writeOn((state) => !isWhole && state.steps.length >= steps.length, from);
  }

  undo() {
    this.stop();
    if (this.canUndo) this.show(this.history.pop());
  }

  look(place) {
    this.place = Math.max(0, Math.min(place, this.lastPlace));
    this.changed();
  }

  // Ends what is under way.
  stop() {
    this.work.abort();
    this.isWriting = false;
  }

  // Of a tale that is over nothing follows; of any other text one place does.
  get lastPlace() {
    return this.state.steps.length - (this.isOver === "end" ? 1 : 0);
  }

  remember() {
    this.history.push(this.state);
  }

  show(state) {
    this.state = state;
    this.isOver = this.writing.over(state);
    this.look(Infinity);
  }

  async run(task) {
    this.stop();
    this.work = new AbortController();
    const { signal } = this.work;
    try {
      const state = await task(signal);
      signal.throwIfAborted();
      this.isWriting = false;
      this.show(state);
      return state;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }
}
