// The batches of this page against those of PyTorch's DataLoader (llm_lib/proofs/batches.py).
import { value as proof } from "asset:proofs/batches.json";
import { account, batchWindows, planBatches } from "./batches.js";
import { countDiffering, provenExactly } from "./differing.js";
import { windowPair } from "./window_pair.js";

// Returns { rows: [{ label, difference }], largest, tolerance, measured, against }.
export function proveBatches() {
  const plans = proof.cases.map(({ setting }) => planOf(setting));
  const rows = proof.cases.map(({ setting, batches }, i) => ({
    label: `${describe(setting)}: ${batches.flat(3).length} ids`,
    difference: countDiffering(batches.flat(3), batchesOf(plans[i]).flat(3)),
  }));
  const theirs = proof.cases.flatMap(({ sums }) => Object.values(sums));
  const own = proof.cases.flatMap(({ sums }, i) => sameSums(sums, account(plans[i])));
  rows.push({
    label: "predictions, distinct targets, tokens left over",
    difference: countDiffering(theirs, own),
  });
  return provenExactly(rows, { measured: "Numbers that differ", against: proof.against });
}

function planOf({ length, context_size, stride, batch_size, drop_last, shuffle, seed }) {
  const [contextSize, batchSize, dropLast] = [context_size, batch_size, drop_last];
  return planBatches({ length, contextSize, stride, batchSize, dropLast, shuffle, seed });
}

// [inputs, targets] of each batch; the id of a token is its place in the text.
function batchesOf(plan) {
  const tokens = Array.from({ length: plan.length }, (_, i) => i);
  return Array.from({ length: plan.batchCount }, (_, batch) => {
    const pairs = batchWindows(plan, batch).map((window) => windowPair(tokens, plan, window));
    return [pairs.map(({ inputs }) => inputs), pairs.map(({ targets }) => targets)];
  });
}

const sameSums = (sums, own) => Object.keys(sums).map((name) => own[name]);

function describe({ context_size, stride, batch_size, drop_last, shuffle, seed }) {
  return [
    `context ${context_size}, stride ${stride}, batches of ${batch_size}`,
    !drop_last && "the last kept",
    shuffle && `shuffled with seed ${seed}`,
  ].filter(Boolean).join(", ");
}
