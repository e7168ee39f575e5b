// The merges that this page learns against those that the library's trainer learns from the same
// texts (llm_lib/proofs/merges.py).
import { value as proof } from "asset:proofs/merges.json";
import { countDiffering, provenExactly } from "./differing.js";
import { replaySliced } from "./merge_replay.js";
import { drain } from "./slices.js";

const OPENING = 15; // code units of a text that name it
const RULES = { lexicographic: "the greater bytes", first: "the first in the text" };

// Returns { rows: [{ label, difference }], largest, tolerance, measured, against }.
export function proveMerges() {
  const rows = proof.trainings.map(({ text, tie_break: tieBreak, merges }) => ({
    label: `${merges.length} merges of ${named(proof.texts[text])}, ties to ${RULES[tieBreak]}`,
    difference: countDiffering(merges.map(String), learn(proof.texts[text], tieBreak).map(String)),
  }));
  return provenExactly(rows, { measured: "Merges that differ", against: proof.against });
}

// A merge counts as the same if the pair, its count and the tokens that remain are the same.
function learn(text, tieBreak) {
  const replay = drain(replaySliced(text, { tieBreak, maxMerges: proof.max_merges }));
  return replay.history.map(({ pair, count, corpusLength }) => [...pair, count, corpusLength]);
}

const named = (text) =>
  text.length > OPENING ? `“${text.slice(0, OPENING).trimEnd()}…”` : `“${text}”`;
