// Training byte pair encoding on the reader's text, one merge at a time, with the reasons.
// The twin of llm_lib/tokenizers/bpe_training.py: it learns the same merges in the same order.
import { byteStrings, bytesOf, createBPE } from "./bpe.js";
import { createCorpus } from "./corpus.js";
import { PairCounts, TIE_BREAKS } from "./pair_counts.js";
import { GPT2_PATTERN, pieces } from "./pretokenize.js";
import { UNHURRIED, createClock, drain } from "./slices.js";
import { wellFormed } from "./text.js";

const CHECK_EVERY = 256; // pieces between two looks at the clock

// tieBreak: "lexicographic" (of equally frequent pairs, the one with the greater bytes wins) or
// "first" (the one that stands first in the text as it is tokenized at that step).
// candidates: how many of the best pairs each step remembers, the winner included.
export function createTrainer(text, options = {}) {
  return drain(createTrainerSliced(text, { ...options, clock: UNHURRIED }));
}

// The same for a long text: a generator that yields between slices and returns the trainer.
export function* createTrainerSliced(text, options = {}) {
  const { tieBreak = "lexicographic", pattern = GPT2_PATTERN, candidates = 10 } = options;
  if (!Object.hasOwn(TIE_BREAKS, tieBreak)) {
    const allowed = Object.keys(TIE_BREAKS).join('" or "');
    throw new RangeError(`tieBreak is "${tieBreak}"; it can be "${allowed}"`);
  }
  const clock = options.clock ?? createClock();
  const pieceCounts = yield* countPieces(wellFormed(text), pattern, clock);
  const corpus = yield* createCorpus(pieceCounts, clock);
  const tokens = byteStrings([]);
  const pairCounts = new PairCounts(corpus, tokens, tieBreak);
  yield* pairCounts.count(clock);
  const top = Math.max(candidates, 2); // who won, and against whom
  return new Trainer({ corpus, pairCounts, pieceCounts, tokens, tieBreak, pattern, top });
}

// How often each distinct piece occurs, in order of first occurrence. Training works on each piece
// once and weighs it by its count: a text has far fewer words than word occurrences.
function* countPieces(text, pattern, clock) {
  const counts = new Map();
  let work = 0;
  for (const piece of pieces(text, pattern)) {
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
    if (++work % CHECK_EVERY === 0 && clock.due()) yield;
  }
  return counts;
}

// Training never runs backwards. It records each step instead, and any earlier moment follows from
// the merges up to it: that is what lets a reader scrub both ways.
class Trainer {
  merges = []; // [[idA, idB], …]
  history = []; // what step() returned, in order
  #parts;
  #lengths; // of the text in tokens, after 0, 1, 2, … merges
  #next; // the best pairs now, best first: [{ pair: [a, b], count }]
  #merging = false;

  constructor(parts) {
    this.#parts = parts;
    this.#lengths = [parts.corpus.length];
    this.#next = parts.pairCounts.best(parts.top);
    this.pieceCounts = parts.pieceCounts; // Map from each distinct piece to its count
  }

  // Merges the best pair and returns the record of it, or null when no two tokens are neighbours:
  // { step, pair: [a, b], newId, count, corpusLength, vocabSize, candidates, runnerUp, decidedBy }.
  // The count is the one before the merge; corpusLength and vocabSize are those after it.
  step() {
    return drain(this.#step(UNHURRIED));
  }

  // Takes `steps` steps, or as many as there are, and returns how many. The second form is for the
  // page: a generator that yields between slices. Finish it before the next step.
  train(steps) {
    return drain(this.trainSliced(steps, { clock: UNHURRIED }));
  }

  *trainSliced(steps, { clock = createClock() } = {}) {
    for (let taken = 0; taken < steps; taken += 1) {
      if ((yield* this.#step(clock)) === null) return taken;
      if (clock.due()) yield;
    }
    return steps;
  }

  *#step(clock) {
    if (this.#merging) throw new Error("a step of this training is under way; let it finish first");
    const { corpus, pairCounts, tieBreak, top } = this.#parts;
    const candidates = this.#next;
    if (candidates.length === 0) return null;
    const [{ pair, count }, runnerUp = null] = candidates;
    this.#merging = true;
    const newId = yield* pairCounts.merge(pair, clock);
    this.#merging = false;
    this.#next = pairCounts.best(top);
    this.#lengths.push(corpus.length);
    this.merges.push(pair);
    this.history.push({
      step: this.merges.length,
      pair,
      newId,
      count,
      corpusLength: corpus.length,
      vocabSize: newId + 1,
      candidates,
      runnerUp,
      decidedBy: runnerUp?.count === count ? tieBreak : "count",
    });
    return this.history.at(-1);
  }

  tokenBytes(id) {
    return bytesOf(this.#parts.tokens[id]);
  }

  // The moment after `step` merges, from 0 to as many as were made. `last` is the record of how it
  // came about, `candidates` are the best pairs to merge next, `bpe` tokenizes as of then.
  stateAt(step) {
    if (!(Number.isInteger(step) && step >= 0 && step <= this.merges.length)) {
      throw new RangeError(`step ${step} is not made yet; it can be 0 to ${this.merges.length}`);
    }
    return {
      step,
      vocabSize: 256 + step,
      corpusLength: this.#lengths[step],
      last: this.history[step - 1] ?? null,
      candidates: this.history[step]?.candidates ?? this.#next,
      bpe: createBPE(this.merges.slice(0, step), { pattern: this.#parts.pattern }),
    };
  }
}
