// The position vectors: as a field of numbers, and as a path on a plane.
import { h } from "./dom.js";
import { pathAxes } from "./embedding_words.js";
import { positionField } from "./position_field.js";
import { positionPath } from "./position_path.js";

// Returns { root, draw(position) }. move(position) hears where the reader goes.
export function positionsView({ positions, move, signal }) {
  const { drawn, rows, most, layout, shares, columns } = positions;
  const isCut = drawn.length < rows.length || columns < rows[0].length;
  const note = isCut
    ? `(drawn: ${drawn.length} of ${rows.length} positions, ` +
      `${columns} of ${rows[0].length} dimensions)`
    : "";
  let dimension = 0;
  let shown = 0;
  const field = positionField((to) => {
    dimension = Math.max(0, Math.min(to.dimension, columns - 1));
    move(Math.max(0, Math.min(to.position, drawn.length - 1)));
    draw(shown); // also where only the dimension is another
  });
  const path = positionPath({ move, signal });
  const root = h(
    "div",
    { class: "llm-embeddings-view", "data-view": "positions" },
    field.root,
    path.root,
  );
  const draw = (position) => {
    shown = position;
    const inField = Math.min(position, drawn.length - 1);
    field.draw({ rows: drawn, most, position: inField, dimension, note });
    path.draw({ layout, position, axes: pathAxes(shares) });
  };
  return { root, draw };
}
