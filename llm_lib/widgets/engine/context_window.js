// Which part of a long text a model reads: the twin of llm_lib/context_window.py.

// Where the window on a text of `length` tokens begins. It moves by half a context at once.
export function windowStart(length, blockSize) {
  const hop = Math.max(1, Math.floor(blockSize / 2));
  return Math.ceil(Math.max(0, length - blockSize) / hop) * hop;
}
