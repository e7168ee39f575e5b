// The logit lens (nostalgebraist, 2020): what would a model say next if it stopped at this vector?
import { replace } from "./edits.js";

// Returns lens(vectors): for each vector (C) of a stream the logits (V) that the last norm and the
// head make of it.
export function createLens(gpt) {
  const { n_layer: layers, n_embd: C, vocab_size: V } = gpt.config;
  const reader = gpt.reader();
  return (vectors) => {
    const rows = new Float32Array(vectors.length * C);
    vectors.forEach((vector, i) => rows.set(vector, i * C));
    reader.truncate(0);
    // Any text will do: what stands in the place of the last layer's output are our vectors.
    const hook = replace(`blocks.${layers - 1}.residual_out`, rows);
    const logits = reader.readNow(vectors.map(() => 0), { hook });
    return vectors.map((_, i) => logits.slice(i * V, (i + 1) * V));
  };
}
