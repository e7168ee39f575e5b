// What a model holds likely to come next, before and after a change made to it.

// The probabilities of row `position` of logits (T, V).
export function probabilitiesAt(logits, V, position) {
  const row = logits.subarray(position * V, (position + 1) * V);
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(row, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function likeliest(probabilities, count) {
  const ids = Array.from(probabilities.keys());
  return ids.sort((a, b) => probabilities[b] - probabilities[a] || a - b).slice(0, count);
}

// The `count` tokens that matter most in either of two distributions, in the order they had before:
// { rows: [{ id, before, after, isActual }], rest: { count, before, after } }. `actual`, the token
// that the text goes on with, is always among them; null where the text ends.
export function compareNext(before, after, count, actual = null) {
  const either = new Set([...likeliest(before, count), ...likeliest(after, count)]);
  const weight = (id) => (id === actual ? 2 : Math.max(before[id], after[id]));
  if (actual !== null) either.add(actual);
  const chosen = [...either].sort((a, b) => weight(b) - weight(a)).slice(0, count);
  chosen.sort((a, b) => before[b] - before[a] || a - b);
  const rows = chosen.map((id) => ({
    id,
    before: before[id],
    after: after[id],
    isActual: id === actual,
  }));
  const left = (name) => Math.max(0, 1 - rows.reduce((sum, row) => sum + row[name], 0));
  const rest = { count: before.length - rows.length, before: left("before"), after: left("after") };
  return { rows, rest };
}

// The mean of -log p of each token of a text given those before it, in nats; null for one token.
export function lossOf(logits, V, ids) {
  let sum = 0;
  for (let t = 1; t < ids.length; t += 1) {
    const start = (t - 1) * V;
    sum += logSumExp(logits, start, V) - logits[start + ids[t]];
  }
  return ids.length > 1 ? sum / (ids.length - 1) : null;
}

function logSumExp(numbers, start, count) {
  let most = -Infinity;
  for (let i = start; i < start + count; i += 1) if (numbers[i] > most) most = numbers[i];
  let total = 0;
  for (let i = start; i < start + count; i += 1) total += Math.exp(numbers[i] - most);
  return most + Math.log(total);
}
