// What the sampling lab says, in the words of the chapter.
import { BY_MIN_P, BY_TEMPERATURE, BY_TOP_K, BY_TOP_P, KEPT } from "../engine/sampling.js";
import { amount, percent, powerText } from "./amounts.js";
import { grouped } from "./token_text.js";

const CUTTERS = {
  [BY_TEMPERATURE]: "temperature 0",
  [BY_TOP_K]: "top-k",
  [BY_TOP_P]: "top-p",
  [BY_MIN_P]: "min-p",
};

export const QUESTION = "Which token comes next, and what may chance choose from?";
export const CAPTION =
  "Solid is what may be drawn, hatched what is cut. Take the temperature to 0, and to 5. Then " +
  "cut the tail off with each of the three limits, here and at the next doubt: which of them " +
  "leaves the model open where it should be, and sure where it is?";

export const quoted = (name) => `“${name}”`;
export const fateWords = (fate) => (fate === KEPT ? "may be drawn" : `cut by ${CUTTERS[fate]}`);

// A probability however small: 13.6 %, 2.1×10⁻⁷.
export const share = (p) => (p >= 0.0005 || p === 0 ? percent(p) : powerText(Math.log(p)));

// A threshold the reader set: 90 %, 0.5 %.
export const limit = (p) => `${Number((100 * p).toFixed(2))}\u202F%`;

// The lines of one token's arithmetic. sum: see arithmetic() in engine/sampling_scene.js.
export function sumLines(sum) {
  const { temperature, keptShare, after, fate } = sum;
  const line = (step, value, verdict = null) => ({ step, value, verdict });
  const lines = [line("Its score, the logit", amount(sum.logit))];
  if (temperature === 0) {
    const verdict = fate === KEPT ? "kept" : "cut";
    const place = fate === KEPT ? "the highest score takes all" : "not the highest score";
    return [...lines, line(`Temperature 0: ${place}`, share(after), verdict)];
  }
  lines.push(
    line(`÷ temperature ${temperature}`, amount(sum.score)),
    line(`e to the power ${amount(sum.score)}`, powerText(sum.score)),
    line(`÷ the sum over all ${grouped(sum.count)}, ${powerText(sum.logSum)}`, share(sum.before)),
    ...limitLines(sum),
  );
  if (fate !== KEPT) return [...lines, line("So it is never drawn", "0")];
  if (keptShare > 1 - 1e-9) return lines;
  return [...lines, line(`÷ what is kept, ${share(keptShare)}`, share(after))];
}

function limitLines({ topK, topP, minP, rank }) {
  const lines = [];
  const add = (step, { isKept }) =>
    lines.push({ step, value: isKept ? "kept" : "cut", verdict: isKept ? "kept" : "cut" });
  if (topK) add(`Top-k ${topK.k}: it ranks ${grouped(rank + 1)}`, topK);
  if (topP) {
    const held = rank === 0 ? "it is the likeliest" : `likelier ones hold ${share(topP.held)}`;
    add(`Top-p ${limit(topP.p)}: ${held}`, topP);
  }
  if (minP) {
    const found = rank === 0 ? "it is the likeliest" : `${ratio(minP.ratio)} of the likeliest`;
    add(`Min-p ${minP.p}: ${found}`, minP);
  }
  return lines;
}

const ratio = (number) => (number < 0.001 ? powerText(Math.log(number)) : number.toPrecision(3));

// How many may be drawn, and what cut the others.
export function tallyWords(tally, count, open) {
  const cuts = [
    [tally.temperature, "temperature 0"],
    [tally.topK, "top-k"],
    [tally.topP, "top-p"],
    [tally.minP, "min-p"],
  ].filter(([number]) => number);
  const cut = cuts.map(([number, name]) => `${name} cuts ${grouped(number)}`).join(", ");
  const all = grouped(count);
  const may = tally.kept === count ? `All ${all}` : `${grouped(tally.kept)} of ${all}`;
  const isSure = open < 1.005;
  const doubt = isSure ? "no doubt is left" : `as open as ${amount(open)} equally likely ones`;
  return `${may} tokens may be drawn: ${doubt}.${cut ? ` Of the others ${cut}.` : ""}`;
}

export const barWords = ({ before, after, fate }, name) =>
  `${quoted(name)}, ${share(before)}, ${fateWords(fate)}, ${share(after)}`;

export const curveWords = ({ rank, before }, name) =>
  `${quoted(name)}, rank ${grouped(rank + 1)}, ${share(before)}`;

// Numbers of a bar, before and after what was cut.
export function barNumbers({ before, after, fate }) {
  if (fate !== KEPT) return { was: `${percent(before)} `, is: CUTTERS[fate] };
  const isChanged = percent(before) !== percent(after);
  return { was: isChanged ? `${percent(before)} → ` : "", is: percent(after) };
}

export function restName(count) {
  return `${grouped(count)} others`;
}

export function drawsWords({ n, variation, byChance, degrees, tail, chiSquare }) {
  if (tail === null) return "Only one outcome is possible: every draw gives it, whatever the seed.";
  return (
    `After ${grouped(n)} draws the counts lie ${percent(variation)} away from theory (total ` +
    `variation: the share of draws that would have to change). Chance alone gives about ` +
    `${percent(byChance)}. χ² is ${amount(chiSquare)} with ${grouped(degrees)} ` +
    `${degrees === 1 ? "degree" : "degrees"} of freedom: fair draws exceed it ${often(tail)}. ` +
    verdict(tail)
  );
}

function often(tail) {
  if (tail > 0.995) return "nearly always";
  const times = Math.round(100 * tail);
  return times === 0 ? "less than once in a hundred times" : `${times} times in a hundred`;
}

function verdict(tail) {
  if (tail < 0.01) return "Rare, and so it comes up with a few seeds; try the next one.";
  return tail < 0.05 ? "Unusual, but no more than that." : "Nothing unusual.";
}

export function pathWords(node, nameOf) {
  const words = quoted(node.path.map(nameOf).join(""));
  if (node.level === 1) return `${words}: ${share(node.together)}.`;
  const factors = node.factors.map(share).join(" × ");
  return `${words}: ${factors} = ${share(node.together)}.`;
}

export function heldWords({ held, rows }) {
  const ways = rows === 1 ? "The path shown holds" : `The ${rows} paths shown hold`;
  return `${ways} ${share(held)} of all that may be written.`;
}

// The settings as Python's generate() takes them, and whether it would write this text:
// { words, call }.
export function pythonWords({ settings, most, isFaithful, count, isOver }) {
  const { temperature, top_k, top_p, min_p, seed } = settings;
  const limits = Object.entries({ top_k, top_p, min_p }).filter(([, value]) => value !== null);
  const said = limits.map(([name, value]) => `, ${name}=${value}`).join("");
  const call =
    `generate(model, ids, ${most}, temperature=${temperature}${said}, seed=${seed}, ` +
    "stop_tokens=[1023])";
  const ending = ENDINGS[isOver] ? `${ENDINGS[isOver]} ` : "";
  if (!count) return { words: "In Python:", call };
  if (isFaithful) return { words: `${ending}Python writes the same with`, call };
  const other = "Not all of it was drawn with these settings and this seed; Replay does that.";
  return { words: `${ending}${other}`, call: "" };
}

const HESITATION =
  "The stronger its line, the more the model hesitated at a token. Choose one to go back to it.";

// What there is to know about the text that is shown.
export function doubtWords(count, cut) {
  const out = `${grouped(cut)} tokens are left out. `;
  const left = cut ? `The model reads the end of your text only: ${out}` : "";
  return count ? left + HESITATION : left;
}

// Which place is looked at. name: of the token that stands there, undefined for the next one.
export function placeWords({ place, state, name, isOver }) {
  if (name !== undefined) {
    return `In the place of ${quoted(name)}, written token ${place + 1} of ${state.steps.length}`;
  }
  return isOver === "full" ? "After the last token that fits the context" : "";
}

// What the button of the chosen token does, or null.
export function takeWords({ place, state, isOver, id, name, isKept }) {
  if (place >= state.steps.length) {
    if (isOver) return null;
    return isKept ? `Write ${quoted(name)}` : `Write ${quoted(name)} all the same`;
  }
  if (state.steps[place].id === id) return `Go back to ${quoted(name)}`;
  return `Take ${quoted(name)} instead`;
}

const ENDINGS = {
  end: "The tale is over.",
  full: "The context is full: the model holds 256 tokens.",
};

// Said when the model has written.
export function endingWords(text, over) {
  return [`Written: ${quoted(text.trim())}.`, ENDINGS[over]].filter(Boolean).join(" ");
}

export const TREE_WAIT = "Reading what may follow …";
export const TREE_FULL = "The context is full: nothing can follow.";
