// The state of the block explorer in a link, and out of one. Links get mangled on their way: what
// makes no sense is left out.
import { readPiece } from "../engine/block_edits.js";

const NAME = "blocks";
const LONGEST = 1000; // code units of text that a link carries
const PART = /^(embedding|norm|blocks\.\d{1,4}\.(attention|feed_forward))$/;

export const READINGS = ["stream", "norm", "activation"];

export function blockLink({ text, position, reading, part, off }) {
  const carried = text.slice(0, LONGEST);
  const said = new URLSearchParams({ position, reading, part, off: off.join(" ") });
  said.set("text", carried.toWellFormed?.() ?? carried);
  return `${location.href.split("#")[0]}#${NAME}&${said}`;
}

// Of { text, position, reading, part, off } what a link says.
export function readBlockLink() {
  const said = new URLSearchParams(location.hash.slice(1));
  const read = {};
  if (!said.has(NAME)) return read;
  if (said.has("text")) read.text = said.get("text").slice(0, LONGEST);
  if (/^\d{1,4}$/.test(said.get("position"))) read.position = Number(said.get("position"));
  if (READINGS.includes(said.get("reading"))) read.reading = said.get("reading");
  if (PART.test(said.get("part"))) read.part = said.get("part");
  if (said.has("off")) read.off = said.get("off").split(" ").filter(readPiece).slice(0, 1000);
  return read;
}
