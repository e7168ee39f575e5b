// What there is to say about a merge, in the words of the chapter.
import { grouped, tokenText } from "./token_text.js";

const quoted = ({ text }) => `“${text}”`;
export const times = (n) => (n === 1 ? "once" : n === 2 ? "twice" : `${grouped(n)} times`);
const count = (n, noun) => `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;

// A pair of ids as readers see it: { left, right, joined }, each { text, isHex }.
export function pairText([a, b], bytesOf) {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  const joined = new Uint8Array([...left, ...right]);
  return { left: tokenText(left), right: tokenText(right), joined: tokenText(joined) };
}

const plus = ({ left, right }) => `${quoted(left)} + ${quoted(right)}`;

// One sentence for the moment after a merge, for the live region and the slider.
export function momentWords({ step, total, last, corpusLength }, bytesOf) {
  const left = `${count(corpusLength, "token")} in the text.`;
  if (step === 0) return `No merge yet: every byte is a token, ${left}`;
  const pair = pairText(last.pair, bytesOf);
  const made = `${plus(pair)} became ${quoted(pair.joined)}`;
  return `Merge ${step} of ${total}: ${made}; the pair stood ${times(last.count)}. ${left}`;
}

export function sizeWords({ step, vocabSize, corpusLength, bytes }) {
  const rate = corpusLength ? `, ${(bytes / corpusLength).toFixed(2)} bytes per token` : "";
  const sizes = `256 bytes and ${count(step, "merge")} make a vocabulary of ${grouped(vocabSize)}.`;
  return `${sizes} The text is ${count(corpusLength, "token")} long${rate}.`;
}

// Why the best pair is the best. candidates: best first, as training remembers them (ten at most).
export function whyWords({ candidates, tieBreak, isEnd }, bytesOf) {
  if (candidates.length === 0) return "No word has two tokens: there is nothing left to merge.";
  const [winner, runnerUp] = candidates;
  const name = plus(pairText(winner.pair, bytesOf));
  const opening = isEnd
    ? `Training stops here. ${name} would be next`
    : `${name} is next`;
  if (!runnerUp) return `${opening}: it is the only pair left.`;
  const tied = candidates.filter((pair) => pair.count === winner.count).length;
  const reason =
    tied > 1
      ? tieWords({ candidates, tied, tieBreak }, bytesOf)
      : `it stands ${times(winner.count)}, more often than any other pair. ` +
        `Second is ${plus(pairText(runnerUp.pair, bytesOf))}, ${times(runnerUp.count)}.`;
  const memorised = " From here on every merge only memorises this text.";
  return `${opening}: ${reason}${winner.count === 1 ? memorised : ""}`;
}

function tieWords({ candidates, tied, tieBreak }, bytesOf) {
  const [winner, runnerUp] = candidates;
  const some = tied === candidates.length && tied >= 10 ? `${tied} or more` : String(tied);
  const draw = `${some} pairs stand ${times(winner.count)}, and ties go to`;
  if (tieBreak === "first") return `${draw} the pair that stands first in the text.`;
  const side = winner.pair[0] === runnerUp.pair[0] ? 1 : 0;
  const [greater, lesser] = [winner, runnerUp].map(({ pair }) => tokenText(bytesOf(pair[side])));
  return `${draw} the greater bytes: ${quoted(greater)} sorts after ${quoted(lesser)}.`;
}

// How far a word has come. lastMerge: the number of the last merge inside it, or 0.
export function wordWords({ bytes, tokens, finalTokens, lastMerge }) {
  const now = `${count(bytes, "byte")}, ${count(tokens, "token")} now.`;
  if (bytes === 1) return "One byte: there is nothing to merge.";
  if (tokens === 1) return `${now} Merge ${lastMerge} made it one token.`;
  if (tokens === finalTokens) return `${now} No later merge changes it.`;
  const end = finalTokens === 1 ? "one token" : count(finalTokens, "token");
  return `${now} Merge ${lastMerge} is the last in it, and leaves ${end}. Dashed: still to come.`;
}
