// From scores to the next token: the twin of llm_lib/sampling.py, which says what each step is, who
// proposed it, and how equal scores are ordered. All is done in float64, as there.

// Why a token may not be drawn, as `fates` of a distribution numbers it.
export const KEPT = 0;
export const BY_TEMPERATURE = 1; // temperature 0 leaves the likeliest alone
export const BY_TOP_K = 2;
export const BY_TOP_P = 3;
export const BY_MIN_P = 4;

// options: { temperature, top_k, top_p, min_p }; null, or left out, for no limit.
// Returns the whole distribution with the steps that led to it, arrays indexed by token id:
//   scores         the logits after the temperature
//   order, rank    ids, likeliest first; and the place of each id in it
//   before         probabilities after the temperature, before anything is cut
//   nucleus        what top-p looks at: { probabilities, held }, `held` by the likelier ones
//   fates          KEPT, or what cut the token first
//   probabilities  what the token is drawn from
export function distribution(logits, { temperature = 1, top_k, top_p, min_p } = {}) {
  requireFinite(logits);
  if (temperature === 0) return greedy(logits);
  const scores = applyTemperature(Float64Array.from(logits), temperature);
  const order = likeliestFirst(scores);
  const fates = new Uint8Array(scores.length);
  const before = softmax(scores, fates);
  cutTopK(fates, order, top_k);
  const nucleus = nucleusOf(softmax(scores, fates), order);
  cutTopP(fates, order, nucleus.held, top_p);
  cutMinP(fates, scores, scores[order[0]], min_p);
  const probabilities = softmax(scores, fates);
  return { scores, order, rank: ranks(order), before, nucleus, fates, probabilities };
}

export const nextTokenProbabilities = (logits, options) =>
  distribution(logits, options).probabilities;

// The next token by one number in [0, 1): what distribution() and sampler() give together.
export function choose(logits, number, options) {
  return sampler(nextTokenProbabilities(logits, options))(number);
}

// Draws from one distribution any number of times. Returns number -> id: the first id whose
// cumulative probability is above number · total, as llm_lib/uniform.py sets down.
export function sampler(probabilities) {
  const cumulative = running(probabilities);
  const total = cumulative.at(-1);
  return (number) => {
    const point = number * total;
    let [low, high] = [0, cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (point < cumulative[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function applyTemperature(scores, temperature) {
  if (temperature === 1) return scores;
  const most = largest(scores);
  return scores.map((score) => (score - most) / temperature);
}

function cutTopK(fates, order, k) {
  if (k) for (const id of order.subarray(k)) fates[id] = BY_TOP_K;
}

// A token stays if the likelier ones hold less than p; the first always does.
function cutTopP(fates, order, held, p) {
  if ((p ?? 1) === 1) return;
  for (const id of order.subarray(1)) if (held[id] >= p) fates[id] ||= BY_TOP_P;
}

// A ratio of probabilities is a difference of scores.
function cutMinP(fates, scores, most, minP) {
  if (!minP) return;
  const lowest = most + Math.log(minP);
  scores.forEach((score, id) => {
    if (score < lowest) fates[id] ||= BY_MIN_P;
  });
}

function nucleusOf(probabilities, order) {
  const held = new Float64Array(order.length);
  const cumulative = running(Float64Array.from(order, (id) => probabilities[id]));
  order.forEach((id, i) => (held[id] = cumulative[i] - probabilities[id]));
  return { probabilities, held };
}

// Over the tokens that are still kept.
function softmax(scores, fates) {
  const most = largest(scores); // the likeliest token is never cut
  const powers = scores.map((score, id) => (fates[id] === KEPT ? Math.exp(score - most) : 0));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function greedy(logits) {
  const scores = Float64Array.from(logits);
  const order = likeliestFirst(scores);
  const fates = new Uint8Array(scores.length).fill(BY_TEMPERATURE);
  fates[order[0]] = KEPT;
  const rank = ranks(order);
  const probabilities = softmax(scores, fates);
  const nucleus = nucleusOf(probabilities, order);
  return { scores, order, rank, before: probabilities, nucleus, fates, probabilities };
}

// Ids by score; of equals the lower id first.
function likeliestFirst(scores) {
  return Int32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
}

function ranks(order) {
  const rank = new Int32Array(order.length);
  order.forEach((id, i) => (rank[id] = i));
  return rank;
}

function running(numbers) {
  let sum = 0;
  return numbers.map((number) => (sum += number));
}

const largest = (numbers) => numbers.reduce((a, b) => Math.max(a, b), -Infinity);

function requireFinite(logits) {
  if (Number.isFinite(largest(logits))) return; // NaN stays NaN in Math.max
  throw new Error(
    logits.length === 0
      ? "there are no logits: give one for each token"
      : "logits hold NaN or +inf, or nothing above -inf: look at the model's weights",
  );
}
