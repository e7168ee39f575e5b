// A text being read by a model, piece by piece, with what it has read kept in a cache.
import { UNHURRIED, createClock, drain, runSliced } from "./slices.js";

// machine: { config, forward, hooked, caches, queue }, made by createGPT().
export function createReader(machine) {
  const { config, forward, hooked, caches, queue } = machine;
  const { vocab_size: V } = config;
  const owner = {}; // stands for this reader among the caches
  let length = 0;
  let pending = 0; // reads that were asked for and have not ended

  function* plain(cache, ids, logits, clock) {
    // Begins with one token and doubles: the first tokens run on code the browser has not yet
    // compiled. The same every time, so that the same text gives the same bits.
    for (let done = 0, rows = 1; done < ids.length; rows *= 2) {
      const count = Math.min(rows, forward.rows, ids.length - done);
      const found = forward.run(cache, ids, done, count, length + done);
      for (let i = 0; i < count * V; i += 1) logits[done * V + i] = found[i];
      done += count;
      if (done < ids.length && clock.due()) yield;
    }
    return logits;
  }

  function begin(ids, hook, logits, clock) {
    checkIds(ids, length, config);
    const cache = caches.lend(owner);
    const work = hook
      ? hooked(cache, Array.from(ids), length, hook, clock)
      : plain(cache, ids, logits ?? new Float32Array(ids.length * V), clock);
    return { cache, work };
  }

  async function slowly(ids, hook, signal) {
    signal?.throwIfAborted();
    const { cache, work } = begin(ids, hook, null, createClock());
    cache.pinned = true;
    try {
      const logits = await runSliced(work, { signal });
      length += ids.length;
      return logits;
    } finally {
      cache.pinned = false;
    }
  }

  function requireIdle() {
    if (!pending) return;
    throw new Error("this reader is in the middle of a text: await its read() first");
  }

  return {
    get length() {
      return length;
    },

    // Reads more ids in short slices; resolves to their logits, a Float32Array (T, V). Reads of one
    // model take turns. One that fails or is aborted leaves the reader as it was.
    async read(ids, { hook, signal } = {}) {
      pending += 1;
      try {
        return await queue(() => slowly(ids, hook, signal));
      } finally {
        pending -= 1;
      }
    },

    // The same at once, for a few tokens. `into`, a Float32Array (T, V), saves an allocation.
    readNow(ids, { hook, into } = {}) {
      requireIdle();
      const logits = drain(begin(ids, hook, into, UNHURRIED).work);
      length += ids.length;
      return logits;
    },

    // Forgets all positions from `end` on.
    truncate(end) {
      requireIdle();
      if (!Number.isInteger(end) || end < 0 || end > length) {
        throw new RangeError(`length is ${end}; this reader holds 0 to ${length} positions`);
      }
      length = end;
    },
  };
}

function checkIds(ids, length, { vocab_size: V, block_size: B }) {
  if (!ids?.length) throw new RangeError("there is nothing to read: give at least one token id");
  if (length + ids.length > B) {
    throw new RangeError(
      `${ids.length} tokens from position ${length} do not fit in block_size ${B}: ` +
        `keep the last ${B} tokens, or begin again with a new reader`,
    );
  }
  for (let i = 0; i < ids.length; i += 1) {
    if (Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < V) continue;
    throw new RangeError(`token id ${ids[i]} is not in the vocabulary: ids run from 0 to ${V - 1}`);
  }
}
