// Applying learned merges to the bytes of one piece: the encoder's inner loop.
// The twin of llm_lib/tokenizers/merging.py.
import { createHeap } from "./heap.js";

const NO_RANK = 2 ** 30;
const NOBODY = -1;
const CHECK_EVERY = 2048; // merges between two looks at the clock

// Above this many bytes the heap beats looking at every pair again. Words are far below it.
export const LONG = 192;

// The order of the merges, ready to be asked. ranks.of(a, b) is when the pair was learned: 0 for
// the first merge, NO_RANK for a pair that never merges. Merge number r makes the id 256 + r.
export function createRanks(merges) {
  const stride = 256 + merges.length; // keys below 2 ** 30 are V8's fastest: up to 32 768 tokens
  const rankOf = new Map(merges.map(([a, b], rank) => [a * stride + b, rank]));
  return { count: merges.length, of: (a, b) => rankOf.get(a * stride + b) ?? NO_RANK };
}

// Merges neighbours, the earliest learned pair first and the leftmost where it occurs twice, until
// no pair is left that can merge. It looks at every pair for every merge: quadratic, and the
// fastest for a word, because the arrays are tiny and nothing is allocated. Changes `ids`.
export function mergeShort(ids, ranks) {
  const rankAt = [];
  for (let i = 0; i + 1 < ids.length; i += 1) rankAt.push(ranks.of(ids[i], ids[i + 1]));
  for (;;) {
    let best = NO_RANK;
    let at = NOBODY;
    for (let i = 0; i < rankAt.length; i += 1) {
      if (rankAt[i] < best) {
        best = rankAt[i];
        at = i;
      }
    }
    if (at === NOBODY) return ids;
    ids[at] = 256 + best;
    ids.splice(at + 1, 1);
    rankAt.splice(at, 1);
    if (at > 0) rankAt[at - 1] = ranks.of(ids[at - 1], ids[at]);
    if (at < rankAt.length) rankAt[at] = ranks.of(ids[at], ids[at + 1]);
  }
}

// The same merges for a piece of any length, in n log n: a megabyte without a space must not stop
// the page. The ids form a linked list, so that a merge moves nothing; the pairs wait in a heap.
// An entry is one number, rank · n + position: it sorts by rank, then from left to right. No entry
// is removed when a neighbour merges; one that no longer holds is skipped when it comes out.
// A generator: it yields `progress` when `clock` says that the slice is over.
export function* mergeLong(bytes, ranks, clock, progress) {
  const n = bytes.length;
  const ids = new Int32Array(bytes);
  const next = new Int32Array(n);
  const previous = new Int32Array(n);
  const heap = createHeap((a, b) => a < b);
  const consider = (here, there) => {
    const rank = ranks.of(ids[here], ids[there]);
    if (rank !== NO_RANK) heap.push(rank * n + here);
  };
  let work = 0;
  for (let i = 0; i < n; i += 1) {
    next[i] = i + 1;
    previous[i] = i - 1;
    if (i + 1 < n) consider(i, i + 1);
    if (++work % CHECK_EVERY === 0 && clock.due()) yield progress;
  }
  while (heap.size > 0) {
    if (++work % CHECK_EVERY === 0 && clock.due()) yield progress;
    const entry = heap.pop();
    const here = entry % n;
    const rank = (entry - here) / n;
    const there = next[here];
    if (there === n || ranks.of(ids[here], ids[there]) !== rank) continue;
    ids[here] = 256 + rank;
    ids[there] = NOBODY;
    const after = (next[here] = next[there]);
    if (after < n) {
      previous[after] = here;
      consider(here, after);
    }
    if (previous[here] >= 0) consider(previous[here], here);
  }
  return follow(ids, next);
}

// Walks a linked list from its start: the ids in order, one at a time.
function* follow(ids, next) {
  for (let here = 0; here < ids.length; here = next[here]) yield ids[here];
}
