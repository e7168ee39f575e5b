// One text read by a model as it is and by the model changed, for comparison; and by a number of
// changed models in turn. A newer reading stops an older one.

// readOnce(ids, change, signal) resolves to a reading; change null: the model as it is.
// Returns { read, each, stop, stopEach }.
export function createComparedReading(readOnce) {
  let plain = null; // kept as long as the text stays the same
  let work = null;
  let trial = null;

  async function both(ids, change, signal) {
    const key = ids.join();
    if (plain?.key !== key) plain = { key, reading: await readOnce(ids, null, signal) };
    const before = plain.reading;
    return { before, after: change === null ? before : await readOnce(ids, change, signal) };
  }

  return {
    // Resolves to { before, after }, or to null where a newer reading or stop() overtook it.
    read(ids, change) {
      work?.abort();
      work = new AbortController();
      const { signal } = work;
      return both(ids, change, signal).catch(unlessStopped(signal));
    },
    // hear(index, reading) as they come; resolves to whether it came to its end.
    each(ids, changes, hear) {
      trial?.abort();
      trial = new AbortController();
      const { signal } = trial;
      const run = async () => {
        for (const [i, change] of changes.entries()) {
          const reading = await readOnce(ids, change, signal);
          if (signal.aborted) return false;
          hear(i, reading);
        }
        return true;
      };
      return run().catch(unlessStopped(signal));
    },
    stopEach: () => trial?.abort(),
    stop() {
      work?.abort();
      trial?.abort();
    },
  };
}

const unlessStopped = (signal) => (error) => {
  if (!signal.aborted) throw error;
  return null;
};
