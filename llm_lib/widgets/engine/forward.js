// The forward pass of GPT-2 for a few tokens at a time: the twin of llm_lib/gpt.py without hooks.
// All numbers stand in buffers taken once, so that a token costs no allocation.
import { padded } from "./gpt_weights.js";

// How much is done in one go, which nothing can interrupt. Both come to a few milliseconds, and to
// less than 50 on a phone that is five times slower.
const LIMITS = {
  wasm: { rows: 8, products: 2 ** 23 },
  js: { rows: 4, products: 2 ** 22 },
};

// How many tokens are read in one go.
export function rowsAtOnce(config, kernelName = "wasm") {
  const { n_layer: layers, n_embd: width, vocab_size: V } = config;
  const perToken = 12 * layers * width ** 2 + V * width;
  const { rows, products } = LIMITS[kernelName];
  return Math.min(rows, Math.max(1, Math.floor(products / perToken)));
}

// The buffers by name, in numbers per token.
const widths = ({ n_embd: C, vocab_size: V }) => ({
  x: C, // the residual stream
  normed: C,
  qkv: 3 * C,
  mixed: C,
  part: C, // what a part of a block adds to the stream
  hidden: 4 * C,
  logits: V,
});

// How many numbers createForward() asks the kernel for.
export function countForward(config) {
  const rows = rowsAtOnce(config);
  const buffers = Object.values(widths(config)).map((width) => padded(rows * width));
  return buffers.reduce((a, b) => a + b) + padded(config.block_size);
}

// Returns { rows, run }. run(cache, ids, from, count, start) reads ids[from … from + count - 1],
// at most `rows` of them, at positions start …, and adds them to the cache. It returns the logits
// (rows, V): the first `count` rows hold, until the next run.
export function createForward(kernel, config, weights) {
  const { n_embd: C, n_head: heads, vocab_size: V, block_size: B, norm_eps: eps } = config;
  const rows = rowsAtOnce(config, kernel.name);
  const size = C / heads;
  const taken = Object.entries(widths(config)).map(([name, n]) => [name, kernel.floats(rows * n)]);
  const { x, normed, qkv, mixed, part, hidden, logits } = Object.fromEntries(taken);
  const scratch = kernel.floats(B);

  function norm(of, { weight, bias }, count) {
    kernel.layerNorm(normed, of, weight, bias, count, C, eps);
  }

  function attention({ norm1, qkv: project, projection }, { keys, values }, count, start) {
    norm(x, norm1, count);
    kernel.linear(qkv, normed, project.weight, project.bias, count, C, 3 * C);
    storeHeads(keys, qkv, C, 3 * C, count, start, heads, size, B);
    storeHeads(values, qkv, 2 * C, 3 * C, count, start, heads, size, B);
    kernel.attend(mixed, qkv, keys, values, scratch, count, start, heads, size, 3 * C, B);
    kernel.linear(part, mixed, projection.weight, projection.bias, count, C, C);
    kernel.add(x, part, count * C);
  }

  function feedForward({ norm2, expand, compress }, count) {
    norm(x, norm2, count);
    kernel.linear(hidden, normed, expand.weight, expand.bias, count, C, 4 * C);
    kernel.gelu(hidden, hidden, count * 4 * C);
    kernel.linear(part, hidden, compress.weight, compress.bias, count, 4 * C, C);
    kernel.add(x, part, count * C);
  }

  function run(cache, ids, from, count, start) {
    embed(x, ids, from, count, start, weights, C);
    for (let i = 0; i < config.n_layer; i += 1) {
      attention(weights.layers[i], cache.layers[i], count, start);
      feedForward(weights.layers[i], count);
    }
    norm(x, weights.norm, count);
    kernel.linearTransposed(logits, normed, weights.head, count, C, V);
    return logits;
  }

  return { rows, run };
}

function embed(x, ids, from, count, start, { tokens, positions }, C) {
  for (let r = 0; r < count; r += 1) {
    const [token, position, to] = [ids[from + r] * C, (start + r) * C, r * C];
    for (let i = 0; i < C; i += 1) x[to + i] = tokens[token + i] + positions[position + i];
  }
}

// Deals the columns of each row out to the heads of the cache. Row r begins at r · stride + first.
function storeHeads(cache, from, first, stride, count, start, heads, size, capacity) {
  for (let r = 0; r < count; r += 1) {
    for (let head = 0; head < heads; head += 1) {
      const source = r * stride + first + head * size;
      const target = (head * capacity + start + r) * size;
      for (let i = 0; i < size; i += 1) cache[target + i] = from[source + i];
    }
  }
}
