// Keys and values of the texts being read. The kernel can address only what was set aside for it,
// so there are few caches and any number of readers: a reader whose cache is taken over by another
// gets its numbers back when it reads on.
import { padded } from "./gpt_weights.js";

const CACHES = 3;

const layerSize = ({ block_size: B, n_embd: C }) => B * C;

// How many numbers createCaches() asks the kernel for.
export const countCaches = (config) => CACHES * 2 * config.n_layer * padded(layerSize(config));

// lend(owner) gives `owner`, any object, its cache: { layers: [{ keys, values }], owner, pinned },
// keys and values (n_head, block_size, headSize). A pinned cache stays with its owner.
export function createCaches(kernel, config) {
  const caches = Array.from({ length: CACHES }, () => createCache(kernel, config));
  const kept = new WeakMap(); // owner -> its numbers while it has no cache

  function lend(owner) {
    let at = caches.findIndex((cache) => cache.owner === owner);
    if (at < 0) at = takeOver(owner);
    // The cache used last stands last, so the next to be taken over is the first that is free.
    if (at < caches.length - 1) caches.push(...caches.splice(at, 1));
    return caches[caches.length - 1];
  }

  function takeOver(owner) {
    const at = caches.findIndex((cache) => !cache.pinned);
    const cache = caches[at];
    if (cache.owner) kept.set(cache.owner, save(cache));
    cache.owner = owner;
    const numbers = kept.get(owner);
    if (numbers) restore(cache, numbers);
    kept.delete(owner);
    return at;
  }

  return { lend };
}

function createCache(kernel, config) {
  const size = layerSize(config);
  const layers = Array.from({ length: config.n_layer }, () => {
    const [keys, values] = [kernel.floats(size), kernel.floats(size)];
    return { keys, values, keysOfHead: split(keys, config), valuesOfHead: split(values, config) };
  });
  return { layers, owner: null, pinned: false };
}

function split(numbers, { n_head: heads }) {
  const size = numbers.length / heads;
  return Array.from({ length: heads }, (_, i) => numbers.subarray(i * size, (i + 1) * size));
}

const save = ({ layers }) => layers.map(({ keys, values }) => [keys.slice(), values.slice()]);

function restore({ layers }, numbers) {
  layers.forEach(({ keys, values }, i) => {
    keys.set(numbers[i][0]);
    values.set(numbers[i][1]);
  });
}
