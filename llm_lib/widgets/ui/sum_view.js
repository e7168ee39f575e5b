// A token's vector, a position's vector, and their sum: as arrows in two dimensions, and in all.
import { sumsOf } from "../engine/embedding_scene.js";
import { h } from "./dom.js";
import { sumTable } from "./embedding_words.js";
import { sumArrows } from "./sum_arrows.js";
import { sumRows } from "./sum_rows.js";

// Returns { root, draw(state), table(state) }, state being { chosen, snapshot, position, pair }.
// move(position) and choosePair(pair) hear of the reader.
export function sumView({ scene, move, choosePair, signal }) {
  const arrows = sumArrows({ move, signal });
  const rows = sumRows({ choose: (dimension) => choosePair(dimension >> 1), signal });
  const root = h(
    "div",
    { class: "llm-embeddings-view", "data-view": "sum" },
    arrows.root,
    rows.root,
  );
  const { positions } = scene;

  const add = ({ chosen, snapshot, position }) => {
    const token = scene.vectors[snapshot][chosen];
    const { sums, most } = sumsOf(token, positions);
    return {
      vectors: [token, positions.rows[position], sums[position]],
      names: [scene.tokens[chosen].text, `position ${position}`, "sum"],
      sums,
      most,
    };
  };
  const draw = (state) => {
    const { vectors, names, sums, most } = add(state);
    const pair = [2 * state.pair, 2 * state.pair + 1];
    const flat = (vector) => pair.map((dimension) => vector[dimension]);
    arrows.draw({
      token: flat(vectors[0]),
      tips: sums.map(flat),
      position: state.position,
      names,
      axes: pair.map((dimension) => `dimension ${dimension}`),
      words: `${names[0]} at ${names[1]}`,
    });
    rows.draw({ vectors, names, most, pair, drawn: positions.columns });
  };
  const table = (state) => {
    const { vectors, names } = add(state);
    return sumTable(names, vectors, positions.columns);
  };
  return { root, draw, table };
}
