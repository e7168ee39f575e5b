// Scaled dot-product attention with every number in between kept: softmax(Q Kᵀ / √d) V, as
// llm_lib/attention.py computes it, in doubles. A matrix is an array of rows.
// Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1.
import { dot, plus } from "./vectors.js";

// x W for each row x; W is (in, out). No W leaves the rows as they are.
export function project(rows, weight) {
  if (!weight) return rows;
  return rows.map((row) => weight[0].map((_, j) => dot(row, weight.map((line) => line[j]))));
}

// The shares of a row of scores, which sum to 1. A row that may look nowhere takes nothing: zeros.
export function softmax(scores) {
  const most = Math.max(...scores);
  if (most === -Infinity) return scores.map(() => 0);
  const powers = scores.map((score) => Math.exp(score - most)); // of numbers ≤ 0: no overflow
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

// weights: { query, key, value }, each (C, d) or null. In what comes back, dots, scores, masked and
// shares are (T, T), a row for each query; parts[i][j] is what query i takes from value j.
export function attend({ vectors, weights, scale, causal }) {
  const [queries, keys, values] = ["query", "key", "value"].map((name) =>
    project(vectors, weights[name]),
  );
  const divisor = scale ? Math.sqrt(keys[0].length) : 1;
  const dots = queries.map((query) => keys.map((key) => dot(query, key)));
  const scores = dots.map((row) => row.map((product) => product / divisor));
  const masked = scores.map((row, i) => row.map((s, j) => (causal && j > i ? -Infinity : s)));
  const shares = masked.map(softmax);
  const parts = shares.map((row) => row.map((share, j) => values[j].map((v) => share * v)));
  const mixtures = parts.map((row) => row.reduce(plus));
  return { vectors, queries, keys, values, divisor, dots, scores, masked, shares, parts, mixtures };
}
