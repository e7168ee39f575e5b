// The proof that a cache changes nothing: keys, values and logits are PyTorch's, and a text read
// token by token, with the cache, gets the logits of the same text read at once.
import { prove } from "./proof.js";

const SHOWN = ["keys", "values", "logits"];

// As prove(): { rows, largest, tolerance, against }. ids: the text to read in both ways.
export async function proveCache(gpt, proof, ids, { signal } = {}) {
  const found = await prove(gpt, proof, { signal });
  const rows = found.rows.filter(({ label }) => SHOWN.includes(label));
  const label = `logits of ${ids.length} tokens: read one by one with the cache, and all at once`;
  rows.push({ label, difference: await cachedDifference(gpt, ids, signal) });
  return { ...found, rows, largest: Math.max(...rows.map(({ difference }) => difference)) };
}

async function cachedDifference(gpt, ids, signal) {
  const whole = await gpt.reader().read(ids, { signal });
  const reader = gpt.reader();
  const { vocab_size: V } = gpt.config;
  let worst = 0;
  for (let t = 0; t < ids.length; t += 1) {
    const logits = await reader.read([ids[t]], { signal });
    // Math.max keeps a NaN, where > would pass over it.
    for (let i = 0; i < V; i += 1) worst = Math.max(worst, Math.abs(logits[i] - whole[t * V + i]));
  }
  return worst;
}
