// The state of the BPE figure in a link: the step, the rule for ties, and a text of the reader's.
import { readStateLink, stateLink } from "./state_link.js";

const LONGEST = 2000; // code units of text that a link carries

// text: null where it is the authored one.
export function mergeLink({ step, tieBreak, text }) {
  const address = stateLink("bpe", { step, first: tieBreak === "first" });
  if (text === null) return address;
  const carried = text.slice(0, LONGEST);
  return `${address}&text=${encodeURIComponent(carried.toWellFormed?.() ?? carried)}`;
}

// What a link says, as inputs of the widget: of { step, tie_break, text } those that it names.
export function readMergeLink() {
  const { step, first } = readStateLink("bpe", { step: 0, first: false });
  const said = new URLSearchParams(location.hash.slice(1));
  const read = {};
  if (step !== undefined) read.step = step;
  if (first !== undefined) read.tie_break = first ? "first" : "lexicographic";
  if (said.has("bpe") && said.has("text")) read.text = said.get("text").slice(0, LONGEST);
  return read;
}
