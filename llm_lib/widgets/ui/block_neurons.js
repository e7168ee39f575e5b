// The neurons of a feed-forward layer on the curve of GELU: what each counted, what it passes on.
import { gelu } from "../engine/gelu.js";
import { amount } from "./amounts.js";
import { h, svg } from "./dom.js";

const [WIDTH, HEIGHT, EDGE] = [480, 260, 8];
const STEPS = 96; // of the drawn curve

// Returns { root, draw({ hidden, active, quiet, strongest }) }: see neuronsAt().
export function blockNeurons() {
  const picture = svg("svg", {
    class: "llm-block-gelu",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "aria-hidden": "true",
  });
  const axis = h("p", { class: "llm-block-axis", "aria-hidden": "true" });
  const words = h("p", { class: "llm-block-panel-numbers" });
  const list = h("ol", { class: "llm-block-strongest", "aria-label": "The strongest neurons" });
  const root = h("div", { class: "llm-block-neurons" }, picture, axis, words, list);

  function draw({ hidden, active, quiet, strongest }) {
    const place = scale(hidden, active);
    const dot = (i, name) =>
      svg("circle", { class: name, cx: place.x(hidden[i]), cy: place.y(active[i]), r: 4 });
    picture.replaceChildren(
      svg("line", { class: "llm-block-zero", x1: 0, x2: WIDTH, y1: place.y(0), y2: place.y(0) }),
      svg("line", { class: "llm-block-zero", x1: place.x(0), x2: place.x(0), y1: 0, y2: HEIGHT }),
      svg("path", { class: "llm-block-curve", d: pathOf(place) }),
      ...Array.from(hidden, (_, i) => dot(i, "llm-block-neuron")),
      ...strongest.map(({ neuron }) => dot(neuron, "llm-block-strong")),
    );
    const ends = [place.low, place.high].map(amount);
    const middle = "z, what a neuron counted; upwards: what it passes on";
    axis.replaceChildren(...[ends[0], middle, ends[1]].map((text) => h("span", {}, text)));
    words.textContent =
      `${Math.round(quiet * hidden.length)} of ${hidden.length} neurons pass on less than 0.1 ` +
      `either way: ${Math.round(100 * quiet)}\u202F% are silent or nearly so. The strongest:`;
    list.replaceChildren(...strongest.map(({ neuron, z, passed }) =>
      h("li", {}, `neuron ${neuron}: ${amount(z)} → ${amount(passed)}`),
    ));
  }

  return { root, draw };
}

// Where a number lies in the picture: at least from -3 to 3, and all that there is.
function scale(hidden, active) {
  const low = Math.min(-3, ...hidden);
  const high = Math.max(3, ...hidden);
  const top = Math.max(3, ...active);
  const bottom = -0.4;
  const x = (z) => EDGE + ((z - low) / (high - low)) * (WIDTH - 2 * EDGE);
  const y = (value) => HEIGHT - EDGE - ((value - bottom) / (top - bottom)) * (HEIGHT - 2 * EDGE);
  return { low, high, x, y };
}

function pathOf({ low, high, x, y }) {
  const points = Array.from({ length: STEPS + 1 }, (_, i) => low + (i / STEPS) * (high - low));
  return `M${points.map((z) => `${x(z).toFixed(1)} ${y(gelu(z)).toFixed(1)}`).join("L")}`;
}
