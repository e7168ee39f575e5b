// "Prove it" for the model map: this page's arithmetic against counts of real tensors, which
// llm_lib/proofs/model_map.py made.
import { countParameters, forwardFlops } from "../engine/accounting.js";
import { grouped } from "./token_text.js";
import { value as proof } from "asset:proofs/model_map.json";

const total = (amounts) => Object.values(amounts).reduce((sum, amount) => sum + amount, 0);

// { rows: [{ label, difference }], largest, tolerance, against }
export async function proveCounts() {
  const rows = proof.parameters.map(({ label, config, count }) => ({
    label: `${label}: ${grouped(count)} parameters`,
    difference: Math.abs(countParameters(config) - count),
  }));
  const { label, config, n_tokens: tokens, batch_size: batch, count } = proof.flops;
  const flops = total(forwardFlops(config, tokens, 0, batch));
  rows.push({ label: `${label}: ${grouped(count)}`, difference: Math.abs(flops - count) });
  const largest = Math.max(...rows.map(({ difference }) => difference));
  return { rows, largest, tolerance: 0, against: "counts of real PyTorch tensors" };
}
