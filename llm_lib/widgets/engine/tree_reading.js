// The tree of alternatives of one text at a time, read aside, so that the text itself stays read.
import { LEVELS, readAlternatives } from "./alternatives.js";
import { createPrefixReader } from "./prefix_reader.js";

// Returns { of(ids), read(ids, logits), hasRoom(ids), stop }.
//   of(ids)            the root that was read for these ids, or null
//   read(ids, logits)  resolves to whether there is a new one; false where another call came first
export function createTreeReading(gpt, end) {
  const read = createPrefixReader(gpt);
  let work = new AbortController();
  let [key, root] = [null, null];

  const hasRoom = (ids) => ids.length + LEVELS <= gpt.config.block_size;
  const of = (ids) => (ids.join() === key ? root : null);

  async function readTree(ids, logits) {
    if (ids.join() === key || !hasRoom(ids)) return false;
    work.abort();
    work = new AbortController();
    const { signal } = work;
    [key, root] = [ids.join(), null];
    try {
      root = await readAlternatives(read, ids, { logits, end, signal });
      return !signal.aborted;
    } catch (error) {
      if (!signal.aborted) throw error;
      return false;
    }
  }

  function stop() {
    work.abort();
    if (!root) key = null;
  }

  return { of, read: readTree, hasRoom, stop };
}
