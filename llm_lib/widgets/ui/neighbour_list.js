// The nearest neighbours of a token: an ordered list of buttons, each with its cosine as a bar.
import { h } from "./dom.js";
import { signed } from "./numbers.js";
import { mark } from "./vector_map.js";

// Returns { root, draw }. choose(index) hears of a neighbour that becomes the chosen one.
export function neighbourList({ choose, point }) {
  const title = h("p", { class: "llm-part" });
  const list = h("ol", { class: "llm-near" });
  list.addEventListener("pointerleave", () => point(null));
  // neighbours: [{ index, text, name, shape, cosine }]
  const draw = (heading, neighbours) => {
    const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    title.replaceChildren(...heading);
    list.replaceChildren(...neighbours.map((neighbour) => drawNeighbour(neighbour)));
    if (at >= 0) list.querySelectorAll("button")[at]?.focus({ preventScroll: true });
  };
  const drawNeighbour = ({ index, text, name, shape, cosine }) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "llm-near-token",
          "aria-label": `${name}, cosine ${signed(cosine, 2)}. Choose it`,
          click: () => choose(index),
          pointermove: () => point(index),
        },
        mark(shape),
        h("bdi", {}, text),
        h("span", { class: "llm-number" }, signed(cosine, 2)),
        h("span", {
          class: "llm-near-bar",
          style: { "--share": String(Math.min(1, Math.abs(cosine))) },
          "data-sign": cosine < 0 ? "negative" : "positive",
        }),
      ),
    );
  return { root: h("div", { class: "llm-near-part" }, title, list), draw };
}
