// Windows over a row of tokens, and batches of windows: the arithmetic of llm_lib/datasets.py.
// A window of T inputs holds T + 1 tokens, since its targets reach one token further.

// Everything that follows from the settings. `batchCount` counts the batches that are kept;
// `stepCount` also counts the last one when it is dropped.
export function planBatches({ length, contextSize, stride, batchSize, dropLast, shuffle, seed }) {
  const fits = length > contextSize;
  const windowCount = fits ? Math.floor((length - 1 - contextSize) / stride) + 1 : 0;
  const full = Math.floor(windowCount / batchSize);
  const stepCount = Math.ceil(windowCount / batchSize);
  return {
    length,
    contextSize,
    stride,
    batchSize,
    windowCount,
    stepCount,
    batchCount: dropLast ? full : stepCount,
    order: shuffle ? torchShuffle(windowCount, seed) : Array.from({ length: windowCount }, same),
  };
}

const same = (_, i) => i;

export const windowStart = (plan, window) => window * plan.stride;

// The windows of one batch, in the order of its rows.
export function batchWindows({ order, batchSize }, batch) {
  return order.slice(batch * batchSize, (batch + 1) * batchSize);
}

// Where a window ends up: { batch, row }.
export function placeOf({ order, batchSize }, window) {
  const place = order.indexOf(window);
  return { batch: Math.floor(place / batchSize), row: place % batchSize };
}

// How often each token is an input of `windows`. A token is a target exactly as often as the token
// before it is an input, so this one row of counts says both.
export function inputCounts(plan, windows) {
  const steps = new Int32Array(plan.length + 1);
  for (const window of windows) {
    steps[windowStart(plan, window)] += 1;
    steps[windowStart(plan, window) + plan.contextSize] -= 1;
  }
  const counts = new Int32Array(plan.length);
  let open = 0;
  for (let i = 0; i < counts.length; i++) counts[i] = open += steps[i];
  return counts;
}

// What becomes of every token, as numbers and as `fates`, one word per token:
// "used", "dropped" (only in windows of the dropped batch), "skipped" (between two windows) or
// "left over" (too few tokens remain for another window).
export function account(plan) {
  const kept = plan.order.slice(0, plan.batchCount * plan.batchSize);
  const inputsOfAll = inputCounts(plan, plan.order);
  const inputsOfKept = inputCounts(plan, kept);
  const end = (plan.windowCount - 1) * plan.stride + plan.contextSize; // the last target
  const isIn = (counts, i) => counts[i] > 0 || (i > 0 && counts[i - 1] > 0);
  const fates = Array.from({ length: plan.length }, (_, i) => {
    if (isIn(inputsOfKept, i)) return "used";
    if (isIn(inputsOfAll, i)) return "dropped";
    return plan.windowCount > 0 && i < end ? "skipped" : "left over";
  });
  const count = (fate) => fates.filter((other) => other === fate).length;
  return {
    fates,
    inputsOfAll,
    droppedWindows: plan.order.slice(kept.length),
    predictions: kept.length * plan.contextSize,
    distinctTargets: inputsOfKept.subarray(0, -1).filter((n) => n > 0).length,
    readAgain: inputsOfAll.filter((n) => n > 1).length,
    skipped: count("skipped"),
    leftOver: count("left over"),
    dropped: count("dropped"),
  };
}

// What a strip shows of each token i: the window or the loss that starts there, how often it is an
// input, its role in the windows of this batch, its fate, its place in the chosen window.
export function tokenLooks({ plan, sums, windows }, chosen) {
  const inputs = inputCounts(plan, windows);
  const start = chosen === undefined ? -Infinity : windowStart(plan, chosen);
  const end = start + plan.contextSize;
  return (i) => {
    const isTarget = i > 0 && inputs[i - 1] > 0;
    const role = inputs[i] ? (isTarget ? "both" : "input") : isTarget ? "target" : undefined;
    const fate = sums.fates[i] === "used" ? undefined : sums.fates[i];
    const turn = fate && fate !== sums.fates[i - 1] ? fate : "";
    const edge = i === start ? "first" : i === end ? "last" : "inside";
    const window = i / plan.stride;
    const starts = Number.isInteger(window) && window < plan.windowCount ? `w${window} ` : "";
    const times = sums.inputsOfAll[i];
    const isChosen = i >= start && i <= end;
    return { mark: starts + turn, times, role, fate, edge: isChosen ? edge : undefined };
  };
}

// The order of the first epoch of create_dataloader(shuffle=True, seed=seed): the generator gives
// two numbers to the loader's workers, then torch.randperm takes over (Fisher and Yates' shuffle).
export function torchShuffle(count, seed) {
  const random = mersenneTwister(seed);
  random();
  random();
  const order = Array.from({ length: count }, same);
  for (let i = 0; i < count - 1; i++) {
    const j = i + (random() % (count - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

// MT19937, the generator of torch.Generator on a CPU: whole numbers of 32 bits.
// Matsumoto and Nishimura, "Mersenne Twister" (1998).
function mersenneTwister(seed) {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  }
  let at = 624;
  return () => {
    if (at === 624) at = twist(state);
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

function twist(state) {
  for (let k = 0; k < 624; k++) {
    const y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
    state[k] = state[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
  return 0;
}
