// What the plane shows of attention at each step: arrows, what is written at their tips, and help
// lines, all in the vectors' own units. No pixels here.
import { dot } from "./vectors.js";

export const STEPS = ["vectors", "dots", "scale", "mask", "weights", "mixture"];
const RADII = [2, 2.5, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768];
const ORIGIN = [0, 0];
const ALL = [0, 1, 2];

// attention: what attend() returns. Returns { radius, arrows, guides, tips }:
//   arrows  [{ key, kind, from, to, token, label, look }]: label { name, number } or null; an
//           arrow of the same key in two scenes is the same thing, moved; look "faint", "hidden";
//           a label with isBeside stands beside the shaft, others at the tip
//   guides  [{ from, to, token }] dashed
//   tips    where each token's vector ends: there it can be taken hold of
export function sceneOf(attention, { step, query, isPlain }) {
  const { vectors } = attention;
  const drawn = { arrows: [], guides: [], ...PICTURES[step](attention, query, isPlain) };
  if (!isPlain && step !== "vectors") drawn.arrows.unshift(...ALL.map((j) => faint(vectors[j], j)));
  return { ...drawn, radius: radiusOf(attention), tips: vectors };
}

const PICTURES = { vectors, dots, scale, mask, weights, mixture };

function vectors(attention, query, isPlain) {
  const arrows = ALL.map((j) => arrow(`t${j}`, "token", attention.vectors[j], j, { name: j }));
  if (isPlain) return { arrows };
  const parts = [["q", "query", "queries"], ["k", "key", "keys"], ["v", "value", "values"]];
  const own = parts.map(([name, kind, rows]) =>
    arrow(`${name}${query}`, kind, attention[rows][query], query, { text: name }),
  );
  return { arrows: [...arrows, ...own] };
}

function dots(attention, query) {
  const q = attention.queries[query];
  const foot = (k) => {
    const along = dot(q, k) / (dot(q, q) || 1);
    return q.map((value) => along * value);
  };
  const feet = attention.keys.map(foot);
  const ends = [ORIGIN, q, ...feet].sort((a, b) => dot(a, q) - dot(b, q));
  const guides = [
    { from: ends[0], to: ends.at(-1), token: null }, // the line that q lies on
    ...attention.keys.map((k, j) => ({ from: k, to: feet[j], token: j })),
  ];
  return { ...answers(attention, query, attention.dots[query]), guides };
}

function scale(attention, query) {
  return answers(attention, query, attention.scores[query]);
}

function mask(attention, query) {
  return answers(attention, query, attention.masked[query]);
}

function weights(attention, query) {
  const { masked, shares } = attention;
  const hidden = masked[query].map((score) => score === -Infinity);
  return answers(attention, query, shares[query], { isShare: true, hidden });
}

// The query's arrow, and each key's with the number that the key answers with.
function answers({ queries, keys }, query, numbers, { isShare = false, hidden = [] } = {}) {
  const asks = arrow("q", "query", queries[query], query, { text: "q", isBeside: true });
  const answer = (j) => ({
    ...arrow(`t${j}`, "key", keys[j], j, { name: j, number: numbers[j], isShare }),
    look: hidden[j] || numbers[j] === -Infinity ? "hidden" : "",
  });
  return { arrows: [asks, ...ALL.map(answer)] };
}

// The values, the share of each laid head to tail, and where that leads.
function mixture({ values, parts, mixtures, shares }, query) {
  const arrows = ALL.map((j) => ({
    ...arrow(`t${j}`, "value", values[j], j, { name: j }),
    look: "faint",
  }));
  let from = ORIGIN;
  for (const j of ALL) {
    const to = from.map((value, axis) => value + parts[query][j][axis]);
    if (shares[query][j] > 0) arrows.push({ ...arrow(`p${j}`, "part", to, j, null), from });
    from = to;
  }
  arrows.push(arrow("mixture", "mixture", mixtures[query], null, { text: "mixture" }));
  return { arrows };
}

const arrow = (key, kind, to, token, label) => ({
  key,
  kind,
  from: ORIGIN,
  to,
  token,
  label,
  look: "",
});

const faint = (to, j) => ({ ...arrow(`x${j}`, "token", to, j, null), look: "faint" });

// Half the side of the plane: the least round number that leaves room around everything.
function radiusOf({ vectors, queries, keys, values }) {
  const most = Math.max(...[vectors, queries, keys, values].flat(2).map(Math.abs));
  return RADII.find((radius) => radius >= 1.2 * most) ?? 1.2 * most;
}

// The scene a share t of the way from one to another: arrows of the same key move, others appear.
export function between(before, after, t) {
  const mix = (a, b) => a + t * (b - a);
  const place = (a, b) => b.map((value, axis) => mix(a[axis], value));
  const known = new Map(before.arrows.map((arrow) => [arrow.key, arrow]));
  const move = (arrow) => {
    const old = known.get(arrow.key) ?? arrow;
    return { ...arrow, from: place(old.from, arrow.from), to: place(old.to, arrow.to) };
  };
  return {
    radius: mix(before.radius, after.radius),
    arrows: after.arrows.map(move),
    guides: t < 1 ? [] : after.guides,
    tips: after.tips.map((tip, j) => place(before.tips[j], tip)),
  };
}
