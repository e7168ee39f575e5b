// Many wishes, one answer: however often it is asked within a task, `run` runs once after it, and
// not at all where the figure has ended meanwhile.
export function soon(run, signal) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return; // several values set at once are one change
    isWaiting = true;
    queueMicrotask(() => {
      isWaiting = false;
      if (!signal?.aborted) run();
    });
  };
}
