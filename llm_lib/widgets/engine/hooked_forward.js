// The forward pass of GPT-2 step by step, every intermediate shown to a hook that may change it.
// The twin of llm_lib/gpt.py with a hook: same names, same shapes, same order.
//
// Each intermediate is an array of its own, so a hook may keep it. The kernel works on copies of a
// few rows in memory that it can address; that costs little beside the products.
import { padded } from "./gpt_weights.js";
import { rowsAtOnce } from "./forward.js";

const stageWidth = ({ n_embd: C, vocab_size: V, block_size: B }) => Math.max(4 * C, V, B);

// How many numbers createHookedForward() asks the kernel for.
export const countHooked = (config) => 2 * padded(rowsAtOnce(config) * stageWidth(config));

// Returns run(cache, ids, start, hook, clock): a generator that reads all ids at positions start …,
// adds them to the cache, yields whenever the clock says that a slice is over, and returns the
// logits (T, V). hook(name, data, shape) may change data in place.
export function createHookedForward(kernel, config, weights) {
  const { n_embd: C, n_head: heads, vocab_size: V, norm_eps: eps } = config;
  const size = C / heads;
  const byRows = createStage(kernel, config);

  const linear = (x, { weight, bias }, T, nIn, nOut, clock) =>
    byRows(x, T, nIn, nOut, clock, (y, part, rows) =>
      kernel.linear(y, part, weight, bias, rows, nIn, nOut),
    );
  const norm = (x, { weight, bias }, T, clock) =>
    byRows(x, T, C, C, clock, (y, part, rows) =>
      kernel.layerNorm(y, part, weight, bias, rows, C, eps),
    );

  // Scores, weights and mixtures of all heads: (h, T, S), (h, T, S), (h, T, d).
  function* mix(queries, cached, T, start, call, clock) {
    const S = start + T;
    const of = (data, head, width) => data.subarray(head * T * width, (head + 1) * T * width);
    const scores = new Float32Array(heads * T * S);
    for (let head = 0; head < heads; head += 1) {
      const product = (y, part, rows) =>
        kernel.linearTransposed(y, part, cached.keysOfHead[head], rows, size, S);
      const query = of(queries, head, size);
      of(scores, head, S).set(yield* byRows(query, T, size, S, clock, product));
    }
    const root = Math.sqrt(size);
    for (let i = 0; i < scores.length; i += 1) scores[i] /= root;
    call("scores", scores, heads, T, S);
    const weighted = new Float32Array(heads * T * S);
    for (let head = 0; head < heads; head += 1) {
      const softmax = (y, part, rows, row) => kernel.softmaxRows(y, part, rows, S, start + row + 1);
      of(weighted, head, S).set(yield* byRows(of(scores, head, S), T, S, S, clock, softmax));
    }
    call("weights", weighted, heads, T, S);
    const mixed = new Float32Array(heads * T * size);
    for (let head = 0; head < heads; head += 1) {
      const product = (y, part, rows) =>
        kernel.linear(y, part, cached.valuesOfHead[head], null, rows, S, size);
      const weightsOfHead = of(weighted, head, S);
      of(mixed, head, size).set(yield* byRows(weightsOfHead, T, S, size, clock, product));
    }
    return call("heads", mixed, heads, T, size);
  }

  function* attention(normed, { qkv, projection }, cached, T, start, call, clock) {
    const all = yield* linear(normed, qkv, T, C, 3 * C, clock);
    const [queries, keys, values] = ["queries", "keys", "values"].map((name, i) =>
      call(name, splitHeads(all, i * C, T, heads, size), heads, T, size),
    );
    store(cached.keysOfHead, keys, T, start, size);
    store(cached.valuesOfHead, values, T, start, size);
    const mixed = yield* mix(queries, cached, T, start, call, clock);
    return yield* linear(joinHeads(mixed, T, heads, size), projection, T, C, C, clock);
  }

  function* feedForward(normed, { expand, compress }, T, call, clock) {
    const hidden = yield* linear(normed, expand, T, C, 4 * C, clock);
    call("hidden", hidden, T, 4 * C);
    const gelu = (y, part, rows) => kernel.gelu(y, part, rows * 4 * C);
    const active = yield* byRows(hidden, T, 4 * C, 4 * C, clock, gelu);
    call("active", active, T, 4 * C);
    return yield* linear(active, compress, T, 4 * C, C, clock);
  }

  function* block(x, layer, cached, T, start, call, clock) {
    const before = call("residual_in", x.slice(), T, C);
    const normed = call("norm1", yield* norm(before, layer.norm1, T, clock), T, C);
    const mixed = yield* attention(normed, layer, cached, T, start, call, clock);
    const between = call("residual_mid", sum(before, call("attention", mixed, T, C)), T, C);
    const again = call("norm2", yield* norm(between, layer.norm2, T, clock), T, C);
    const fed = yield* feedForward(again, layer, T, call, clock);
    return call("residual_out", sum(between, call("feed_forward", fed, T, C)), T, C);
  }

  return function* run(cache, ids, start, hook, clock) {
    const T = ids.length;
    const under = (prefix) => (name, data, ...shape) => {
      hook(prefix + name, data, shape);
      return data;
    };
    const call = under("");
    const tokens = call("embedding.token", gather(weights.tokens, ids, C), T, C);
    const rows = weights.positions.slice(start * C, (start + T) * C);
    const positions = call("embedding.position", rows, T, C);
    let x = call("embedding", sum(tokens, positions), T, C);
    for (let i = 0; i < config.n_layer; i += 1) {
      const layer = weights.layers[i];
      x = yield* block(x, layer, cache.layers[i], T, start, under(`blocks.${i}.`), clock);
    }
    const normed = call("norm", yield* norm(x, weights.norm, T, clock), T, C);
    const head = (y, part, count) =>
      kernel.linearTransposed(y, part, weights.head, count, C, V);
    return call("logits", yield* byRows(normed, T, C, V, clock, head), T, V);
  };
}

// byRows(x, T, nIn, nOut, clock, op) applies op(y, x, rows, firstRow) to a few rows at a time, in
// the kernel's memory, and returns the result (T, nOut).
function createStage(kernel, config) {
  const most = rowsAtOnce(config, kernel.name);
  const [into, out] = [0, 1].map(() => kernel.floats(most * stageWidth(config)));
  return function* byRows(x, T, nIn, nOut, clock, op) {
    const y = new Float32Array(T * nOut);
    for (let row = 0; row < T; row += most) {
      const rows = Math.min(most, T - row);
      into.set(x.subarray(row * nIn, (row + rows) * nIn));
      op(out, into, rows, row);
      y.set(out.subarray(0, rows * nOut), row * nOut);
      if (clock.due()) yield;
    }
    return y;
  };
}

function gather(table, ids, width) {
  const rows = new Float32Array(ids.length * width);
  ids.forEach((id, r) => rows.set(table.subarray(id * width, (id + 1) * width), r * width));
  return rows;
}

function sum(a, b) {
  const total = new Float32Array(a.length);
  for (let i = 0; i < total.length; i += 1) total[i] = a[i] + b[i];
  return total;
}

// (T, 3C), C columns from `first` on, to (h, T, d).
function splitHeads(all, first, T, heads, size) {
  const split = new Float32Array(heads * T * size);
  for (let head = 0; head < heads; head += 1) {
    for (let t = 0; t < T; t += 1) {
      const from = t * 3 * heads * size + first + head * size;
      split.set(all.subarray(from, from + size), (head * T + t) * size);
    }
  }
  return split;
}

// (h, T, d) to (T, C): the heads side by side again.
function joinHeads(mixed, T, heads, size) {
  const joined = new Float32Array(mixed.length);
  for (let head = 0; head < heads; head += 1) {
    for (let t = 0; t < T; t += 1) {
      const from = (head * T + t) * size;
      joined.set(mixed.subarray(from, from + size), (t * heads + head) * size);
    }
  }
  return joined;
}

function store(cacheOfHead, data, T, start, size) {
  cacheOfHead.forEach((cache, head) =>
    cache.set(data.subarray(head * T * size, (head + 1) * T * size), start * size),
  );
}
