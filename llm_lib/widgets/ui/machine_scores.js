// The scores of all tokens of the vocabulary, in the order of their ids, as one skyline.
import { h, svg } from "./dom.js";

const HEIGHT = 100;
const ROOM = 0.06; // of the range, kept free above the highest

// Returns { root, draw({ scores, range, top, name }) }; point(id) hears which score the pointer is
// on, or null.
export function machineScores(point) {
  const sky = svg("path", { class: "llm-machine-sky" });
  const peak = svg("path", { class: "llm-machine-peak" });
  const picture = svg(
    "svg",
    { class: "llm-machine-scores", preserveAspectRatio: "none", "aria-hidden": "true" },
    sky,
    peak,
  );
  const label = h("bdi", { class: "llm-machine-best" });
  const axis = h("p", { class: "llm-machine-axis" }, h("span", {}, "id 0"), h("span", {}));
  const root = h("div", { class: "llm-machine-skyline" }, label, picture, axis);
  let count = 1;

  picture.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = picture.getBoundingClientRect();
    const id = Math.floor(((clientX - left) / width) * count);
    point(Math.max(0, Math.min(count - 1, id)));
  });
  picture.addEventListener("pointerleave", () => point(null));

  const draw = ({ scores, range: [low, high], top, name }) => {
    count = scores.length;
    const span = (high - low) * (1 + ROOM) || 1;
    const y = (score) => (HEIGHT * (1 - (score - low) / span)).toFixed(1);
    picture.setAttribute("viewBox", `0 0 ${count} ${HEIGHT}`);
    const steps = Array.from(scores, (score, id) => `L${id} ${y(score)}h1`).join("");
    sky.setAttribute("d", `M0 ${HEIGHT}${steps}V${HEIGHT}Z`);
    peak.setAttribute("d", `M${top + 0.5} ${y(scores[top])}V${HEIGHT}`);
    label.textContent = name;
    label.style.setProperty("--at", ((top + 0.5) / count).toFixed(4));
    label.toggleAttribute("data-right", top > count / 2);
    axis.lastChild.textContent = `id ${count - 1}`;
  };
  return { root, draw };
}
