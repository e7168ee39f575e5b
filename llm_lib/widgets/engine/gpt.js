// GPT-2 in the page: the twin of llm_lib/gpt.py, with a KV cache and every intermediate exposed.
import { countForward, createForward } from "./forward.js";
import { checkConfig, countWeights, placeWeights } from "./gpt_weights.js";
import { countHooked, createHookedForward } from "./hooked_forward.js";
import { createKernel } from "./kernel.js";
import { countCaches, createCaches } from "./kv_caches.js";
import { createReader } from "./reader.js";

// config: {vocab_size, block_size, n_layer, n_head, n_embd, norm_eps}
// tensors: Map name -> Float32Array, see gpt_weights.js. They are copied.
// kernelChoice: "auto", "wasm" or "js"
//
// Returns { config, kernel, reader }. gpt.reader() begins a text:
//   await reader.read(ids, { hook, signal })   reads on, in slices: logits (T, V)
//   reader.readNow(ids, { hook, into })        the same at once, for a few tokens
//   reader.truncate(length)                    forgets from there on
//   reader.length                              positions read so far
// hook(name, data, shape) sees every intermediate under its name in Python, and may change data.
export function createGPT({ config: given, tensors }, kernelChoice = "auto") {
  const config = checkConfig(given);
  const counts = [countWeights, countCaches, countForward, countHooked];
  const needed = counts.reduce((sum, count) => sum + count(config), 0);
  const kernel = createKernel(needed, kernelChoice);
  const weights = placeWeights(kernel, config, tensors);
  const machine = {
    config,
    caches: createCaches(kernel, config),
    forward: createForward(kernel, config, weights),
    hooked: createHookedForward(kernel, config, weights),
    queue: createQueue(),
  };
  return { config, kernel, reader: () => createReader(machine) };
}

// Runs async tasks one after the other; each promise is that of its own task.
function createQueue() {
  let last = Promise.resolve();
  return (task) => {
    const done = last.then(task);
    last = done.catch(() => {}); // a task that fails does not stop those after it
    return done;
  };
}
