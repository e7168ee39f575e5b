// The numbers of this page against PyTorch's, for the shipped cases (llm_lib/proofs/attention.py).
import { value as proof } from "asset:proofs/attention.json";
import { attend } from "./attention.js";

const PARTS = [
  ["scores", "scores", "masked"],
  ["weights", "weights", "shares"],
  ["mixtures", "mixtures", "mixtures"],
];

// Returns { rows: [{ label, difference }], largest, tolerance, against }.
export function proveAttention() {
  const pairs = proof.cases.map((given) => [given, attend(given.inputs)]);
  const rows = PARTS.map(([label, theirs, ours]) => {
    const differences = pairs.map(([given, own]) => furthest(given[theirs], own[ours]));
    return { label, difference: Math.max(...differences) };
  });
  const largest = Math.max(...rows.map(({ difference }) => difference));
  return { rows, largest, tolerance: proof.tolerance, against: proof.against };
}

// The largest difference of two matrices; null stands for −∞, which JSON cannot hold.
function furthest(theirs, ours) {
  const differences = theirs.flatMap((row, i) => row.map((number, j) => apart(number, ours[i][j])));
  return Math.max(...differences);
}

function apart(theirs, own) {
  if (theirs === null) return own === -Infinity ? 0 : Infinity;
  return Number.isFinite(own) ? Math.abs(theirs - own) : Infinity;
}
