// A training as a table, for figure(): one row for each merge.
import { pairText } from "./merge_words.js";
import { grouped } from "./token_text.js";

const REASONS = {
  count: "count",
  lexicographic: "tie: greater bytes",
  first: "tie: first in text",
};
const COLUMNS = [
  ...["merge", "left", "right", "new token", "count"],
  ...["second", "won by", "tokens", "vocabulary"],
];

// step: the moment that the figure shows.
export function mergeTable({ history, lengths, bytesOf }, step) {
  return {
    caption: `All ${history.length} merges. The figure shows the moment after merge ${step}.`,
    columns: COLUMNS,
    rows: history.map((made) => {
      const { left, right, joined } = pairText(made.pair, bytesOf);
      return [
        made.step === step ? `${made.step} (shown)` : made.step,
        left.text,
        right.text,
        joined.text,
        grouped(made.count),
        made.runnerUp ? rival(made.runnerUp, bytesOf) : "–",
        REASONS[made.decidedBy],
        grouped(lengths[made.step]),
        grouped(made.vocabSize),
      ];
    }),
  };
}

function rival({ pair, count }, bytesOf) {
  const { left, right } = pairText(pair, bytesOf);
  return `${left.text} + ${right.text}, ${grouped(count)}`;
}
