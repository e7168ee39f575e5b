// The proof that the page computes what PyTorch computes: the model reads the prompts that
// llm_lib/storyteller_proof.py read, and some numbers of every intermediate are compared.
import { trace } from "./trace.js";

export const TOLERANCE = 1e-4;
const TURN = (Math.sqrt(5) - 1) / 2; // multiples of it fall all over [0, 1)

// Resolves to { rows: [{ label, difference }], largest, tolerance, against }: the largest
// difference among all layers for each kind of intermediate. Rejects if one is missing.
export async function prove(gpt, proof, { signal } = {}) {
  if (!proof) throw new Error("this model was shipped without numbers to compare with");
  const worst = new Map(); // kind -> difference
  for (const { ids, values } of proof.prompts) {
    const found = await trace(gpt, ids, { signal });
    for (const [name, expected] of Object.entries(values)) {
      const kind = name.replace(/^blocks\.\d+\./, "");
      const difference = largestDifference(name, found.get(name), decode(expected));
      worst.set(kind, Math.max(worst.get(kind) ?? 0, difference));
    }
  }
  const rows = Array.from(worst, ([label, difference]) => ({ label, difference }));
  const largest = Math.max(...worst.values());
  return { rows, largest, tolerance: TOLERANCE, against: proof.against };
}

function largestDifference(name, intermediate, expected) {
  if (!intermediate) throw new Error(`the page computes no ${name}`);
  const { data } = intermediate;
  // Math.max keeps a NaN, where > would pass over it.
  return expected.reduce(
    (worst, value, k) => Math.max(worst, Math.abs(value - data[entry(k, data.length)])),
    0,
  );
}

// Which of `size` numbers is the k-th that is compared.
const entry = (k, size) => Math.floor((((k + 1) * TURN) % 1) * size);

function decode(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}
