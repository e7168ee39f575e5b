// The state of the KV cache figure in a link: which token, which pictures, and the text.
import { readStateLink, stateLink } from "./state_link.js";

const NAME = "cache";
const SHOWN = [null, false, true]; // of the trait `cached`, by their numbers in the link
const LONGEST = 1000; // code units of text that a link carries

export function cacheLink({ text, step, cached }) {
  const carried = text.slice(0, LONGEST);
  const words = encodeURIComponent(carried.toWellFormed?.() ?? carried);
  return `${stateLink(NAME, { step, show: SHOWN.indexOf(cached) })}&text=${words}`;
}

// What the page's address says, by the names of the widget's inputs; {} where it says nothing.
export function readCacheLink(most) {
  const said = new URLSearchParams(location.hash.slice(1));
  const { step, show } = readStateLink(NAME, { step: 0, show: 0 });
  const read = {};
  if (step >= 1 && step <= most) read.step = step;
  if (show < SHOWN.length) read.cached = SHOWN[show];
  if (said.has(NAME) && said.has("text")) read.text = said.get("text").slice(0, LONGEST);
  return read;
}
