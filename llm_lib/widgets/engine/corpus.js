// The distinct pieces of a text as one long chain of tokens, made for merging in place.
import { utf8 } from "./text.js";

const CHECK_EVERY = 1024; // pieces between two looks at the clock

export const END = -1; // before the first and after the last token of a piece
export const GONE = -2; // the id at a place whose token was merged into its left neighbour

// pieceCounts: a Map from each distinct piece to its count. Places are bytes of the pieces laid end
// to end. ids[place] is the token that begins there; next and previous lead to its neighbours in
// the same piece, so that a merge moves nothing; weights[place] is how often the piece occurs.
// A generator: it yields between slices and returns the corpus.
export function* createCorpus(pieceCounts, clock) {
  const encoded = [];
  let size = 0;
  for (const [piece, weight] of pieceCounts) {
    const bytes = utf8(piece);
    encoded.push({ bytes, weight });
    size += bytes.length;
    if (encoded.length % CHECK_EVERY === 0 && clock.due()) yield;
  }
  const corpus = {
    ids: new Int32Array(size),
    next: new Int32Array(size),
    previous: new Int32Array(size),
    weights: new Int32Array(size),
    length: 0, // of the text in tokens
  };
  let start = 0;
  for (const [i, { bytes, weight }] of encoded.entries()) {
    const end = start + bytes.length;
    corpus.ids.set(bytes, start);
    corpus.weights.fill(weight, start, end);
    for (let place = start; place < end; place += 1) {
      corpus.previous[place] = place > start ? place - 1 : END;
      corpus.next[place] = place + 1 < end ? place + 1 : END;
    }
    corpus.length += bytes.length * weight;
    start = end;
    if ((i + 1) % CHECK_EVERY === 0 && clock.due()) yield;
  }
  return corpus;
}

// Merges the token at `place` with the one after it.
export function mergeAt(corpus, place, newId) {
  const { ids, next, previous, weights } = corpus;
  const absorbed = next[place];
  ids[place] = newId;
  ids[absorbed] = GONE;
  next[place] = next[absorbed];
  if (next[place] !== END) previous[next[place]] = place;
  corpus.length -= weights[place];
}
