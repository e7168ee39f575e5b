// A sum of two vectors as arrows in two dimensions: the token's, then the position's from its tip.
// The tip can be dragged, or stepped by arrow keys, through all the positions there are.
import { fitPlane, nearestAlong } from "../engine/plane.js";
import { h, svg } from "./dom.js";
import { watchWidth } from "./vector_map.js";

const PAD = 36; // pixels
const HEAD = 9; // pixels
const GAP = 14; // pixels between an arrow and its name
const LETTER = 8.5; // pixels, of a bold letter, about
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 8, PageDown: -8 };

// Returns { root, draw }. move(position) hears where the tip is taken.
export function sumArrows({ move, signal }) {
  const picture = svg("svg", { class: "llm-arrows-picture", "aria-hidden": "true" });
  const hand = h("span", { class: "llm-arrows-hand", role: "slider", tabindex: 0 });
  hand.setAttribute("aria-label", "Tip of the sum: position");
  const axes = [0, 1].map((axis) => h("span", { class: "llm-map-axis", "data-axis": axis }));
  const plot = h("div", { class: "llm-arrows-plot" }, picture, ...axes, hand);
  const title = h("p", { class: "llm-part" }, "The sum as arrows, in two dimensions");
  const root = h("div", { class: "llm-arrows" }, title, plot);
  let scene = null;
  let tips = [];
  const redraw = () => {
    if (!scene || !plot.clientWidth) return;
    const size = { width: plot.clientWidth, height: plot.clientHeight };
    const plane = fitPlane([[0, 0], scene.token, ...scene.tips], { ...size, pad: PAD });
    tips = scene.tips.map(plane.place);
    const [x, y] = tips[scene.position];
    hand.style.transform = `translate(${x - 22}px, ${y - 22}px)`;
    picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    picture.replaceChildren(...drawSum(plane, scene, tips, size));
    scene.axes.forEach((text, axis) => (axes[axis].textContent = text));
  };
  const hear = ({ clientX, clientY }) => {
    const { left, top } = plot.getBoundingClientRect();
    move(nearestAlong(tips, [clientX - left, clientY - top], scene.position));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !scene) return;
    event.preventDefault(); // no text selection; the hand takes the focus instead
    hand.focus({ preventScroll: true });
    plot.setPointerCapture(event.pointerId);
    hear(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) hear(event);
  });
  hand.addEventListener("keydown", (event) => {
    const ends = { Home: 0, End: Infinity };
    const by = STEPS[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || !(by || event.key in ends)) return;
    event.preventDefault();
    move(by ? scene.position + by : ends[event.key]);
  });
  watchWidth(plot, redraw, signal);
  // scene: { token: [x, y], tips: [[x, y]], position, names: [token, position, sum], axes, words }
  const draw = (next) => {
    scene = next;
    const values = { min: 0, max: scene.tips.length - 1, now: scene.position, text: scene.words };
    for (const [key, value] of Object.entries(values)) hand.setAttribute(`aria-value${key}`, value);
    redraw();
  };
  return { root, draw };
}

function drawSum(plane, { token, position, names }, tips, { width, height }) {
  const [origin, joint] = [plane.place([0, 0]), plane.place(token)];
  const tip = tips[position];
  const line = ([x1, y1], [x2, y2]) => svg("line", { class: "llm-map-zero", x1, y1, x2, y2 });
  return [
    line([0, origin[1]], [width, origin[1]]),
    line([origin[0], 0], [origin[0], height]),
    ...tips.map(([cx, cy]) => svg("circle", { class: "llm-arrows-dot", cx, cy, r: 2 })),
    arrow("sum", origin, tip),
    arrow("token", origin, joint),
    arrow("position", joint, tip),
    ...[
      ["token", origin, joint, tip],
      ["position", joint, tip, origin],
      ["sum", origin, tip, joint],
    ].map(([part, from, to, third], i) => name(part, names[i], { from, to, third, width })),
  ];
}

// A shaft and a head. An arrow too short for its head is drawn as its shaft alone.
function arrow(part, [x1, y1], [x2, y2]) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = length ? [(x2 - x1) / length, (y2 - y1) / length] : [0, 0];
  const head = Math.min(HEAD, length);
  const [bx, by] = [x2 - head * ux, y2 - head * uy];
  const wing = (side) => `${bx - side * uy * head * 0.45},${by + side * ux * head * 0.45}`;
  return svg(
    "g",
    { class: "llm-arrow", "data-part": part },
    svg("line", { x1, y1, x2: bx, y2: by }),
    svg("polygon", { points: `${x2},${y2} ${wing(1)} ${wing(-1)}` }),
  );
}

// A label beside the middle of an arrow, outside the triangle of the three, inside the picture.
function name(part, text, { from: [x1, y1], to: [x2, y2], third, width }) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const normal = [(y1 - y2) / length, (x2 - x1) / length];
  const side = (third[0] - x1) * normal[0] + (third[1] - y1) * normal[1] > 0 ? -1 : 1;
  const half = Math.min(width / 2, text.length * LETTER * 0.5);
  const away = side * (GAP + half * Math.abs(normal[0]));
  const wanted = (x1 + x2) / 2 + normal[0] * away;
  const x = Math.max(half, Math.min(width - half, wanted));
  const y = (y1 + y2) / 2 + normal[1] * away;
  const attributes = { class: "llm-arrow-name", "data-part": part, x, y, "text-anchor": "middle" };
  return svg("text", { ...attributes, "dominant-baseline": "middle" }, text);
}
