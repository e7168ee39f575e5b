// The state of the attention explorer in a link, and out of one. Links get mangled on their way:
// what makes no sense is left out.
import { readStateLink, stateLink } from "./state_link.js";

const NAME = "heads";
const LONGEST = 1000; // code units of text that a link carries
const GROUP = 28; // heads whose switches make one whole number

// off: [[layer, head], …]; heads: how many a layer has; text: null where the figure reads none.
export function headsLink({ layer, head, query, off, text }, heads) {
  const groups = new Map();
  for (const [l, i] of off) {
    const bit = l * heads + i;
    const name = `off${Math.floor(bit / GROUP)}`;
    groups.set(name, (groups.get(name) ?? 0) + 2 ** (bit % GROUP));
  }
  const address = stateLink(NAME, { layer, head, query, ...Object.fromEntries(groups) });
  if (text === null) return address;
  const carried = text.slice(0, LONGEST);
  return `${address}&text=${encodeURIComponent(carried.toWellFormed?.() ?? carried)}`;
}

// Of { layer, head, query, text, switches } what a link says; see readOff().
export function readHeadsLink() {
  const said = new URLSearchParams(location.hash.slice(1));
  if (!said.has(NAME)) return {};
  const read = readStateLink(NAME, { layer: 0, head: 0, query: 0 });
  if (said.has("text")) read.text = said.get("text").slice(0, LONGEST);
  const groups = [...said.keys()].filter((key) => /^off\d{1,3}$/.test(key)).slice(0, 1000);
  const values = readStateLink(NAME, Object.fromEntries(groups.map((key) => [key, 0])));
  read.switches = Object.entries(values).map(([key, bits]) => [Number(key.slice(3)), bits]);
  return read;
}

// The heads that the switches of a link say are off, once it is known how many a layer has.
export function readOff(switches, heads) {
  return switches.flatMap(([group, bits]) =>
    Array.from({ length: GROUP }, (_, i) => i)
      .filter((i) => Math.floor(bits / 2 ** i) % 2 === 1)
      .map((i) => group * GROUP + i)
      .map((bit) => [Math.floor(bit / heads), bit % heads]),
  );
}
