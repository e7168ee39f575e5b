// The state of the sampling lab in a link, and out of one. Links get mangled on their way: what
// makes no sense is left out.
import { readStateLink, stateLink } from "./state_link.js";

export const VIEWS = ["next", "draws", "tree"];

const NAME = "sampling";
const LONGEST = 1000; // code units of text that a link carries
const MOST = 255; // written tokens that a link carries
const PARTS = 1000; // a link holds whole numbers: thousandths

export function samplingLink({ text, view, seed, temperature, top_k, top_p, min_p, written }) {
  const thousandths = (number) => Math.round(number * PARTS);
  const address = stateLink(NAME, {
    view: VIEWS.indexOf(view),
    seed,
    t: thousandths(temperature),
    k: top_k ?? 0,
    p: thousandths(top_p ?? 1),
    m: thousandths(min_p ?? 0),
  });
  const carried = text.slice(0, LONGEST);
  const words = encodeURIComponent(carried.toWellFormed?.() ?? carried);
  return `${address}&written=${written.slice(0, MOST).join(".")}&text=${words}`;
}

// What the page's address says, by the names of the widget's inputs; {} where it says nothing.
export function readSamplingLink(vocabSize) {
  const said = new URLSearchParams(location.hash.slice(1));
  if (!said.has(NAME)) return {};
  const numbers = { view: 0, seed: 0, t: 0, k: 0, p: 0, m: 0 };
  const { view, seed, t, k, p, m } = readStateLink(NAME, numbers);
  const read = {};
  if (VIEWS[view]) read.view = VIEWS[view];
  if (seed !== undefined) read.seed = seed;
  if (t <= 5 * PARTS) read.temperature = t / PARTS;
  if (k !== undefined) read.top_k = k || null;
  if (p <= PARTS) read.top_p = p === PARTS ? null : p / PARTS;
  if (m <= PARTS) read.min_p = m ? m / PARTS : null;
  if (said.has("text")) read.text = said.get("text").slice(0, LONGEST);
  const ids = (said.get("written") ?? "").split(".").filter((id) => /^\d{1,6}$/.test(id));
  read.written = ids.map(Number).filter((id) => id < vocabSize).slice(0, MOST);
  return read;
}
