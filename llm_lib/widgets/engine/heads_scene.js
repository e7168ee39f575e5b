// What the figure of attention heads shows of one reading, computed once and kept.
import { placesOf, sharesOf, squareOf } from "./attention_window.js";
import { farthestLook, headOf, isCausal } from "./head_reading.js";
import { scorer, sharpestLooks } from "./head_scores.js";

// reading: { weights, T, heads, ids }, see head_reading.js; ids are what makes two tokens the same.
// Returns what is known of all heads, and at(room, query): { places, squares }, the places shown
// and for each head what each of them gives to each.
export function headsScene({ weights, T, heads, ids }) {
  const causal = isCausal(weights, T);
  const score = scorer({ weights, T, ids, causal });
  const all = (make) =>
    weights.map((_, layer) => Array.from({ length: heads }, (__, head) => make(layer, head)));
  const square = (layer, head) => headOf(weights, T, layer, head);
  let window = null;

  // The places shown so that `query` is among them, and what all heads give to them.
  function at(room, query) {
    const { first, places } = placesOf(T, room, query, window?.first);
    if (window?.first !== first || window.places.length !== places.length) {
      window = { first, places, squares: all((l, i) => squareOf(square(l, i), T, places)) };
    }
    return window;
  }

  return {
    layers: weights.length,
    heads,
    T,
    causal,
    scores: all(score),
    sharpest: (layer, head, count) => sharpestLooks({ weights, T }, layer, head, count),
    favourite: (query) => farthestLook(weights, T, heads, query),
    shares: (layer, head, query, places) => sharesOf(square(layer, head), T, query, places),
    at,
  };
}
