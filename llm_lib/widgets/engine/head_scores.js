// What a head does, measured on one text: how much of its attention goes to places with a name.
import { headOf } from "./head_reading.js";

// Of each place: the keys it means for the token at t. ids are what makes two tokens the same.
const PLACES = {
  previous: (t) => [t - 1],
  first: () => [0],
  itself: (t) => [t],
  copy: (t, ids) => earlier(t, ids),
  after_copy: (t, ids) =>
    earlier(t, ids)
      .map((key) => key + 1)
      .filter((key) => key < t),
};

const FIRST = 2; // for the first two tokens most places are one and the same

function earlier(t, ids) {
  const keys = [];
  for (let key = 0; key < t; key += 1) if (ids[key] === ids[t]) keys.push(key);
  return keys;
}

// Returns score(layer, head): [{ place, share, even, count }]. Shares are means over the `count`
// tokens that have such a place, the first two left out; null where none has. `even` is what a head
// would give that place which attends evenly to all it sees. The last place, "favourite", is the
// token that gets most, wherever it stands.
export function scorer({ weights, T, ids, causal }) {
  const cases = Object.entries(PLACES).map(([place, keysOf]) => {
    const asked = [];
    for (let t = FIRST; t < T; t += 1) {
      const keys = keysOf(t, ids);
      if (keys.length) asked.push({ t, keys });
    }
    return { place, asked };
  });
  const seen = (t) => (causal ? t + 1 : T);
  const mean = (numbers) =>
    numbers.length ? numbers.reduce((a, b) => a + b) / numbers.length : null;

  return (layer, head) => {
    const square = headOf(weights, T, layer, head);
    const scores = cases.map(({ place, asked }) => ({
      place,
      share: mean(asked.map(({ t, keys }) => sumAt(square, t * T, keys))),
      even: mean(asked.map(({ t, keys }) => keys.length / seen(t))),
      count: asked.length,
    }));
    const rows = Array.from({ length: Math.max(0, T - FIRST) }, (_, i) => i + FIRST);
    const favourite = {
      place: "favourite",
      share: mean(rows.map((t) => largest(square, t * T, T))),
      even: mean(rows.map((t) => 1 / seen(t))),
      count: rows.length,
    };
    return [...scores, favourite];
  };
}

function sumAt(numbers, start, places) {
  let sum = 0;
  for (const place of places) sum += numbers[start + place];
  return sum;
}

function largest(numbers, start, count) {
  let most = numbers[start];
  for (let i = start + 1; i < start + count; i += 1) if (numbers[i] > most) most = numbers[i];
  return most;
}

// The looks of a head that take most of a token's attention: [{ query, key, share }], the sharpest
// first, one for each query; not at itself, and not at the first token, where attention that has
// nothing to look for often goes.
export function sharpestLooks({ weights, T }, layer, head, count) {
  const square = headOf(weights, T, layer, head);
  const looks = [];
  for (let query = FIRST; query < T; query += 1) {
    let best = { query, key: 0, share: 0 };
    for (let key = 1; key < T; key += 1) {
      const share = square[query * T + key];
      if (key !== query && share > best.share) best = { query, key, share };
    }
    looks.push(best);
  }
  return looks.sort((a, b) => b.share - a.share || a.query - b.query).slice(0, count);
}
