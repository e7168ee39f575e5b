// Long work in short slices. A generator does the work and yields whenever a slice is over, so that
// the page can answer the reader in between. Who drives it (a page, a test) is not its concern.

const BUDGET = 8; // milliseconds: half a frame at 60 Hz

// A stop-watch: due() is true when a slice of work has used up its budget. The next slice begins
// with the next question, so the time the page took in between is not held against the work.
export function createClock(budget = BUDGET) {
  let began = performance.now();
  return {
    due() {
      const now = performance.now();
      began ??= now;
      if (now - began < budget) return false;
      began = null;
      return true;
    },
  };
}

// For work that is wanted at once.
export const UNHURRIED = { due: () => false };

// Runs a generator to its end at once and returns its result.
export function drain(generator) {
  for (;;) {
    const { done, value } = generator.next();
    if (done) return value;
  }
}

// Lets the page handle what waits: input, drawing. A message comes back sooner than setTimeout,
// which is held for 4 ms when nested and for a second in a hidden tab.
function breathe() {
  if (globalThis.scheduler?.yield) return globalThis.scheduler.yield();
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

// Runs a generator slice by slice; resolves to its result. `onProgress` hears each yielded value.
// An aborted signal stops it between slices: the promise rejects with the signal's reason.
export async function runSliced(generator, { signal, onProgress } = {}) {
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = generator.next();
    if (done) return value;
    onProgress?.(value);
    await breathe();
  }
}
