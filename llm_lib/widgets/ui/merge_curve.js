// The length of the text in tokens against the number of merges, and the hand that moves through
// it: the curve and the slider below it are one control on one axis.
import { h, svg, uniqueId } from "./dom.js";
import { grouped } from "./token_text.js";

// Returns { root, draw }. move(step) hears where the reader drags or steps to.
export function mergeCurve(move) {
  const area = svg("polygon", { class: "llm-curve-area" });
  const line = svg("polyline", { class: "llm-curve-line" });
  const picture = svg(
    "svg",
    { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    area,
    line,
  );
  const hand = h("span", { class: "llm-curve-hand" });
  const [first, here, last] = ["first", "here", "last"].map((end) =>
    h("span", { class: "llm-curve-label llm-number", "data-end": end }),
  );
  const plot = h("div", { class: "llm-curve-plot" }, picture, hand, first, last, here);
  const id = uniqueId("step");
  const range = h("input", { id, type: "range", min: 0, step: 1 });
  const axis = h("div", { class: "llm-curve-axis llm-number", "aria-hidden": "true" });
  const title = h("p", { class: "llm-part" }, "Tokens in the text, merge by merge");
  const root = h(
    "div",
    { class: "llm-curve" },
    title,
    plot,
    h("label", { class: "llm-hidden", for: id }, "Merges"),
    range,
    axis,
  );
  range.addEventListener("input", () => move(Number(range.value)));
  hearDrag(plot, (share) => move(Math.round(share * Number(range.max))));

  // lengths: of the text after 0, 1, 2, … merges; words: what a screen reader says of the step.
  const draw = ({ lengths, step, words }) => {
    const most = Math.max(1, lengths.length - 1);
    const top = Math.max(1, lengths[0]);
    const points = lengths.map((length, i) => `${(100 * i) / most},${100 - (100 * length) / top}`);
    line.setAttribute("points", points.join(" "));
    area.setAttribute("points", ["0,100", ...points, "100,100"].join(" "));
    plot.style.setProperty("--x", String(step / most));
    plot.style.setProperty("--y", String(lengths[step] / top));
    plot.style.setProperty("--end", String(lengths.at(-1) / top));
    plot.dataset.half = step / most > 0.5 ? "last" : "first";
    first.textContent = grouped(lengths[0]);
    last.textContent = grouped(lengths.at(-1));
    here.textContent = grouped(lengths[step]);
    first.hidden = step / most < 0.12;
    last.hidden = step / most > 0.88;
    range.max = String(lengths.length - 1);
    range.value = String(step);
    range.setAttribute("aria-valuetext", words);
    axis.replaceChildren(...drawAxis(lengths.length - 1));
  };
  return { root, draw };
}

// Both scales of the x axis: how many merges, and how large that makes the vocabulary.
function drawAxis(most) {
  const ticks = [...new Set([0, 1, 2, 3].map((third) => Math.round((most * third) / 3)))];
  return ticks.map((tick, i) =>
    h(
      "span",
      { class: "llm-curve-tick", style: { "--at": String(tick / Math.max(1, most)) } },
      h("span", {}, i === 0 ? "0 merges" : grouped(tick)),
      h("span", {}, i === 0 ? "256 in the vocabulary" : grouped(256 + tick)),
    ),
  );
}

function hearDrag(plot, move) {
  const share = ({ clientX }) => {
    const { left, width } = plot.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - left) / width));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    move(share(event));
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) move(share(event));
  });
}
