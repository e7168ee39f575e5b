// The state of a figure in a link: …#batches&context_size=4&stride=2. Whole numbers and switches.

export function stateLink(name, state) {
  const pairs = Object.entries(state).map(([key, value]) => `${key}=${Number(value)}`);
  return `${location.href.split("#")[0]}#${[name, ...pairs].join("&")}`;
}

// What a link says of the keys of `state`, or {}. A value that is no whole number is left out:
// links get mangled on their way.
export function readStateLink(name, state) {
  const said = new URLSearchParams(location.hash.slice(1));
  const read = {};
  if (!said.has(name)) return read;
  for (const [key, value] of Object.entries(state)) {
    const text = said.get(key) ?? "";
    if (!/^\d{1,9}$/.test(text)) continue;
    read[key] = typeof value === "boolean" ? text !== "0" : Number(text);
  }
  return read;
}
