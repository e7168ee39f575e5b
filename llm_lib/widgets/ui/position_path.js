// The positions as a path on the plane in which they differ most; one of them is looked at.
import { fitPlane, nearestPoint } from "../engine/plane.js";
import { h, svg } from "./dom.js";
import { watchWidth } from "./vector_map.js";

const REACH = 40; // pixels
const PAD = 28; // pixels

// Returns { root, draw }. move(position) hears which position the reader takes hold of.
export function positionPath({ move, signal }) {
  const picture = svg("svg", { class: "llm-path-picture", "aria-hidden": "true" });
  const plot = h("div", { class: "llm-path-plot" }, picture);
  const axes = h("p", { class: "llm-axis-name" });
  const title = h("p", { class: "llm-part" }, "The way from position to position");
  const root = h("div", { class: "llm-path" }, title, plot, axes);
  let scene = null;
  let places = [];
  const redraw = () => {
    if (!scene || !plot.clientWidth) return;
    const size = { width: plot.clientWidth, height: plot.clientHeight };
    places = scene.layout.map(fitPlane(scene.layout, { ...size, pad: PAD }).place);
    picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    picture.replaceChildren(...drawPath(places, scene.position));
    axes.textContent = scene.axes;
  };
  const hear = ({ clientX, clientY }) => {
    const { left, top } = plot.getBoundingClientRect();
    const position = nearestPoint(places, [clientX - left, clientY - top], REACH);
    if (position !== null) move(position);
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    hear(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) hear(event);
  });
  watchWidth(plot, redraw, signal);
  // scene: { layout: [[x, y]], position, axes }
  const draw = (next) => {
    scene = next;
    redraw();
  };
  return { root, draw };
}

function drawPath(places, position) {
  const points = places.map((place) => place.map((v) => v.toFixed(1)).join(",")).join(" ");
  const quarter = Math.max(1, Math.round((places.length - 1) / 4));
  const named = new Set([...places.keys()].filter((i) => i % quarter === 0));
  named.delete(position);
  const dots = places.map(([cx, cy]) => svg("circle", { class: "llm-path-dot", cx, cy, r: 2.5 }));
  const [cx, cy] = places[position];
  const word = (i, kind) => {
    const attributes = { class: kind, x: places[i][0] + 8, y: places[i][1] - 8 };
    return svg("text", attributes, String(i));
  };
  return [
    svg("polyline", { class: "llm-path-line", points }),
    ...dots,
    ...[...named].map((i) => word(i, "llm-path-name")),
    svg("circle", { class: "llm-path-here", cx, cy, r: 7 }),
    word(position, "llm-path-name llm-path-now"),
  ];
}
