// How long one more token takes here, on this machine, with a cache and without.

const PIECE = 8; // tokens read in one go: what the engine takes at once
const ROUNDS = 4; // through all lengths; of each the fastest counts: other work only adds time
const SLICE = 8; // milliseconds between two chances for the page to answer the reader

// A generator for runSliced(). Yields { tokens, without, with }, the milliseconds for the last of
// so many tokens as far as they are known, and undefined at each other pause. Both ways compute
// scores at every place that they read, as the accounting counts.
export function* timeTokens(gpt, ids, lengths) {
  const reader = gpt.reader();
  const pieces = Array.from({ length: PIECE + 1 }, (_, n) => {
    return new Float32Array(n * gpt.config.vocab_size);
  });
  const read = (from, to) => {
    reader.readNow(ids.slice(from, to), { into: pieces[to - from] });
  };
  yield* readAll(reader, read, Math.max(...lengths)); // so that the code is compiled and warm
  const fastest = lengths.map((tokens) => ({ tokens, without: Infinity, with: Infinity }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const best of fastest) {
      best.without = Math.min(best.without, yield* readAll(reader, read, best.tokens));
      best.with = Math.min(best.with, readLast(reader, read, best.tokens));
      yield { ...best };
    }
  }
}

// Milliseconds to read a text of so many tokens from its beginning, pauses left out.
function* readAll(reader, read, tokens) {
  reader.truncate(0);
  let spent = 0;
  while (reader.length < tokens) {
    const began = performance.now();
    let now = began;
    while (reader.length < tokens && now - began < SLICE) {
      read(reader.length, Math.min(reader.length + PIECE, tokens));
      now = performance.now();
    }
    spent += now - began;
    yield;
  }
  return spent;
}

// Milliseconds to read the last of them, with all before it in the cache: so often that a clock
// with coarse ticks can tell.
function readLast(reader, read, tokens) {
  const began = performance.now();
  let [spent, times] = [0, 0];
  while (spent < SLICE) {
    reader.truncate(tokens - 1);
    read(tokens - 1, tokens);
    spent = performance.now() - began;
    times += 1;
  }
  return spent / times;
}
