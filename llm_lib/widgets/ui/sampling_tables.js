// The sampling lab's pictures as tables.
import { KEPT } from "../engine/sampling.js";
import { amount } from "./amounts.js";
import { fateWords, share } from "./sampling_words.js";
import { grouped } from "./token_text.js";

const MOST = 100; // tokens of the vocabulary with a row of their own

const COLUMNS = [
  "Token",
  "Id",
  "Logit",
  "Before the cuts",
  "Likelier ones hold",
  "Fate",
  "Probability",
];

export function nextTable(found, logits, nameOf) {
  const { order, before, nucleus, fates, probabilities } = found;
  const rows = Array.from(order.subarray(0, MOST), (id) => [
    nameOf(id),
    id,
    amount(logits[id]),
    share(before[id]),
    share(Math.max(0, nucleus.held[id])),
    fateWords(fates[id]),
    share(probabilities[id]),
  ]);
  const rest = order.subarray(MOST);
  const sum = (numbers) => rest.reduce((total, id) => total + numbers[id], 0);
  const kept = rest.reduce((count, id) => count + (fates[id] === KEPT), 0);
  if (rest.length) {
    const fate = `${grouped(kept)} may be drawn`;
    const name = `the other ${grouped(rest.length)}`;
    rows.push([name, "", "", share(sum(before)), "", fate, share(sum(probabilities))]);
  }
  return {
    caption: "The next token, likeliest first",
    columns: COLUMNS,
    rows,
  };
}

export function drawsTable(rows, n) {
  return {
    caption: `${grouped(n)} draws`,
    columns: ["Token", "Drawn", "Expected", "Probability"],
    rows: rows.map(({ name, count, expected, probability }) => [
      name,
      count,
      expected,
      share(probability),
    ]),
  };
}

export function treeTable({ nodes }, nameOf) {
  return {
    caption: "The tree of alternatives",
    columns: ["Path", "Its last step", "All steps together"],
    rows: nodes.map((node) => [
      node.path.map(nameOf).join(""),
      share(node.share),
      share(node.together),
    ]),
  };
}
