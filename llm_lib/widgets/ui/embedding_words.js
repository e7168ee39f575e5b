// What the embedding explorer says in words, and the tables that say the same as its pictures.
import { signed } from "./numbers.js";

const percent = (share) => `${Math.round(100 * share)} %`;

export const tokenName = ({ text, kind }) => (kind ? `${text}, ${kind}` : text);

export const axisNames = (shares) =>
  shares.map((share, i) => `direction ${i + 1}: ${percent(share)} of the spread`);

export const pathAxes = (shares) =>
  `The two directions in which the positions differ most: ${percent(shares[0])} and ` +
  `${percent(shares[1] ?? 0)} of their spread.`;

// One line about a token: where it lies, and how it stands to the chosen one.
export function aboutToken(token, [x, y], cosine, chosen) {
  const place = `${tokenName(token)}: ${signed(x, 2)} across, ${signed(y, 2)} up`;
  return cosine === null
    ? `${place}.`
    : `${place}. Cosine with ${chosen.text}: ${signed(cosine, 2)}.`;
}

export function aboutNear(scene, chosen, near, label) {
  const words = near.map(
    ({ index, cosine }) => `${scene.tokens[index].text} ${signed(cosine, 2)}`,
  );
  return `Nearest to ${tokenName(scene.tokens[chosen])} (${label}): ${words.join(", ")}.`;
}

// Every token: its place, and its nearest neighbour at each snapshot.
export function tokensTable(scene, layout, label, nearest) {
  const rows = scene.tokens.map((token, i) => [
    token.text,
    token.kind,
    signed(layout[i][0], 2),
    signed(layout[i][1], 2),
    ...scene.labels.map((_, s) => {
      const [{ index, cosine }] = nearest(s, i);
      return `${scene.tokens[index].text} ${signed(cosine, 2)}`;
    }),
  ]);
  const columns = scene.labels.map((name) => `nearest, ${name}`);
  return {
    caption: `All tokens, with their places ${label}.`,
    columns: ["token", "kind", "across", "up", ...columns],
    rows,
  };
}

export function positionsTable({ drawn, layout, columns }) {
  const rows = drawn.map((row, i) => [
    i,
    ...layout[i].map((v) => signed(v, 2)),
    ...row.map((v) => signed(v, 3)),
  ]);
  const names = Array.from({ length: columns }, (_, i) => String(i));
  const path = layout[0].map((_, axis) => ["path across", "path up"][axis]);
  return {
    caption: "A row per position: its place on the path, then dimension by dimension.",
    columns: ["position", ...path, ...names],
    rows,
  };
}

export function sumTable(names, vectors, drawn) {
  const rows = vectors[0]
    .slice(0, drawn)
    .map((_, i) => [i, ...vectors.map((vector) => signed(vector[i], 3))]);
  return { caption: `${names[0]} at ${names[1]}.`, columns: ["dimension", ...names], rows };
}
