// What the embedding explorer shows, computed once from its inputs: tokens with their kinds, the
// plane of directions through training, and the positions on theirs.
import { directionPlane, largest, pca, plus, project, unit, unpack } from "./vectors.js";

const DRAWN = 64; // rows and columns of a field of cells: more could not be told apart

// inputs: { tokens, groups, snapshots, positions } as on the wire.
export function readScene({ tokens, groups, snapshots, positions }) {
  const kinds = [...new Set(tokens.map((token) => groups[token] ?? ""))];
  const vectors = snapshots.map(unpack); // of each snapshot: V rows of C numbers
  // The plane and the cosines know directions only: there every vector has length 1.
  const directions = vectors.map((rows) => rows.map(unit));
  const { layouts, shares } = directionPlane(directions);
  return {
    tokens: tokens.map((token) => ({
      token,
      kind: groups[token] ?? "",
      shape: kinds.indexOf(groups[token] ?? ""),
    })),
    kinds,
    labels: snapshots.map(({ label }) => label),
    vectors,
    directions,
    layouts,
    shares,
    extent: layouts.flat(), // one frame for all snapshots, so that nothing jumps between them
    positions: positions && readPositions(unpack(positions)),
  };
}

function readPositions(rows) {
  const { mean, components, shares } = pca(rows);
  const drawn = rows.slice(0, DRAWN).map((row) => row.slice(0, DRAWN));
  return {
    rows,
    drawn,
    columns: drawn[0].length,
    most: largest(rows),
    layout: project(rows, { mean, components }),
    shares,
  };
}

// The sum of one token's vector with every position's, and the largest magnitude in all of it.
export function sumsOf(token, positions) {
  const sums = positions.rows.map((row) => plus(token, row));
  return { sums, most: Math.max(largest([token]), positions.most, largest(sums)) };
}
