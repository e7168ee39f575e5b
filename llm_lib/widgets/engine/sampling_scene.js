// What the sampling lab draws, as numbers: bars, the curve of all tokens, one token's arithmetic.
import { BY_MIN_P, BY_TEMPERATURE, BY_TOP_K, BY_TOP_P, KEPT } from "./sampling.js";

const LOWEST = 1e-10; // probabilities below this are drawn on the floor of the curve

// The `count` likeliest tokens one by one, and all others together. found: a distribution().
export function barsScene(found, count, options) {
  const { order, before, nucleus, probabilities, fates } = found;
  const rows = Array.from(order.subarray(0, count), (id) => ({
    id,
    before: before[id],
    after: probabilities[id],
    fate: fates[id],
    cumulative: nucleus.held[id] + nucleus.probabilities[id],
  }));
  return { rows, rest: together(found, order.subarray(count)), limits: limitsOf(found, options) };
}

function together({ before, probabilities, fates }, ids) {
  const rest = { count: ids.length, kept: 0, before: 0, after: 0, keptBefore: 0 };
  for (const id of ids) {
    rest.before += before[id];
    rest.after += probabilities[id];
    if (fates[id] !== KEPT) continue;
    rest.kept += 1;
    rest.keptBefore += before[id];
  }
  return rest;
}

// Where the limits lie: probabilities, or null where a limit is off. At temperature 0 nothing is
// left for them to cut.
function limitsOf({ before, order }, { temperature, top_k, top_p, min_p }) {
  const isOn = temperature !== 0;
  return {
    topK: isOn && top_k && top_k < order.length ? top_k : null,
    topP: isOn && (top_p ?? 1) < 1 ? top_p : null,
    minP: isOn && min_p ? min_p * before[order[0]] : null,
  };
}

// How many tokens each limit cut, and how many may be drawn.
export function tally({ fates }) {
  const counts = [0, 0, 0, 0, 0];
  for (const fate of fates) counts[fate] += 1;
  return {
    kept: counts[KEPT],
    temperature: counts[BY_TEMPERATURE],
    topK: counts[BY_TOP_K],
    topP: counts[BY_TOP_P],
    minP: counts[BY_MIN_P],
  };
}

// The curve of all tokens, likeliest first, both axes logarithmic, in a square of 0 to 1 with the
// origin on top. Returns { points: [[x, y], …], kept }, a point for each rank; the first `kept` of
// them may be drawn: limits cut from the far end only.
export function curveScene({ order, before, fates }) {
  const points = Array.from(order, (id, rank) => [rankX(rank, order.length), shareY(before[id])]);
  return { points, kept: order.reduce((sum, id) => sum + (fates[id] === KEPT), 0) };
}

// Rank r, counted from 0, lies between r + 1 and r + 2 of the axis: so each has a width.
export const rankX = (rank, count) => Math.log(rank + 1) / Math.log(count + 1);
export const rankAt = (x, count) =>
  Math.max(0, Math.min(count - 1, Math.floor(Math.exp(x * Math.log(count + 1)) - 1)));
export const shareY = (share) => Math.log(Math.max(share, LOWEST)) / Math.log(LOWEST);

// One token from its logit to its probability, each step a number.
export function arithmetic(found, logits, id, options) {
  const { scores, order, rank, before, nucleus, fates, probabilities } = found;
  const temperature = options.temperature ?? 1;
  const most = logits[order[0]];
  const score = temperature ? logits[id] / temperature : null;
  const limits = limitsOf(found, options);
  return {
    id,
    logit: logits[id],
    temperature,
    score,
    // ln Σ exp: the sum itself may be larger than any number of the machine
    logSum: temperature ? most / temperature + logSumOf(scores, scores[order[0]]) : null,
    before: before[id],
    rank: rank[id],
    count: order.length,
    topK: limits.topK && { k: limits.topK, isKept: rank[id] < limits.topK },
    topP: limits.topP !== null && fates[id] !== BY_TOP_K
      ? { p: limits.topP, held: nucleus.held[id], isKept: fates[id] !== BY_TOP_P }
      : null,
    minP: limits.minP !== null && fates[id] !== BY_TOP_K && fates[id] !== BY_TOP_P
      ? { p: options.min_p, ratio: before[id] / before[order[0]], isKept: fates[id] !== BY_MIN_P }
      : null,
    fate: fates[id],
    keptShare: before.reduce((sum, p, i) => sum + (fates[i] === KEPT ? p : 0), 0),
    after: probabilities[id],
  };
}

const logSumOf = (scores, most) =>
  Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0));

// How open the choice is: the number of equally likely tokens that would leave the same doubt.
export function choices(probabilities) {
  const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return Math.exp(entropy);
}
