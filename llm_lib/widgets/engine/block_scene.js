// The way of one token through the blocks as numbers: what each station adds to its stream, how
// long both are, and what the model would say if it stopped there.
import { lengthOf, spreadOf } from "./spread.js";
import { compareNext, probabilitiesAt } from "./next_tokens.js";

// The stations in order: the embedding, the parts of each block, the last norm. Each names its
// intermediates: what it adds, the stream that enters and leaves, and the norm it reads through.
export function stationsOf(layers) {
  const part = (layer, kind, norm, enters, leaves) => {
    const at = (name) => `blocks.${layer}.${name}`;
    const inside = { norm: at(norm), enters: at(enters), leaves: at(leaves) };
    return { kind, layer, name: at(kind), adds: at(kind), ...inside };
  };
  const parts = Array.from({ length: layers }, (_, layer) => [
    part(layer, "attention", "norm1", "residual_in", "residual_mid"),
    part(layer, "feed_forward", "norm2", "residual_mid", "residual_out"),
  ]);
  const last = `blocks.${layers - 1}.residual_out`;
  const none = { layer: null, adds: null };
  return [
    { kind: "embedding", name: "embedding", ...none, leaves: "embedding" },
    ...parts.flat(),
    { kind: "norm", name: "norm", ...none, norm: "norm", enters: last, leaves: "norm" },
  ];
}

// What stands at every station at position t of one reading: { added, stream, shares }, two lengths
// and the probabilities of what would come next. lens: see logit_lens.js.
function measure(stations, reading, t, lens) {
  const V = reading.logits.length / reading.T;
  const ownRow = probabilitiesAt(reading.logits, V, t);
  const streams = stations.slice(0, -1).map(({ leaves }) => reading.vector(leaves, t));
  const said = lens(streams).map((logits) => probabilitiesAt(logits, V, 0));
  return stations.map(({ adds, leaves }, i) => ({
    added: adds ? lengthOf(reading.vector(adds, t)) : null,
    stream: lengthOf(reading.vector(leaves, t)),
    shares: said[i] ?? ownRow,
  }));
}

// before, after: readings of the same ids, see block_reading.js; the same one if nothing is off.
// Returns { word, stations, next, favourite }:
//   word       the id that the model as it is holds likeliest after position t
//   stations   [{ …station, before, now }], each { added, stream, share, top }: two lengths, the
//              share of the word, and the three likeliest, [{ id, share }]
//   next       the likeliest next tokens in both, see compareNext()
//   favourite  the part after which the word has gained most: worth seeing first
export function blockScene({ before, after, ids, t, layers, lens, count = 6 }) {
  const stations = stationsOf(layers);
  const old = measure(stations, before, t, lens);
  const now = after === before ? old : measure(stations, after, t, lens);
  const answer = old.at(-1).shares;
  const word = largest(answer, 1)[0];
  const of = ({ added, stream, shares }) => ({
    added,
    stream,
    share: shares[word],
    top: largest(shares, 3).map((id) => ({ id, share: shares[id] })),
  });
  const both = stations.map((station, i) => ({ ...station, before: of(old[i]), now: of(now[i]) }));
  const next = compareNext(answer, now.at(-1).shares, count, ids[t + 1] ?? null);
  return { word, stations: both, next, favourite: favouriteOf(both) };
}

function favouriteOf(stations) {
  const gains = stations.map(({ adds, before }, i) =>
    adds ? before.share - stations[i - 1].before.share : -Infinity,
  );
  return stations[gains.indexOf(Math.max(...gains))].name;
}

// The ids of the `count` largest shares, in one pass: it is asked of every station.
function largest(shares, count) {
  const best = [];
  for (let id = 0; id < shares.length; id += 1) {
    if (best.length === count && shares[id] <= shares[best[count - 1]]) continue;
    const place = best.findIndex((other) => shares[id] > shares[other]);
    best.splice(place < 0 ? best.length : place, 0, id);
    best.length = Math.min(best.length, count);
  }
  return best;
}

// The sum that makes the stream after a station, as [{ role, numbers }]: before + added = after.
// At the last norm nothing is added: the stream, and its normed copy.
export function sumAt({ kind, adds, enters, leaves }, reading, t) {
  const term = (role, name) => ({ role, numbers: reading.vector(name, t) });
  if (kind === "embedding") {
    const parts = [term("token", "embedding.token"), term("position", "embedding.position")];
    return [...parts, term("embedding", leaves)];
  }
  if (kind === "norm") return [term("before", enters), term("normed", leaves)];
  return [term("before", enters), term("added", adds), term("after", leaves)];
}

// A layer norm step by step: the vector it is given, the same with mean 0 and size 1, and what it
// hands on, stretched and shifted column by column. Each { numbers, mean, deviation, length }.
export function normAt({ norm, enters }, reading, t, eps) {
  const given = reading.vector(enters, t);
  const { mean, deviation } = spreadOf(given);
  const scaled = given.map((x) => (x - mean) / Math.sqrt(deviation ** 2 + eps));
  const steps = [given, scaled, reading.vector(norm, t)];
  return steps.map((numbers) => ({ numbers, ...spreadOf(numbers) }));
}

const QUIET = 0.1; // what passes on less than this adds next to nothing

// The neurons of a block at position t: { hidden, active, quiet, strongest }. quiet: the share that
// passes on less than 0.1 either way; strongest: [{ neuron, z, passed }], the largest first.
export function neuronsAt(layer, reading, t, count = 5) {
  const hidden = reading.vector(`blocks.${layer}.hidden`, t);
  const active = reading.vector(`blocks.${layer}.active`, t);
  const order = Array.from(active.keys()).sort((a, b) => Math.abs(active[b]) - Math.abs(active[a]));
  return {
    hidden,
    active,
    quiet: active.reduce((sum, x) => sum + (Math.abs(x) < QUIET ? 1 : 0), 0) / active.length,
    strongest: order.slice(0, count).map((i) => ({ neuron: i, z: hidden[i], passed: active[i] })),
  };
}
