// The whole machine in words: a line for each stage, what is said aloud, and the table.
import { amount, percent } from "./amounts.js";
import { grouped } from "./token_text.js";

export const TITLES = {
  tokens: "Tokens",
  vectors: "Vectors",
  attention: "Attention",
  layers: "Layers",
  scores: "Scores",
  next: "The next word",
};

// What the stages say until the model is there.
export const WAITING = {
  vectors: "Each id becomes a vector, and its position adds another.",
  attention: "Each token looks back at others, and takes what it needs.",
  layers: "Layer after layer adds to the vector what it has found out.",
  scores: "The last vector gives every token of the vocabulary a score.",
};

export const LOADING = "Loading the model, 1.3 MB, once for the whole book …";

const quoted = (name) => `“${name}”`;

export function tokensWords({ cut, written }, limit) {
  if (cut) return `Only the last ${limit - 1} tokens are read, not the ${grouped(cut)} before.`;
  if (!written) return "";
  const tokens = written === 1 ? "1 token" : `${written} tokens`;
  return `Written by the model, underlined twice: ${tokens}.`;
}

export function attentionWords({ names, t, layer, strongest, named }) {
  if (t === 0) return "The first token has nobody to look back at: it takes all from itself.";
  const looks = named.map(({ key, share }) => `${quoted(names[key])} ${percent(share)}`).join(", ");
  const place = `layer ${layer}, head ${strongest.head}`;
  const above = "The same shares underline the tokens above.";
  return `In ${place}, ${quoted(names[t])} takes from ${looks}. ${above}`;
}

export function layersWords({ names, t }) {
  const end = "after each: what the model would say if it stopped there";
  return `How long the vectors are that each layer adds to ${quoted(names[t])}; ${end}.`;
}

export function scoresWords({ scores, range: [low, high], top }, nameOf, pointed) {
  if (pointed !== null) {
    return `Token ${grouped(pointed)}, ${quoted(nameOf(pointed))}: ${amount(scores[pointed])}.`;
  }
  const best = `${amount(high)} for ${quoted(nameOf(top))}`;
  return `${grouped(scores.length)} scores, from ${amount(low)} to ${best}.`;
}

// What the panel of the next word says beside its title.
export function nextWords({ names, t, isLast, follows, temperature }, nameOf) {
  const after = `After ${quoted(names[t])}`;
  if (!isLast) return `${after}; the text goes on with ${quoted(nameOf(follows))}`;
  return temperature === 0 ? after : `${after}, at temperature ${temperature}`;
}

export const spokenNext = ({ next }, nameOf) =>
  `Next word: ${quoted(nameOf(next.rows[0].id))}, ${percent(next.rows[0].share)}.`;

export const spokenWritten = (name, share) => `Written: ${quoted(name)}, ${percent(share)}.`;

export const ENDINGS = {
  end: "The tale ends here: the model wrote its end.",
  full: "The model holds no more tokens than these: take its words back, or shorten the text.",
};

// The picture as a table: the chosen token through all stages, or as long as there is no model the
// tokens alone.
export function machineTable(scene, text) {
  if (!scene) return tokensTable(text.tokens());
  const { nameOf } = text;
  const { names, t, ids, vectors, named, layer, strongest, layers, top, scores, next } = scene;
  const list = (vector) => Array.from(vector.slice(0, 3), amount).join(", ");
  const kinds = ["token", "position", "sum"];
  const head = `layer ${layer}, head ${strongest.head}`;
  const looks = named.map(({ key, share }) => [TITLES.attention, `${head}: ${names[key]}`, share]);
  return {
    caption: `Token ${t} of ${names.length - 1}, ${quoted(names[t])}, through all stages`,
    columns: ["Stage", "What", "Number"],
    rows: [
      [TITLES.tokens, names[t], `id ${ids[t]}`],
      ...vectors.map((vector, i) => [TITLES.vectors, `${kinds[i]}, first three`, list(vector)]),
      ...looks.map(([stage, what, share]) => [stage, what, percent(share)]),
      ...layers.map(({ name, word, share }) => [TITLES.layers, `${name}: ${word}`, percent(share)]),
      ...layers.slice(1).flatMap(({ name, attention, feedForward }) => [
        [TITLES.layers, `${name}: attention adds`, amount(attention)],
        [TITLES.layers, `${name}: feed-forward adds`, amount(feedForward)],
      ]),
      [TITLES.scores, `highest: ${nameOf(top)}`, amount(scores[top])],
      ...next.rows.map(({ id, share }) => [TITLES.next, nameOf(id), percent(share)]),
      [TITLES.next, `the other ${grouped(next.rest.count)}`, percent(next.rest.share)],
    ],
  };
}

const tokensTable = (tokens) => ({
  caption: "The tokens; the model is not here yet",
  columns: ["Token", "Id"],
  rows: tokens.map(({ text, id }) => [text, id]),
});
