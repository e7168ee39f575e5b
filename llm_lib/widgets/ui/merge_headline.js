// The merge that was made last, as tokens; and what the marks in the text mean.
import { h } from "./dom.js";
import { pairText } from "./merge_words.js";
import { grouped } from "./token_text.js";

const KEY = "Filled: the newest token. Dashed line: the pair that is merged next.";

// Fills `element`. last: the record of the merge, or null before the first.
export function drawHeadline(element, { step, total, last }, bytesOf) {
  const place = `Merge ${step} of ${total}: `;
  if (!last) {
    element.replaceChildren(total ? `${place}every byte is still a token` : "No pair to merge");
    return;
  }
  const { left, right, joined } = pairText(last.pair, bytesOf);
  const bit = ({ text, isHex }, isNewest) =>
    h("bdi", { class: isHex ? "llm-bit llm-mono" : "llm-bit", "data-newest": isNewest }, text);
  element.replaceChildren(place, bit(left), " + ", bit(right), " → ", bit(joined, true));
}

export function noteWords({ words, wordCount, hasLongWords }) {
  if (wordCount === 0) return "No text: there is nothing to train on.";
  const part = `Drawn: the first ${grouped(words.length)} of ${grouped(wordCount)} words`;
  const notes = [];
  if (words.length < wordCount) notes.push(`${part}; all are counted.`);
  if (hasLongWords) notes.push("Of a very long word only the beginning is drawn.");
  return [KEY, ...notes].join(" ");
}
