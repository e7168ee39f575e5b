// Many draws from one distribution, and how far their counts may lie from it by chance.
import { sampler } from "./sampling.js";
import { uniform } from "./uniform.js";

const LEAST = 5; // expected draws that a cell of the χ² test needs: the usual rule of thumb

// How often each token comes up in `count` draws with a seed: Int32Array by id.
export function countDraws(probabilities, seed, count) {
  const [draw, next] = [sampler(probabilities), uniform(seed)];
  const counts = new Int32Array(probabilities.length);
  for (let i = 0; i < count; i += 1) counts[draw(next())] += 1;
  return counts;
}

// Counts beside theory:
//   variation    total variation: half the sum of |share drawn - probability|
//   byChance     what it is on average by chance alone, if each count is nearly normal
//   chiSquare, degrees, tail   Pearson's test; `tail` is how often chance does worse, null where
//                              only one outcome is possible
export function compareCounts(counts, probabilities) {
  const n = counts.reduce((a, b) => a + b, 0);
  let [variation, byChance] = [0, 0];
  probabilities.forEach((p, id) => {
    variation += Math.abs(counts[id] / n - p) / 2;
    // A normal deviation of variance p(1 - p)/n has this mean; a token that hardly ever comes up
    // is off by p when it does not, and by 1/n when it does.
    byChance += Math.min(Math.sqrt((2 * p * (1 - p)) / (Math.PI * n)), 2 * p * (1 - p)) / 2;
  });
  const cells = cellsOf(counts, probabilities, n);
  const chiSquare = cells.reduce(
    (sum, [count, expected]) => sum + (count - expected) ** 2 / expected,
    0,
  );
  const degrees = cells.length - 1;
  const tail = degrees ? chiTail(chiSquare, degrees) : null;
  return { n, variation, byChance, chiSquare, degrees, tail };
}

// [count, expected] of the tokens that are expected often enough; the others go together.
function cellsOf(counts, probabilities, n) {
  const cells = [];
  const rest = [0, 0];
  probabilities.forEach((p, id) => {
    if (n * p >= LEAST) cells.push([counts[id], n * p]);
    else [rest[0], rest[1]] = [rest[0] + counts[id], rest[1] + n * p];
  });
  if (rest[1] >= LEAST || !cells.length) return [...cells, rest];
  const smallest = cells.reduce((a, b) => (b[1] < a[1] ? b : a));
  [smallest[0], smallest[1]] = [smallest[0] + rest[0], smallest[1] + rest[1]];
  return cells;
}

// The probability that χ² with so many degrees of freedom exceeds x: one minus the regularised
// lower incomplete gamma function, by its power series (Abramowitz and Stegun, 6.5.29).
export function chiTail(x, degrees) {
  const [a, z] = [degrees / 2, x / 2];
  if (z <= 0) return 1;
  const first = Math.exp(a * Math.log(z) - z - logGamma(a + 1));
  if (first === 0) return z > a ? 0 : 1;
  let [term, sum] = [first, first];
  for (let n = 1; term > sum * 1e-16 || n < z - a; n += 1) sum += term *= z / (a + n);
  return Math.max(0, 1 - sum);
}

// ln Γ of whole and half numbers above 0, from Γ(1) = 1 and Γ(½) = √π.
function logGamma(number) {
  let sum = Number.isInteger(number) ? 0 : Math.log(Math.PI) / 2;
  for (let k = Number.isInteger(number) ? 1 : 0.5; k < number; k += 1) sum += Math.log(k);
  return sum;
}
