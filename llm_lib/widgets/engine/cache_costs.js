// What one more token costs a model that keeps keys and values, and one that does not.
import { BYTES, forwardFlops, kvCacheNumbers } from "./accounting.js";
import { windowStart } from "./context_window.js";

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const flopsOf = (...sizes) => sum(Object.values(forwardFlops(...sizes)));

// A text that grows from its first token to `most` tokens, one by one, as llm_lib.generation reads
// it. Returns an array with a cost for each length, [0] for the first token:
//   length     tokens in the text, with the new one
//   start      how many of them lie before the window, and are forgotten
//   held       how many are in the context: the rest
//   isRebuilt  whether the window has moved: then nothing that was kept can be used
//   fresh      { without, with }: columns computed for this token
//   flops      { without, with }: of this token
//   total      { without, with }: FLOPs of all tokens so far
//   bytes      kept after this token, as float32
export function costsOfGrowth(config, most) {
  const total = { without: 0, with: 0 };
  return Array.from({ length: most }, (_, i) => {
    const cost = costOfToken(config, i + 1);
    for (const kind of Object.keys(total)) total[kind] += cost.flops[kind];
    return { ...cost, total: { ...total } };
  });
}

function costOfToken(config, length) {
  const { block_size: blockSize } = config;
  const start = windowStart(length, blockSize);
  const held = length - start;
  const isRebuilt = start !== windowStart(length - 1, blockSize);
  const fresh = { without: held, with: isRebuilt ? held : 1 };
  return {
    length,
    start,
    held,
    isRebuilt,
    fresh,
    flops: {
      without: flopsOf(config, held),
      with: flopsOf(config, fresh.with, held - fresh.with),
    },
    bytes: kvCacheNumbers(config, held) * BYTES.float32,
  };
}
