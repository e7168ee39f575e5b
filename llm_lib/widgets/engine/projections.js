// The 2×2 matrices that a reader can choose from, by name, and the authored one. x W turns a row.

export const PROJECTIONS = [
  { name: "identity", matrix: [[1, 0], [0, 1]] },
  { name: "turn by 90°", matrix: [[0, 1], [-1, 0]] },
  { name: "turn by 180°", matrix: [[-1, 0], [0, -1]] },
  { name: "swap the two", matrix: [[0, 1], [1, 0]] },
  { name: "stretch the first", matrix: [[2, 0], [0, 1]] },
  { name: "first only", matrix: [[1, 0], [0, 0]] },
  { name: "shrink to half", matrix: [[0.5, 0], [0, 0.5]] },
];

const isSame = (a, b) => a.every((row, i) => row.every((value, j) => value === b[i][j]));

// What can be chosen: the named matrices, and `authored` where it is none of them.
export function projectionsWith(authored) {
  const isNamed = !authored || PROJECTIONS.some(({ matrix }) => isSame(matrix, authored));
  return isNamed ? PROJECTIONS : [{ name: "as given", matrix: authored }, ...PROJECTIONS];
}

// Which of `projections` a matrix is; none (null) is the identity. -1 for a matrix from elsewhere.
export function projectionIndex(projections, matrix) {
  const wanted = matrix ?? PROJECTIONS[0].matrix;
  return projections.findIndex((projection) => isSame(projection.matrix, wanted));
}

// Whether queries, keys and values are the vectors themselves.
export const isPlain = (weights) =>
  Object.values(weights).every((matrix) => !matrix || isSame(matrix, PROJECTIONS[0].matrix));
