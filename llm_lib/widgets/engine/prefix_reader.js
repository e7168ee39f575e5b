// Reads texts that share their beginnings: only what differs from the last one is read again.
import { createClock, runSliced } from "./slices.js";

// Returns read(ids, { from, signal }), which resolves to what the model says after ids[from], after
// ids[from + 1] and so on to the end: an array of logits, each Float32Array (V). Calls take turns.
export function createPrefixReader(gpt) {
  const reader = gpt.reader();
  const { vocab_size: V } = gpt.config;
  let held = []; // the ids that the reader has read
  let last = Promise.resolve();
  const clock = createClock();

  async function readOn(ids, from, signal) {
    signal?.throwIfAborted();
    const kept = Math.min(commonStart(held, ids), from);
    reader.truncate(kept);
    held = held.slice(0, kept);
    const logits = await reader.read(ids.slice(kept), { signal });
    held = [...ids];
    // One token takes less than a slice; a hundred, one after the other, take longer than a frame.
    if (clock.due()) await runSliced(turn(), { signal });
    const rows = Array.from({ length: ids.length - from }, (_, i) => from - kept + i);
    return rows.map((row) => logits.slice(row * V, (row + 1) * V));
  }

  return function read(ids, { from = ids.length - 1, signal } = {}) {
    const done = last.catch(() => {}).then(() => readOn(ids, from, signal));
    last = done;
    return done;
  };
}

function* turn() {
  yield;
}

function commonStart(a, b) {
  let at = 0;
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at += 1;
  return at;
}
