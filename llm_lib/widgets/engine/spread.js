// How the numbers of a vector are spread: their mean, their usual distance from it, a histogram.

// { mean, deviation, length }: the standard deviation divides by n, as layer norm does.
export function spreadOf(numbers) {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
  return { mean, deviation: Math.sqrt(variance), length: lengthOf(numbers) };
}

export const lengthOf = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0));

// How many of the numbers lie in each of `bins` equal parts of [low, high]. What lies outside
// counts in the part at that end.
export function histogram(numbers, low, high, bins) {
  const counts = new Array(bins).fill(0);
  for (const x of numbers) {
    const bin = Math.floor(((x - low) / (high - low)) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))] += 1;
  }
  return counts;
}
