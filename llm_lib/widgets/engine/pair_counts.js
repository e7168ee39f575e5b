// How often each pair of neighbours stands in a corpus, while it is being merged, without ever
// counting all pairs again. Two observations make training fast:
//
// 1. A merge changes only the places where the pair stands. So each pair keeps a list of its
//    places, and only the counts of the neighbours it touches are corrected.
// 2. Merging a and b can only make pairs that contain the new token; every older pair can only
//    become rarer, or begin later. So a heap may hold out-of-date entries: they are never too
//    bad, and one is corrected when it comes to the top.
import { END, mergeAt } from "./corpus.js";
import { createHeap } from "./heap.js";

const STRIDE = 2 ** 15; // keys of pairs stay below 2 ** 30: V8's fastest numbers
const CHECK_EVERY = 4096; // places between two looks at the clock
const keyOf = (a, b) => a * STRIDE + b;

// Which of two equally frequent pairs wins. `left` and `right` are bytes as strings of
// U+0000–U+00FF, so comparing them compares bytes.
export const TIE_BREAKS = {
  lexicographic: (x, y) => (x.left === y.left ? x.right > y.right : x.left > y.left),
  first: (x, y) => x.place < y.place,
};

export class PairCounts {
  #corpus;
  #tokens; // the bytes of each token as a string
  #tieBreak;
  #pairs = new Map(); // key -> { a, b, count, places, passed }
  #heap;

  // tokens: the 256 bytes to begin with; each merge adds one.
  constructor(corpus, tokens, tieBreak) {
    this.#corpus = corpus;
    this.#tokens = tokens;
    this.#tieBreak = tieBreak;
  }

  // Counts every pair, this once. A generator: it yields between slices.
  *count(clock) {
    const { ids, next } = this.#corpus;
    for (let place = 0; place < ids.length; place += 1) {
      if (next[place] !== END) this.#gain(ids[place], ids[next[place]], place);
      if (place % CHECK_EVERY === 0 && clock.due()) yield;
    }
    const winsTie = TIE_BREAKS[this.#tieBreak];
    const before = (x, y) => x.count > y.count || (x.count === y.count && winsTie(x, y));
    this.#heap = createHeap(before, Array.from(this.#pairs.values(), (pair) => this.#entry(pair)));
  }

  // The `top` best pairs, best first: [{ pair: [a, b], count }].
  best(top) {
    const entries = [];
    while (entries.length < top) {
      const entry = this.#popBest();
      if (!entry) break;
      entries.push(entry);
    }
    entries.forEach(this.#heap.push);
    return entries.map(({ pair, count }) => ({ pair: [pair.a, pair.b], count }));
  }

  // Merges the pair wherever it stands, from left to right, and returns the new token's id.
  // A generator: it yields between slices. The counts are in order again when it has returned.
  *merge([a, b], clock) {
    const newId = this.#tokens.length;
    if (newId >= STRIDE) throw new RangeError(`a vocabulary trained here ends at ${STRIDE} tokens`);
    this.#tokens.push(this.#tokens[a] + this.#tokens[b]);
    const pair = this.#pairs.get(keyOf(a, b));
    const made = new Set();
    for (const [i, place] of pair.places.entries()) {
      // Some places are out of date: merged away, or the second pair of a a a.
      if (this.#standsAt(pair, place)) this.#mergeAt(place, newId, made);
      if ((i + 1) % CHECK_EVERY === 0 && clock.due()) yield;
    }
    pair.count = 0;
    for (const newPair of made) {
      // In a a a a, the pair (aa, a) appears and is gone again within one merge.
      if (newPair.count > 0) this.#heap.push(this.#entry(newPair));
      else this.#forget(newPair);
    }
    return newId;
  }

  #mergeAt(place, newId, made) {
    const { ids, next, previous, weights } = this.#corpus;
    const before = previous[place];
    const after = next[next[place]];
    if (before !== END) {
      this.#lose(ids[before], ids[place], weights[place]);
      made.add(this.#gain(ids[before], newId, before));
    }
    if (after !== END) {
      this.#lose(ids[next[place]], ids[after], weights[place]);
      made.add(this.#gain(newId, ids[after], place));
    }
    mergeAt(this.#corpus, place, newId);
  }

  // Places are met from left to right, so the list of each pair is in order.
  #gain(a, b, place) {
    const key = keyOf(a, b);
    let pair = this.#pairs.get(key);
    if (!pair) this.#pairs.set(key, (pair = { a, b, count: 0, places: [], passed: 0 }));
    pair.count += this.#corpus.weights[place];
    pair.places.push(place);
    return pair;
  }

  #lose(a, b, weight) {
    this.#pairs.get(keyOf(a, b)).count -= weight;
  }

  #forget({ a, b }) {
    this.#pairs.delete(keyOf(a, b));
  }

  #standsAt({ a, b }, place) {
    const { ids, next } = this.#corpus;
    return ids[place] === a && ids[next[place]] === b;
  }

  // Where the pair stands first. That can only move to the right: what is passed stays passed.
  #firstPlace(pair) {
    while (!this.#standsAt(pair, pair.places[pair.passed])) pair.passed += 1;
    return pair.places[pair.passed];
  }

  // What the heap sorts: the pair as it is now. The entry does not change when the pair does.
  #entry(pair) {
    const [left, right] = [this.#tokens[pair.a], this.#tokens[pair.b]];
    const place = this.#tieBreak === "first" ? this.#firstPlace(pair) : 0;
    return { pair, count: pair.count, place, left, right };
  }

  // Takes the best pair out of the heap, putting right what is out of date on the way.
  #popBest() {
    for (let entry = this.#heap.pop(); entry; entry = this.#heap.pop()) {
      if (entry.pair.count === 0) {
        this.#forget(entry.pair); // it stands nowhere any more, and never will again
        continue;
      }
      const now = this.#entry(entry.pair);
      if (now.count === entry.count && now.place === entry.place) return entry;
      this.#heap.push(now);
    }
    return null;
  }
}
