// Everything a model computes for one text, kept.

// Resolves to a Map name -> { data, shape }, a copy of every intermediate in the order computed.
// Names and shapes are those of llm_lib/gpt.py. `hook` may change them first; the trace then holds
// what the model went on with.
export async function trace(gpt, ids, { hook, signal } = {}) {
  const found = new Map();
  const keep = (name, data, shape) => {
    hook?.(name, data, shape);
    found.set(name, { data: data.slice(), shape: [...shape] });
  };
  await gpt.reader().read(ids, { hook: keep, signal });
  return found;
}
