// What a layer norm does to one vector: three histograms on one axis.
import { histogram } from "../engine/spread.js";
import { amount } from "./amounts.js";
import { h, svg } from "./dom.js";

const BINS = 48;
const [WIDTH, HEIGHT] = [480, 64]; // of a histogram, in its own units

// Returns { root, draw({ steps, reader, isSkipped }) }, steps: see normAt().
export function blockNorm() {
  const rows = [0, 1, 2].map(() => panel());
  const axis = h("p", { class: "llm-block-axis", "aria-hidden": "true" });
  const note = h("p", { class: "llm-block-note" });
  const root = h("div", { class: "llm-block-norm" }, ...rows.map((row) => row.root), axis, note);
  const draw = ({ steps, reader, isSkipped }) => {
    const most = Math.max(...steps.flatMap(({ numbers }) => Array.from(numbers, Math.abs)), 1e-9);
    const titles = [
      "The stream",
      "Less its mean, divided by its standard deviation",
      `${isSkipped ? "Skipped" : "Times γ, plus β"}: what ${reader} reads`,
    ];
    steps.forEach((step, i) => rows[i].draw(titles[i], step, most));
    axis.replaceChildren(...[-most, 0, most].map((value) => h("span", {}, amount(value))));
    note.textContent = isSkipped ? "" : normNote(steps);
  };
  return { root, draw };
}

function normNote([given, scaled]) {
  const C = scaled.numbers.length;
  return (
    `Dividing by ${amount(given.deviation)} leaves a vector of length √${C} = ` +
    `${amount(Math.sqrt(C))}, however long the stream is; γ and β are learned.`
  );
}

function panel() {
  const title = h("p", { class: "llm-block-panel-title" });
  const picture = svg("svg", {
    class: "llm-block-histogram",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const numbers = h("p", { class: "llm-block-panel-numbers" });
  const root = h("div", { class: "llm-block-panel" }, title, picture, numbers);
  const draw = (text, { numbers: vector, mean, deviation, length }, most) => {
    title.textContent = text;
    picture.replaceChildren(...bars(vector, most), ...marks(mean, deviation, most));
    numbers.textContent =
      `mean ${amount(mean)}, standard deviation ${amount(deviation)}, length ${amount(length)}`;
  };
  return { root, draw };
}

function bars(vector, most) {
  const counts = histogram(vector, -most, most, BINS);
  const tallest = Math.max(...counts);
  const wide = WIDTH / BINS;
  return counts.flatMap((count, i) => {
    const height = (count / tallest) * (HEIGHT - 8);
    const box = { x: i * wide, y: HEIGHT - height, width: wide - 1, height };
    return count ? [svg("rect", { class: "llm-block-bin", ...box })] : [];
  });
}

// A line at the mean, and a band of one standard deviation to either side of it.
function marks(mean, deviation, most) {
  const x = (value) => ((value + most) / (2 * most)) * WIDTH;
  const [left, right] = [x(mean - deviation), x(mean + deviation)];
  return [
    svg("rect", { class: "llm-block-band", x: left, y: 0, width: right - left, height: HEIGHT }),
    svg("line", { class: "llm-block-mean", x1: x(mean), x2: x(mean), y1: 0, y2: HEIGHT }),
  ];
}
