// Vectors that show something, by the name of what they show.

export const EXAMPLES = [
  { name: "similar words", vectors: [[2, 1], [1.8, 1.3], [-1, 1.5]], query: 1 },
  { name: "right angles", vectors: [[2, 0], [0, 2], [-2, 0]], query: 0 },
  { name: "one loud vector", vectors: [[1, 0.5], [0.8, -0.6], [3.5, 2.5]], query: 0, scale: false },
];
