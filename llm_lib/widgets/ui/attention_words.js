// The arithmetic of attention in words and figures: what stands in each cell of each step.
import { amount, coordinate, percent, powerText, THIN, vectorText } from "./amounts.js";

const NO = "\u2212";

// A factor of a product: a negative one needs its brackets.
const factor = (number) => (number < 0 ? `(${coordinate(number)})` : coordinate(number));

// ln(Σ e^score), so that the sum can be written whatever its size.
function logSum(scores) {
  const most = Math.max(...scores);
  return most + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0));
}

// The label at a tip of the plane.
export function tipText({ text, name, number, isShare }, names) {
  if (text) return text;
  if (number === undefined) return names[name];
  return `${names[name]} ${isShare ? percent(number) : amount(number)}`;
}

// What each step is called and what it does, as a formula.
export const TITLES = {
  vectors: ["Vectors", "q, k and v"],
  dots: ["Dot products", "q · k"],
  scale: ["Scale", "q · k / √d"],
  mask: ["Mask", ""],
  weights: ["Softmax", "weights"],
  mixture: ["Mixture", "Σ weight × v"],
};

// One step for the chosen query, as { cells: [{ main, details, look, share }], result, note }.
// details: lines of pieces [text, part], part being the concept whose colour the piece has, or
// "sup" for a piece that is raised.
export function stepWords(step, attention, { query, names, isPlain, scale, causal }) {
  const cell = CELLS[step](attention, query, { isPlain, scale, causal });
  const words = { query: `“${names[query]}”`, isPlain, scale, causal };
  return { cells: [0, 1, 2].map(cell), result: "", ...NOTES[step](attention, query, words) };
}

// The numbers of one step, for the ear.
export function aboutStep(step, attention, state) {
  const { cells } = stepWords(step, attention, state);
  const numbers = cells.map(({ main }, j) => `${state.names[j]} ${main}`);
  return `${TITLES[step][0]}: ${numbers.join(", ")}.`;
}

const CELLS = {
  vectors: ({ vectors, queries, keys, values }, _, { isPlain }) => (j) => ({
    main: vectorText(vectors[j]),
    part: "tokens",
    details: isPlain
      ? []
      : [
          [[`q ${vectorText(queries[j])}`, "queries"]],
          [[`k ${vectorText(keys[j])}`, "keys"]],
          [[`v ${vectorText(values[j])}`, "values"]],
        ],
  }),
  dots: ({ queries, keys, dots }, i) => (j) => ({
    main: amount(dots[i][j]),
    details: queries[i].map((q, axis) => [
      [axis ? "+ " : ""],
      [factor(q), "queries"],
      ["×"],
      [factor(keys[j][axis]), "keys"],
    ]),
  }),
  scale: ({ dots, scores, divisor }, i, { scale }) => (j) => ({
    main: amount(scores[i][j]),
    details: [[[scale ? `${amount(dots[i][j])} / ${amount(divisor)}` : "as it was"]]],
    look: scale ? "" : "off",
  }),
  mask: ({ masked }, i, { causal }) => (j) => {
    const isHidden = masked[i][j] === -Infinity;
    const why = j === i ? "itself" : j < i ? "came before" : isHidden ? "hidden" : "comes later";
    return {
      main: amount(masked[i][j]),
      details: [[[why]]],
      look: isHidden ? "hidden" : causal ? "" : "off",
    };
  },
  weights: ({ masked, shares }, i) => (j) => {
    const score = masked[i][j];
    const isHidden = score === -Infinity;
    const power = isHidden ? "0" : powerText(score);
    return {
      main: percent(shares[i][j]),
      share: shares[i][j],
      details: [
        [["e"], [amount(score), "sup"], [` = ${power}`]],
        [[`${power} / ${powerText(logSum(masked[i]))}`]],
      ],
      look: isHidden ? "hidden" : "",
    };
  },
  mixture: ({ values, shares, parts }, i) => (j) => ({
    main: vectorText(parts[i][j].map(round)),
    part: "values",
    details: [[[amount(shares[i][j]), "attention"], [" × "], [vectorText(values[j]), "values"]]],
  }),
};

const round = (number) => Math.round(number * 100) / 100;

const NOTES = {
  vectors: (attention, i, { query, isPlain }) => ({
    note: isPlain
      ? "Each token has a vector. For now it is query, key and value in one."
      : "Each vector, times a matrix, becomes a query, a key, a value. " +
        `Drawn are those of ${query}.`,
  }),
  dots: ({ queries }, i, { query }) => ({
    note:
      `${query} asks with q ${vectorText(queries[i])}. A key that points the same way answers ` +
      "with a large number, one at a right angle with 0.",
  }),
  scale: (attention, i, { scale }) => ({
    note: scale
      ? "A vector has d = 2 numbers, √2 = 1.41. It hardly matters here, and much when d is large."
      : "Left out: the dot products go on as they are.",
  }),
  mask: (attention, i, { query, causal }) => ({
    note: causal
      ? `${query} may look at itself and at what came before. What comes later gets ${NO}∞.`
      : "Left out: every token may look at every other, also at what comes later.",
  }),
  weights: ({ masked }, i) => ({
    result: `sum 100${THIN}%`,
    note:
      `Powers of e are never negative. These add up to ${powerText(logSum(masked[i]))}; ` +
      `the share of each is its weight. e to the power of ${NO}∞ is 0.`,
  }),
  mixture: ({ mixtures }, i, { query }) => ({
    result: `sum ${vectorText(mixtures[i].map(round))}`,
    note:
      "Each value, shortened to its weight, head to tail. " +
      `Where they lead is what ${query} takes from all three.`,
  }),
};

// Who gets how much, for the ear.
export function summary({ shares }, query, names) {
  const given = names.map((name, j) => `${name} ${percent(shares[query][j])}`);
  return `Query ${names[query]}: ${given.join(", ")}.`;
}

export function stepsTable(attention, names) {
  const { dots, scores, masked, shares, parts, mixtures } = attention;
  const rows = names.flatMap((asker, i) => [
    ...names.map((name, j) => [
      `${asker} → ${name}`,
      amount(dots[i][j]),
      amount(scores[i][j]),
      amount(masked[i][j]),
      percent(shares[i][j]),
      vectorText(parts[i][j].map(round)),
    ]),
    [`${asker}: sum`, "", "", "", `100${THIN}%`, vectorText(mixtures[i].map(round))],
  ]);
  return {
    caption: "Every query with every key, and the mixtures",
    columns: ["query → key", "q · k", "scaled", "masked", "weight", "weight × v"],
    rows,
  };
}

// The square of all queries and keys at a step: title, texts, shares to shade by, what is hidden.
export function gridWords({ attention, step }) {
  const { masked, shares } = attention;
  const [title, rows] = {
    vectors: ["All queries at once: q · k", attention.dots],
    dots: ["All queries at once: Q Kᵀ", attention.dots],
    scale: ["All queries at once: Q Kᵀ / √d", attention.scores],
    mask: ["All queries at once: the scores that are left", masked],
  }[step] ?? ["All queries at once: weights", null];
  const write = rows ? amount : percent;
  return {
    title,
    texts: (rows ?? shares).map((row) => row.map(write)),
    shares: rows ? null : shares,
    hidden: masked.map((row) => row.map((s) => s === -Infinity && (!rows || rows === masked))),
  };
}
