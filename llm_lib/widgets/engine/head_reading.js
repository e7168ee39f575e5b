// What every head of a model looks at in one text, and what the model says next, with any heads
// switched off.
import { compose, silenceHead } from "./edits.js";

const WEIGHTS = /^blocks\.(\d+)\.weights$/;

// off: [[layer, head], …]. Resolves to { weights, logits }: of each layer a Float32Array (h, T, T),
// and logits (T, V).
export async function readHeads(gpt, ids, off = [], { signal } = {}) {
  const weights = [];
  const keep = (name, data) => {
    const layer = WEIGHTS.exec(name)?.[1];
    if (layer !== undefined) weights[layer] = data; // an array of its own: it may be kept
  };
  const hook = compose(...off.map(([layer, head]) => silenceHead(layer, head)), keep);
  const logits = await gpt.reader().read(ids, { hook, signal });
  return { weights, logits };
}

// The same shape from nested lists (layers, heads, T, T).
export const givenHeads = (layers) => layers.map((layer) => Float32Array.from(layer.flat(2)));

// The T × T numbers of one head: row t holds what token t gives to each token.
export function headOf(weights, T, layer, head) {
  return weights[layer].subarray(head * T * T, (head + 1) * T * T);
}

// Which head is worth seeing first: the one that gives most of token `query` to a single token that
// is neither the first, nor the one before, nor itself. For that it must have looked.
export function farthestLook(weights, T, heads, query) {
  let best = { layer: 0, head: 0, weight: -1 };
  for (let layer = 0; layer < weights.length; layer += 1) {
    for (let head = 0; head < heads; head += 1) {
      const row = headOf(weights, T, layer, head).subarray(query * T, query * T + T);
      for (let key = 1; key < query - 1; key += 1) {
        if (row[key] > best.weight) best = { layer, head, weight: row[key] };
      }
    }
  }
  return best;
}

// Whether no token sees a later one.
export function isCausal(weights, T) {
  for (const layer of weights) {
    for (let row = 0; row < layer.length; row += T) {
      const query = (row / T) % T;
      for (let key = query + 1; key < T; key += 1) if (layer[row + key] !== 0) return false;
    }
  }
  return true;
}

// Reads texts one after the other; a newer one stops an older one. read(ids, off) resolves to
// { weights, before, after }: logits with all heads on, and logits and weights with some off. To
// null where a newer reading overtook it. What was read with all heads on is kept.
export function createHeadReader(gpt) {
  let plain = null;
  let work = null;
  let trial = null;

  async function both(ids, off, signal) {
    if (plain?.key !== ids.join()) {
      plain = { ...(await readHeads(gpt, ids, [], { signal })), key: ids.join() };
    }
    const now = off.length ? await readHeads(gpt, ids, off, { signal }) : plain;
    return { weights: now.weights, before: plain.logits, after: now.logits };
  }

  return {
    stop() {
      work?.abort();
      trial?.abort();
    },
    // Switches each head off in turn, all others on; hear({ layer, head, logits }) as they come,
    // logits being those after the last id. Another trial or stopTrial() ends it.
    async tryEach(ids, hear) {
      trial?.abort();
      trial = new AbortController();
      const { signal } = trial;
      const { n_layer: layers, n_head: heads, vocab_size: V } = gpt.config;
      try {
        for (let i = 0; i < layers * heads; i += 1) {
          const [layer, head] = [Math.floor(i / heads), i % heads];
          const hook = silenceHead(layer, head);
          const logits = await gpt.reader().read(ids, { hook, signal });
          if (signal.aborted) return;
          hear({ layer, head, logits: logits.subarray(-V) });
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    stopTrial: () => trial?.abort(),
    async read(ids, off) {
      work?.abort();
      work = new AbortController();
      const { signal } = work;
      try {
        return await both(ids, off, signal);
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      }
    },
  };
}
