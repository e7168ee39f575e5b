// The map of the tokens, the list of the chosen one's neighbours, and a line about the token under
// the pointer. All of it is a function of t: 0 is the first snapshot of training, 1 the second.
import { dot, layoutAt, nearestDirections } from "../engine/vectors.js";
import { h } from "./dom.js";
import { aboutToken, axisNames, tokenName } from "./embedding_words.js";
import { neighbourList } from "./neighbour_list.js";
import { mark, vectorMap } from "./vector_map.js";

// Returns { root, draw(t, chosen) }. choose(index) hears of the token that the reader takes.
export function tokensView({ scene, choose, signal }) {
  const points = scene.tokens.map((token) => ({
    text: token.text,
    name: tokenName(token),
    shape: token.shape,
  }));
  const axes = axisNames(scene.shares);
  let drawn = null; // { layout, directions, chosen }

  const point = (index) => {
    const { layout, directions, chosen } = drawn;
    const at = index ?? chosen;
    const cosine = at === chosen ? null : dot(directions[at], directions[chosen]);
    map.light(index);
    reading.textContent = aboutToken(scene.tokens[at], layout[at], cosine, scene.tokens[chosen]);
  };
  const map = vectorMap({ label: "Tokens on the plane", choose, point, signal });
  const near = neighbourList({ choose, point });
  const reading = h("p", { class: "llm-reading" });
  const shapes = scene.kinds.map((kind, i) => h("span", {}, mark(i), kind || "other"));
  const key = shapes.length > 1 ? h("p", { class: "llm-map-key" }, ...shapes) : null;
  const root = h(
    "div",
    { class: "llm-embeddings-view", "data-view": "tokens" },
    h("div", { class: "llm-map-part" }, key, map.root, reading),
    near.root,
  );

  const draw = (t, chosen) => {
    const snapshot = Math.round(t);
    const directions = scene.directions[snapshot];
    const nearest = nearestDirections(directions, chosen);
    const layout = layoutAt(scene.layouts, t);
    const passed = scene.layouts.slice(0, Math.ceil(t)).map((places) => places[chosen]);
    drawn = { layout, directions, chosen };
    map.draw({
      points,
      layout,
      extent: scene.extent,
      chosen,
      near: nearest.map(({ index }) => index),
      trail: [...passed, layout[chosen]],
      axes,
      isMoving: !Number.isInteger(t),
    });
    const when = ` (${scene.labels[snapshot]})`;
    near.draw(
      ["Nearest to ", h("bdi", {}, points[chosen].text), when],
      nearest.map((neighbour) => ({ ...neighbour, ...points[neighbour.index] })),
    );
    point(null);
  };
  return { root, draw };
}
