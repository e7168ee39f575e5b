// What a figure remembers on this device. A browser may refuse storage (private windows, some
// file:// pages): then the memory lasts as long as the page.

const PREFIX = "llm-book:";
const memory = new Map();

export function recall(key) {
  try {
    return localStorage.getItem(PREFIX + key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

// `value` null forgets.
export function remember(key, value) {
  if (value === null) memory.delete(key);
  else memory.set(key, value);
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    // Full or forbidden: the copy in memory serves.
  }
}

// Calls `listener(value)` when another tab changes the key.
export function onOtherTab(key, listener, signal) {
  addEventListener(
    "storage",
    (event) => {
      if (event.key === PREFIX + key) listener(event.newValue);
    },
    { signal },
  );
}
