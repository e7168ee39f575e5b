// What one window asks of a model: tokens to read, and the token after each of them to say.
import { windowStart } from "./batches.js";

export function windowPair(tokens, plan, window) {
  const start = windowStart(plan, window);
  const end = start + plan.contextSize;
  return { start, inputs: tokens.slice(start, end), targets: tokens.slice(start + 1, end + 1) };
}
