// What the blocks of a model do to every token of a text, with some of their pieces left out.
import { leaveOut } from "./block_edits.js";
import { compose } from "./edits.js";

const OF_BLOCK = [
  ...["residual_in", "norm1", "attention", "residual_mid"],
  ...["norm2", "hidden", "active", "feed_forward", "residual_out"],
];
const KEPT = new RegExp(`^(embedding(\\.\\w+)?|norm|blocks\\.\\d+\\.(${OF_BLOCK.join("|")}))$`);

// off: names of pieces, see block_edits.js. Resolves to { T, vector(name, t), logits }: the
// numbers of an intermediate at position t, and logits (T, V).
export async function readBlocks(gpt, ids, off, signal) {
  const found = new Map();
  const keep = (name, data) => {
    if (KEPT.test(name)) found.set(name, data); // an array of its own: it may be kept
  };
  const hook = off.length ? compose(leaveOut(off), keep) : keep;
  const logits = await gpt.reader().read(ids, { hook, signal });
  const vector = (name, t) => {
    const data = found.get(name);
    const width = data.length / ids.length;
    return data.subarray(t * width, (t + 1) * width);
  };
  return { T: ids.length, vector, logits };
}
