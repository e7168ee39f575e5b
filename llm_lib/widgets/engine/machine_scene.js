// The figures of the whole machine as numbers: who looks where, what is likely next, what is drawn.
import { probabilitiesAt } from "./next_tokens.js";
import { choose, nextTokenProbabilities } from "./sampling.js";

// Of one layer's heads the one that takes most from a single token that is neither the first, nor
// the one before, nor the one that asks. For that it must have looked. Near the beginning, where
// there is no such token, the one that takes most from any.
// weights: [head] -> Float32Array (t + 1). Returns { head, key, share }.
export function strongestHead(weights) {
  const query = weights[0].length - 1;
  const keys = query > 2 ? [1, query - 1] : [0, query + 1];
  let best = { head: 0, key: 0, share: -1 };
  weights.forEach((row, head) => {
    for (let key = keys[0]; key < keys[1]; key += 1) {
      if (row[key] > best.share) best = { head, key, share: row[key] };
    }
  });
  return best;
}

// The layer whose strongest head takes most. weights: [layer][head] -> Float32Array.
export function liveliestLayer(weights) {
  const shares = weights.map((heads) => strongestHead(heads).share);
  return shares.indexOf(Math.max(...shares));
}

// The tokens that get the largest shares: [{ key, share }], largest first.
export function largestShares(row, count, least = 0.01) {
  const all = Array.from(row, (share, key) => ({ key, share }));
  all.sort((a, b) => b.share - a.share);
  return all.filter(({ share }) => share >= least).slice(0, count);
}

// What the bars show. Temperature 0 takes the likeliest of the model's own distribution.
export const shown = (logits, temperature) =>
  nextTokenProbabilities(logits, { temperature: temperature || 1 });

export function likeliest(scores) {
  return scores.reduce((best, score, id) => (score > scores[best] ? id : best), 0);
}

// The `count` likeliest tokens and what is left: { rows: [{ id, share }], rest: { count, share } }.
// `always`, an id, is among them.
export function topTokens(probabilities, count, always) {
  const ids = Array.from(probabilities.keys());
  ids.sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  const chosen = ids.slice(0, count);
  if (!chosen.includes(always)) chosen.splice(-1, 1, always);
  const rows = chosen.map((id) => ({ id, share: probabilities[id] }));
  const share = Math.max(0, 1 - rows.reduce((sum, row) => sum + row.share, 0));
  return { rows, rest: { count: probabilities.length - rows.length, share } };
}

// The lowest and the highest of some numbers.
export function rangeOf(numbers) {
  return numbers.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [
    Infinity,
    -Infinity,
  ]);
}

const NEXT = 5; // tokens whose probabilities are drawn
const NAMED = 4; // tokens that attention names

// All that the figure shows about position `t`.
//   reading     of that position, with its sayings: see engine/whole_reading.js
//   layer       whose attention is shown
//   number      from [0, 1): what the next draw falls on
//   nameOf(id)  a token as text
//   isOver      whether nothing can be added to the text
export function machineScene({ reading, ids, names, t, layer, ...options }) {
  const { temperature, number, nameOf, isOver } = options;
  const isLast = t === ids.length - 1;
  const strongest = strongestHead(reading.weights[layer]);
  const shares = reading.weights[layer][strongest.head];
  const scores = reading.logits;
  const taken = choose(scores, number, { temperature });
  const follows = isLast ? null : ids[t + 1];
  return {
    ids,
    names,
    t,
    layer,
    strongest,
    shares,
    scores,
    temperature,
    taken,
    follows,
    isLast,
    isOver,
    named: largestShares(shares, NAMED),
    vectors: [reading.token, reading.position, reading.stream[0]],
    layers: layersOf(reading, nameOf),
    range: rangeOf(scores),
    top: likeliest(scores),
    next: topTokens(shown(scores, temperature), NEXT, isLast ? taken : follows),
  };
}

function layersOf({ added, sayings }, nameOf) {
  return sayings.map((logits, i) => {
    const id = likeliest(logits);
    const said = { word: nameOf(id), share: probabilitiesAt(logits, logits.length, 0)[id] };
    if (i === 0) return { name: "Sum", ...said };
    return { name: `Layer ${i - 1}`, ...added[i - 1], ...said };
  });
}
