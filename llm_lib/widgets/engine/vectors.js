// Vectors as a model holds them: how alike two are, which lie nearest, and the two directions in
// which many differ most. Rows are arrays of numbers of equal length; nothing here changes them.

// Rows from their form on the wire: whole numbers of 16 bits, little-endian, in base64.
export function unpack({ shape: [count, width], scale, int16 }) {
  const bytes = Uint8Array.from(atob(int16), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const at = (row, column) => view.getInt16(2 * (row * width + column), true) * scale;
  return range(count).map((row) => range(width).map((column) => at(row, column)));
}

export const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
export const plus = (a, b) => a.map((value, i) => value + b[i]);
export const largest = (rows) => Math.max(0, ...rows.map((row) => Math.max(...row.map(Math.abs))));

// The vector of length 1 that points the same way. A vector of zeros points nowhere, and stays.
export function unit(vector) {
  const length = Math.hypot(...vector);
  return length ? vector.map((value) => value / length) : vector;
}

export const cosine = (a, b) => dot(unit(a), unit(b));

// The k other rows that point most nearly the same way: [{ index, cosine }], the nearest first;
// equal cosines by the lower index. The same as llm_lib.embeddings.nearest_neighbours.
export const nearestNeighbours = (rows, index, k = 5) =>
  nearestDirections(rows.map(unit), index, k);

// The same for rows that have length 1 already.
export function nearestDirections(units, index, k = 5) {
  return units
    .map((row, i) => ({ index: i, cosine: dot(units[index], row) }))
    .filter(({ index: i }) => i !== index)
    .sort((a, b) => b.cosine - a.cosine || a.index - b.index)
    .slice(0, k);
}

// Principal components: { mean, components, shares }, the widest spread first; shares are of all
// variance. The sign is that of llm_lib.embeddings.pca: a component's largest entry is positive.
export function pca(rows, count = 2) {
  const mean = range(rows[0].length).map(
    (column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length,
  );
  const centred = rows.map((row) => row.map((value, i) => value - mean[i]));
  const columns = range(mean.length).map((i) => centred.map((row) => row[i]));
  // Rows by rows and columns by columns have the same eigenvalues; we take the smaller square.
  const isTall = rows.length >= mean.length;
  const sides = isTall ? columns : centred;
  const square = sides.map((a) => sides.map((b) => dot(a, b)));
  const total = square.reduce((sum, row, i) => sum + row[i], 0);
  const found = eigen(square).slice(0, count);
  const directions = found.map(({ vector }) =>
    isTall ? vector : unit(columns.map((column) => dot(column, vector))),
  );
  const shares = found.map(({ value }) => (total ? Math.max(0, value) / total : 0));
  return { mean, components: directions.map(upright), shares };
}

// Where rows lie along the components.
export const project = (rows, { mean, components }) =>
  rows.map((row) => components.map((component) => dot(component, row) - dot(component, mean)));

// The places of all tokens at each snapshot, on the plane in which the directions of the last one
// differ most: one plane for all, or before and after could not be compared.
export function directionPlane(directions) {
  const basis = pca(directions.at(-1));
  return { layouts: directions.map((rows) => project(rows, basis)), shares: basis.shares };
}

// The layout at time t: 0 is the first snapshot, 1 the second; in between, on the straight way.
export function layoutAt(layouts, t) {
  const from = layouts[Math.floor(t)];
  const to = layouts[Math.ceil(t)];
  const part = t - Math.floor(t);
  return from.map((place, i) => place.map((value, k) => value + part * (to[i][k] - value)));
}

const range = (count) => Array.from({ length: count }, (_, i) => i);

function upright(vector) {
  const pivot = vector.reduce((best, v, i) => (Math.abs(v) > Math.abs(vector[best]) ? i : best), 0);
  return vector[pivot] < 0 ? vector.map((value) => -value) : vector;
}

// Eigenvalues and eigenvectors of a symmetric matrix, the largest first, by Jacobi's rotations
// (1846): each sets one entry off the diagonal to zero. Slow for large matrices, exact for ours.
function eigen(matrix) {
  const a = matrix.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((_, j) => Number(i === j))); // rows are the eigenvectors
  const size = a.reduce((sum, row) => sum + dot(row, row), 0);
  for (let sweep = 0; sweep < 50; sweep += 1) {
    let off = 0;
    for (let p = 0; p < a.length; p += 1) {
      for (let q = p + 1; q < a.length; q += 1) {
        off += a[p][q] ** 2;
        if (a[p][q] !== 0) rotate(a, vectors, p, q);
      }
    }
    if (off <= 1e-28 * size) break;
  }
  return a
    .map((row, i) => ({ value: row[i], vector: vectors[i] }))
    .sort((one, other) => other.value - one.value);
}

function rotate(a, vectors, p, q) {
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(tangent, 1);
  const sin = tangent * cos;
  const turn = (x, y) => [cos * x - sin * y, sin * x + cos * y];
  for (const row of a) [row[p], row[q]] = turn(row[p], row[q]);
  for (const rows of [a, vectors]) {
    for (let k = 0; k < a.length; k += 1) [rows[p][k], rows[q][k]] = turn(rows[p][k], rows[q][k]);
  }
}
