// Why the dot products are divided by √d: in d dimensions they spread √d wide, and a softmax over
// numbers so far apart gives nearly all to one of them. Measured on random vectors.
import { softmax } from "./attention.js";
import { UNHURRIED } from "./slices.js";
import { uniform } from "./uniform.js";

export const DIMENSIONS = [2, 8, 32, 128, 512];
export const QUERIES = 64;
export const KEYS = 8;

// Queries and keys of d independent numbers of mean 0 and variance 1. A generator: it yields now
// and then, and returns the dot products (QUERIES rows of KEYS), their spread (the root of their
// mean square), and the largest of a row's weights, on average, without the division and with it.
export function* dotSpread(d, seed, clock = UNHURRIED) {
  const random = normals(uniform(seed, d));
  const dots = [];
  while (dots.length < QUERIES) {
    const query = Float64Array.from({ length: d }, random);
    const product = () => query.reduce((sum, value) => sum + value * random(), 0);
    dots.push(Array.from({ length: KEYS }, product));
    if (clock.due()) yield;
  }
  const spread = Math.sqrt(mean(dots.flat().map((product) => product * product)));
  const largest = (divisor) =>
    mean(dots.map((row) => Math.max(...softmax(row.map((product) => product / divisor)))));
  const root = Math.sqrt(d);
  return { d, dots, spread, scaledSpread: spread / root, raw: largest(1), scaled: largest(root) };
}

// All of them, the shortest vectors first.
export function* dotSpreads(seed, clock) {
  const spreads = [];
  for (const d of DIMENSIONS) spreads.push(yield* dotSpread(d, seed, clock));
  return spreads;
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

// Normally distributed numbers from uniform ones, two at a time (Box and Muller, 1958).
function normals(next) {
  let spare = null;
  return () => {
    if (spare !== null) {
      const number = spare;
      spare = null;
      return number;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
