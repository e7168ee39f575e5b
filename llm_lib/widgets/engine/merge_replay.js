// A training seen again: what its text, its words and their trees look like after any number of
// merges. Everything here follows from the merges up to that moment, so time runs both ways.
import { createTrainerSliced } from "./bpe_training.js";
import { mergeTree } from "./merge_tree.js";
import { pieces } from "./pretokenize.js";
import { utf8, wellFormed } from "./text.js";

const CANDIDATES = 10; // pairs remembered at each step: enough to tell a tie
const UNITS = 1200; // code units of text that a figure draws
const LONGEST = 96; // … and of one word

// Trains on a text and returns the replay of it. A generator: it yields between slices.
export function* replaySliced(text, { tieBreak, maxMerges }) {
  const clean = wellFormed(text);
  const trainer = yield* createTrainerSliced(clean, { tieBreak, candidates: CANDIDATES });
  yield* trainer.trainSliced(maxMerges);
  return new Replay(clean, trainer);
}

class Replay {
  #trainer;

  constructor(text, trainer) {
    this.#trainer = trainer;
    this.text = text;
    this.total = trainer.merges.length; // merges, and so the last step
    this.history = trainer.history; // the record of each merge, see Trainer
    this.end = trainer.stateAt(this.total);
    const start = trainer.stateAt(0);
    this.lengths = [start.corpusLength, ...this.history.map((made) => made.corpusLength)];
    this.topCount = start.candidates[0]?.count ?? 1; // no pair ever stands more often
    this.words = sampleWords(text);
    this.wordCount = [...trainer.pieceCounts.values()].reduce((sum, count) => sum + count, 0);
    this.hasLongWords = this.words.some((word) => word.length >= LONGEST - 1);
  }

  bytesOf = (id) => this.#trainer.tokenBytes(id);

  // The moment after `step` merges, see Trainer.stateAt().
  at(step) {
    return this.#trainer.stateAt(step);
  }

  // The word among those drawn that the most merges have built: its index.
  mostMerged() {
    const gains = this.words.map(
      (word) => utf8(word).length - this.end.bpe.encodeIds(word).length,
    );
    return Math.max(0, gains.indexOf(Math.max(...gains)));
  }

  // How far a word has come at a moment, in numbers; lastMerge is 0 where there is none.
  progress(word, { bpe }) {
    const ranks = treeCells(this.end.bpe, word).cells.map(({ rank }) => rank ?? -1);
    return {
      bytes: utf8(word).length,
      tokens: bpe.encodeIds(word).length,
      finalTokens: this.end.bpe.encodeIds(word).length,
      lastMerge: Math.max(-1, ...ranks) + 1,
    };
  }
}

// The first words of a text, as many as can be drawn. A word is a piece that merges never cross; a
// very long one is cut.
function sampleWords(text) {
  const words = [];
  let units = 0;
  for (const piece of pieces(text)) {
    const word = shorten(piece);
    if (units + word.length > UNITS) break;
    units += word.length;
    words.push(word);
  }
  return words;
}

// Not inside a surrogate pair: half a character has no bytes.
function shorten(piece) {
  if (piece.length < LONGEST) return piece;
  const isSplit = /[\uD800-\uDBFF]/.test(piece[LONGEST - 1]);
  return piece.slice(0, LONGEST - (isSplit ? 1 : 0));
}

// The tokens of a word: [{ id, inPair }], where inPair tells that the token stands in `pair`. From
// left to right, and a token is in one pair only, as when merging.
export function tokensWithPair(bpe, word, pair) {
  const tokens = bpe.encodeIds(word).map((id) => ({ id, inPair: false }));
  for (let i = 0; pair && i + 1 < tokens.length; i += 1) {
    if (tokens[i].id !== pair[0] || tokens[i + 1].id !== pair[1]) continue;
    tokens[i].inPair = true;
    tokens[i + 1].inPair = true;
    i += 1;
  }
  return tokens;
}

// The tree of a word as cells of a grid, bytes at level 0 and every token just above the higher of
// its two parts: { cells: [{ id, start, end, rank, level, reach }], height }. A cell reaches up to
// the level below its parent, so that no gap opens between a token and its parts.
export function treeCells(bpe, word) {
  const cells = [];
  let height = 0;
  const visit = ({ id, start, end, rank, children }) => {
    const parts = children.map(visit);
    const level = parts.length ? Math.max(...parts.map((part) => part.level)) + 1 : 0;
    for (const part of parts) part.reach = level - 1;
    const cell = { id, start, end, rank, level, reach: level };
    height = Math.max(height, level + 1);
    cells.push(cell);
    return cell;
  };
  mergeTree(bpe, word).forEach(visit);
  return { cells, height };
}
