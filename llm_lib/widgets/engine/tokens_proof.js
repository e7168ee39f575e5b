// The ids of this page against those of tiktoken, made from the same merges, and of the library's
// word tokenizer (llm_lib/proofs/tokens.py).
import { value as proof } from "asset:proofs/tokens.json";
import { bookCutters, cutterKey } from "./book_cutters.js";
import { countDiffering, provenExactly } from "./differing.js";
import { UNHURRIED, drain } from "./slices.js";
import { wellFormed } from "./text.js";

const SIZES = proof.cuts.flatMap(({ size }) => size ?? []);

// Returns { rows: [{ label, difference }], largest, tolerance, measured, against }.
export function proveTokens() {
  const cutters = bookCutters(["characters", "bytes", "words", "bpe"], SIZES);
  const cut = (key) =>
    proof.texts.map((text) => drain(cutters.get(key).cut(wellFormed(text), { clock: UNHURRIED })));
  const rows = [
    ...Object.entries(proof.sums).map(([unit, theirs]) => compareSums(theirs, unit, cut(unit))),
    ...proof.cuts.map((theirs) => compareIds(theirs, cut(cutterKey(theirs.unit, theirs.size)))),
  ];
  return provenExactly(rows, { measured: "Numbers that differ", against: proof.against });
}

function compareSums(theirs, unit, cuts) {
  const own = cuts.map(({ count, tokens }) => [count, tokens.reduce((sum, { id }) => sum + id, 0)]);
  const label = `${unit}: how many, and the sum of their ids, in ${theirs.length} texts`;
  return { label, difference: countDiffering(theirs.flat(), own.flat()) };
}

function compareIds({ unit, size, ids }, cuts) {
  const own = cuts.map(({ tokens }) => tokens.map(({ id }) => id));
  const differences = ids.map((theirs, i) => countDiffering(theirs, own[i]));
  const name = unit === "bpe" ? `BPE, vocabulary of ${size}` : unit;
  const label = `${name}: ${ids.flat().length} ids of ${ids.length} texts`;
  return { label, difference: differences.reduce((sum, count) => sum + count, 0) };
}
