// Points on a plane, each a token with its label: one is chosen, its neighbours are tied to it.
// Arrow keys go to the next point in that direction; the pointer takes the nearest point.
import { fitPlane, nearestPoint, nearestToward, placeLabels } from "../engine/plane.js";
import { h, svg } from "./dom.js";

const RADIUS = 6; // pixels, of a mark
const RING = 13; // pixels, of the ring around the chosen mark
const LINE = 20; // pixels, of a label
const REACH = 32; // pixels from the pointer to a point that it means
const PAD = 34; // pixels around the outermost points
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
// Marks in a square from -1 to 1: a kind is told by its shape, not by colour.
const SHAPES = [
  "M-.9 0A.9.9 0 1 0 .9 0A.9.9 0 1 0-.9 0Z",
  "M-.8-.8H.8V.8H-.8Z",
  "M0-1.1 1.05.85H-1.05Z",
  "M0-1.2 1.2 0 0 1.2-1.2 0Z",
  "M-.4-1H.4V-.4H1V.4H.4V1H-.4V.4H-1V-.4H-.4Z",
];

// A mark by itself, for a key or a list.
export function mark(shape, attributes = {}) {
  const path = svg("path", { d: SHAPES[shape] });
  return svg("svg", { class: "llm-mark", viewBox: "-1.4 -1.4 2.8 2.8", ...attributes }, path);
}

// Returns { root, draw, light }. choose(index) and point(index or null) hear of the reader.
export function vectorMap({ label, choose, point, signal }) {
  const lines = svg("svg", { class: "llm-map-lines", "aria-hidden": "true" });
  const list = h("div", { class: "llm-map-points", role: "listbox", "aria-label": label });
  const axes = [0, 1].map((axis) => h("span", { class: "llm-map-axis", "data-axis": axis }));
  const root = h("div", { class: "llm-map" }, lines, ...axes, list);
  const map = { root, lines, list, axes, items: [], points: null, places: [], drawn: null };

  list.addEventListener("focusin", ({ target }) => {
    const index = map.items.findIndex(({ option }) => option === target);
    if (index >= 0 && index !== map.drawn.chosen) choose(index);
  });
  list.addEventListener("keydown", (event) => walk(map, event));
  const under = (event) => {
    const { left, top } = root.getBoundingClientRect();
    return nearestPoint(map.places, [event.clientX - left, event.clientY - top], REACH);
  };
  root.addEventListener("pointermove", (event) => point(under(event)));
  root.addEventListener("pointerleave", () => point(null));
  root.addEventListener("click", (event) => {
    const index = under(event);
    if (index !== null) map.items[index].option.focus({ preventScroll: true });
  });
  watchWidth(root, () => map.drawn && draw(map, map.drawn), signal);
  return {
    root,
    draw: (scene) => draw(map, scene),
    light: (index) => light(map, index),
  };
}

// Calls `change` when the element gets another width, not when it gets its first.
export function watchWidth(element, change, signal) {
  let known = 0;
  const observer = new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width === known || width === 0) return;
    known = width;
    change();
  });
  observer.observe(element);
  signal?.addEventListener("abort", () => observer.disconnect());
}

// scene: { points: [{ text, name, shape }], layout: [[x, y]], extent: [[x, y]], chosen, near,
//   trail: [[x, y]], axes: [text, text], isMoving }
function draw(map, scene) {
  map.drawn = scene;
  const size = { width: map.root.clientWidth, height: map.root.clientHeight };
  if (size.width === 0) return; // hidden, or not yet on the page: drawn as soon as it has a width
  if (map.points !== scene.points) addPoints(map, scene.points);
  const plane = fitPlane(scene.extent, { ...size, pad: PAD });
  map.places = scene.layout.map(plane.place);
  map.items.forEach(({ option }, i) => {
    const [x, y] = map.places[i];
    option.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    option.tabIndex = i === scene.chosen ? 0 : -1;
    option.setAttribute("aria-selected", String(i === scene.chosen));
    option.toggleAttribute("data-near", scene.near.includes(i));
  });
  scene.axes.forEach((text, axis) => (map.axes[axis].textContent = text));
  drawLines(map, plane, size);
  setLabels(map, size);
}

function addPoints(map, points) {
  map.points = points;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `15px ${getComputedStyle(map.root).fontFamily}`;
  map.items = points.map(({ text, name, shape }) => {
    const word = h("bdi", { class: "llm-map-label" }, text);
    const option = h(
      "div",
      { class: "llm-map-point", role: "option", "aria-label": name },
      mark(shape),
      word,
    );
    return { option, word, width: pen.measureText(text).width * 1.08 + 4 };
  });
  map.list.replaceChildren(...map.items.map(({ option }) => option));
}

// The origin, the way of the chosen point through training, and the ties to its neighbours.
function drawLines(map, plane, { width, height }) {
  const { chosen, near, trail } = map.drawn;
  const [ox, oy] = plane.place([0, 0]);
  const line = (kind, [x1, y1], [x2, y2]) =>
    svg("line", { class: `llm-map-${kind}`, x1, y1, x2, y2 });
  const way = trail.map((place) => plane.place(place).map((v) => v.toFixed(1)).join(","));
  map.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
  map.lines.replaceChildren(
    line("zero", [0, oy], [width, oy]),
    line("zero", [ox, 0], [ox, height]),
    svg("polyline", { class: "llm-map-trail", points: way.join(" ") }),
    ...near.map((i) => line("tie", map.places[chosen], map.places[i])),
  );
}

// Labels keep their side while points move; when all is still, each finds a free place.
function setLabels(map, size) {
  map.root.toggleAttribute("data-moving", map.drawn.isMoving);
  if (map.drawn.isMoving) return;
  const { chosen, near } = map.drawn;
  const others = map.items.map((_, i) => i).filter((i) => i !== chosen && !near.includes(i));
  const placed = placeLabels(map.places, {
    widths: map.items.map(({ width }) => width),
    lineHeight: LINE,
    radii: map.items.map((_, i) => (i === chosen ? RING : RADIUS)),
    order: [chosen, ...near, ...others],
    must: 1 + near.length,
    ...size,
  });
  map.items.forEach(({ option, word }, i) => {
    option.toggleAttribute("data-unlabelled", placed[i] === null);
    const [x, y] = placed[i] ?? [RADIUS + 4, -LINE / 2];
    word.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    if (placed[i]) map.lines.append(...leader(map.places[i], placed[i], map.items[i].width));
  });
}

// From a mark to the nearest edge of its label: without it a label that found room only farther
// off would seem to name another mark.
function leader([x1, y1], [dx, dy], width) {
  const [x2, y2] = [x1 + clamp(0, dx, dx + width), y1 + clamp(0, dy + 4, dy + LINE - 4)];
  const isFar = Math.hypot(x2 - x1, y2 - y1) > RING + 6;
  return isFar ? [svg("line", { class: "llm-map-leader", x1, y1, x2, y2 })] : [];
}

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));

function light(map, index) {
  map.items.forEach(({ option }, i) => option.toggleAttribute("data-lit", i === index));
}

function walk(map, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const at = map.items.findIndex(({ option }) => option === event.target);
  const ends = { Home: 0, End: map.items.length - 1 };
  const toward = ARROWS[event.key];
  if (at < 0 || (!toward && !(event.key in ends))) return;
  event.preventDefault();
  const to = toward ? nearestToward(map.places, at, toward) : ends[event.key];
  map.items[to].option.focus({ preventScroll: true });
}
