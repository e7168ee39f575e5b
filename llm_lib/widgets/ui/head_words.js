// Words for what attention heads do. Every number in them was measured on the reader's text.
import { percent } from "./amounts.js";

const PLACES = {
  previous: "the token before",
  first: "the first token",
  itself: "itself",
  copy: "an earlier copy of the same token",
  after_copy: "the token after an earlier copy",
  favourite: "whichever token it likes best",
};
const ENOUGH = 3; // tokens that a claim must rest on

export const placeName = (place) => PLACES[place];

// A share in whole percent. What is almost all is not called all.
export function whole(share) {
  if (share > 0 && share < 0.005) return "<\u202F1\u202F%";
  if (share >= 0.995 && share < 1) return ">\u202F99\u202F%";
  return `${Math.round(100 * share)}\u202F%`;
}

// The one place that says most about a head, or null where it has none.
function mainPlace(scores) {
  const places = scores.filter(({ place, count }) => place !== "favourite" && count >= ENOUGH);
  return places.sort((a, b) => b.share - a.share)[0] ?? null;
}

// A few words, for the name of a small picture.
export function headBrief(scores) {
  const main = mainPlace(scores);
  const favourite = scores.find(({ place }) => place === "favourite");
  if (!main) return "too few tokens to measure";
  if (main.share >= 0.5) return `mostly ${PLACES[main.place]}, ${whole(main.share)}`;
  if (favourite.share >= 0.5) return `picks one token, ${whole(favourite.share)}`;
  return `spreads; most for one token, ${whole(favourite.share)}`;
}

// A sentence or two.
export function headSentence(scores, T) {
  const main = mainPlace(scores);
  if (!main) return `With ${T} tokens there is too little to measure: write a few more words.`;
  const favourite = scores.find(({ place }) => place === "favourite");
  if (main.share >= 0.5) {
    const isConditional = main.place === "copy" || main.place === "after_copy";
    return isConditional
      ? `Where a token has occurred before (${main.count} of ${T}), this head looks mostly at ` +
          `${PLACES[main.place]}: ${whole(main.share)}.`
      : `Looks mostly at ${PLACES[main.place]}: ${whole(main.share)} of its attention, on average.`;
  }
  const most = `on average ${whole(favourite.share)} goes to one token`;
  return favourite.share >= 0.5
    ? `Picks one token at a time: ${most}, and no place below gets half.`
    : `Spreads its attention: ${most}, and no place below gets half.`;
}

// looks: see sharpestLooks(); names: of all tokens.
export function sharpestWords(looks, names) {
  const clear = looks.filter(({ share }) => share >= 0.2);
  if (!clear.length) return "";
  const words = clear.map(
    ({ query, key, share }) => `“${names[query]}” → “${names[key]}” ${whole(share)}`,
  );
  return `Sharpest: ${words.join(", ")}.`;
}

// What one token looks at, the largest shares first. entries: [{ name, share }].
export function lookSentence(name, entries, most = 3) {
  const seen = entries.filter(({ share }) => share >= 0.01).sort((a, b) => b.share - a.share);
  const listed = seen.slice(0, most).map((entry) => `${entry.name} ${whole(entry.share)}`);
  return `“${name}” looks at ${listed.join(", ")}${seen.length > most ? ", …" : "."}`;
}

// off: [[layer, head], …]
export function offWords(off) {
  if (!off.length) return "All heads are on.";
  const names = off.map(([layer, head]) => `layer ${layer} head ${head}`);
  const shown = names.slice(0, 6).join(", ");
  return `Off: ${shown}${names.length > 6 ? ` and ${names.length - 6} more` : ""}.`;
}

// What switching heads off did to the next token. rows: those of the bars, in the order before.
export function changeSentence(rows, off) {
  const [top] = [...rows].sort((a, b) => b.before - a.before);
  const now = rows.reduce((a, b) => (b.after > a.after ? b : a));
  const heads = off.length === 1 ? `layer ${off[0][0]} head ${off[0][1]}` : `${off.length} heads`;
  const change = `Without ${heads} “${top.name}” goes from ${percent(top.before)} to `;
  const next = now === top ? "still the likeliest" : `now likeliest: “${now.name}”`;
  return `${change}${percent(top.after)}, ${next}.`;
}

export function lossWords(before, after, isChanged) {
  if (before === null) return "";
  const nats = (loss) => loss.toFixed(2);
  const spent = isChanged ? `${nats(before)} → ${nats(after)}` : nats(after);
  return `Loss over the whole text: ${spent} nats per token.`;
}
