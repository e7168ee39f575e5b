// A model writes on, also beyond its context: a cache, and a window that moves by half a context.
import { windowStart } from "./context_window.js";
import { choose } from "./sampling.js";

const PIECE = 8; // tokens read in one go

// A generator for runSliced(): the ids, continued with the likeliest token until there are `most`.
// Does what llm_lib.generation.generate() does at temperature 0 without stop tokens.
export function* writeOn(gpt, ids, most, clock) {
  const { block_size: blockSize, vocab_size: V } = gpt.config;
  const reader = gpt.reader();
  const written = [...ids];
  let start = 0;
  while (written.length < most) {
    const begin = windowStart(written.length, blockSize);
    if (begin !== start) reader.truncate(0);
    start = begin;
    let logits;
    while (start + reader.length < written.length) {
      const from = start + reader.length;
      logits = reader.readNow(written.slice(from, from + PIECE));
      if (clock.due()) yield;
    }
    written.push(choose(logits.subarray(logits.length - V), 0, { temperature: 0 }));
  }
  return written;
}
