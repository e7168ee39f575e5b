// What a model computes at every position of a text that grows, kept position by position. Of a
// changed text only what follows the first change is read again.
import { replace } from "./edits.js";

const OF_LAYER = /^blocks\.(\d+)\.(weights|attention|feed_forward|residual_out)$/;

// Returns { read, stop, sayings }.
//   await read(ids)          the readings of all positions; rejects where a newer call, or stop(),
//                            ended this one
//   sayings(reading)         what the model would say after each layer: scores, one Float32Array
//                            (V) for the embedding and for each layer
// A reading: { id, token, position, stream, added, weights, logits }
//   token, position          Float32Array (C), the two parts of the embedding
//   stream                   the vector before the layers and after each: n_layer + 1 of (C)
//   added                    [layer]: how long the vectors are that it adds, attention and
//                            feedForward
//   weights                  [layer][head]: Float32Array (t + 1), what it takes from each position
//   logits                   Float32Array (V)
export function createWholeReading(gpt) {
  const [reader, aside] = [gpt.reader(), gpt.reader()];
  let readings = [];
  let work = new AbortController();
  let last = Promise.resolve();

  function read(ids) {
    stop();
    work = new AbortController();
    const { signal } = work;
    const done = last.catch(() => {}).then(() => readOn(ids, signal));
    last = done;
    return done;
  }

  const stop = () => work.abort();

  async function readOn(ids, signal) {
    signal.throwIfAborted();
    const kept = commonStart(readings, ids);
    readings = readings.slice(0, kept);
    reader.truncate(kept);
    if (kept === ids.length) return readings;
    const more = ids.slice(kept).map(emptyReading);
    await reader.read(ids.slice(kept), { hook: keepIn(more, kept), signal });
    readings = [...readings, ...more];
    return readings;
  }

  // The stream as it stands after each layer, read as if it were the last: what stands in the place
  // of the last layer's output are the vectors of one position, one for each layer.
  function sayings(reading) {
    const { n_layer: layers, vocab_size: V } = gpt.config;
    const C = reading.token.length;
    const rows = new Float32Array(reading.stream.length * C);
    reading.stream.forEach((vector, i) => rows.set(vector, i * C));
    aside.truncate(0);
    const anything = reading.stream.map(() => 0);
    const hook = replace(`blocks.${layers - 1}.residual_out`, rows);
    const logits = aside.readNow(anything, { hook });
    return reading.stream.map((_, i) => logits.slice(i * V, (i + 1) * V));
  }

  return { read, stop, sayings };
}

function commonStart(readings, ids) {
  let kept = 0;
  while (kept < Math.min(readings.length, ids.length) && readings[kept].id === ids[kept]) kept += 1;
  return kept;
}

const emptyReading = (id) => ({ id, stream: [], added: [], weights: [] });

// A hook that files what comes by under its position. start: the position of the first row.
function keepIn(readings, start) {
  const T = readings.length;
  const rowOf = (data, t) => data.slice((t * data.length) / T, ((t + 1) * data.length) / T);
  const each = (put) => readings.forEach(put);
  const parts = {
    "embedding.token": (data) => each((r, t) => (r.token = rowOf(data, t))),
    "embedding.position": (data) => each((r, t) => (r.position = rowOf(data, t))),
    embedding: (data) => each((r, t) => (r.stream[0] = rowOf(data, t))),
    logits: (data) => each((r, t) => (r.logits = rowOf(data, t))),
  };
  const ofLayer = {
    weights: (i, data, shape) =>
      each((r, t) => (r.weights[i] = weightsOf(data, shape, t, start + t + 1))),
    attention: (i, data) => each((r, t) => (r.added[i] = { attention: length(rowOf(data, t)) })),
    feed_forward: (i, data) => each((r, t) => (r.added[i].feedForward = length(rowOf(data, t)))),
    residual_out: (i, data) => each((r, t) => (r.stream[i + 1] = rowOf(data, t))),
  };
  return (name, data, shape) => {
    parts[name]?.(data);
    const [, layer, part] = OF_LAYER.exec(name) ?? [];
    if (part) ofLayer[part](Number(layer), data, shape);
  };
}

// Row t of every head of weights (h, T, S), as far as it can look.
function weightsOf(data, [heads, T, S], t, seen) {
  return Array.from({ length: heads }, (_, head) => {
    const from = (head * T + t) * S;
    return data.slice(from, from + seen);
  });
}

const length = (vector) => Math.hypot(...vector);
