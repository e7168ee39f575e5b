// Vectors as arrows on a plane. Their tips can be dragged, or moved by the arrow keys.
import { between } from "../engine/attention_scene.js";
import { nearestPoint } from "../engine/plane.js";
import { placeTipLabels } from "../engine/tip_labels.js";
import { h, svg } from "./dom.js";
import { tween } from "./tween.js";
import { watchWidth } from "./vector_map.js";

const REACH = 30; // pixels from the pointer to a tip that it can take
const HEAD = 10; // pixels, of an arrow
const LINE = 20; // pixels, of a label
const FONT = 15; // pixels
const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// names: of the three tokens. move(token, place, isDone) hears of a drag, in the vectors' units;
// step(token, [dx, dy]) of the keys, in steps. label(label) gives the text for one at a tip.
// Returns { root, draw(scene), say(texts) }; texts are the vectors in words.
export function vectorPlane({ names, move, step, label, signal }) {
  const picture = svg("svg", { class: "llm-plane-picture", "aria-hidden": "true" });
  const hands = names.map((name, token) =>
    h("span", {
      class: "llm-plane-hand",
      role: "slider",
      tabindex: 0,
      "aria-label": `Vector of ${name}: arrow keys move its tip`,
      "data-token": token,
      keydown: (event) => walk(event, token, step),
    }),
  );
  const root = h("div", { class: "llm-plane" }, picture, ...hands);
  const plane = { root, picture, hands, label, scene: null, tips: [], radius: 1, hold: null };
  const show = tween({ draw: (scene) => drawScene(plane, scene), between, signal });
  const draw = (scene) => {
    plane.scene = scene;
    if (plane.size || measure(plane)) show(scene, plane.hold !== null);
  };
  listenToDrags(plane, move, () => draw(plane.scene));
  watchWidth(root, () => measure(plane) && plane.scene && show(plane.scene, true), signal);
  const say = (texts) => hands.forEach((hand, token) => describe(hand, texts[token]));
  return { root, draw, say };
}

// Asked only when the width changes: the answer would make the page lay itself out for each drag.
function measure(plane) {
  const [width, height] = [plane.root.clientWidth, plane.root.clientHeight];
  if (!width) return false; // hidden, or not yet on the page
  plane.size = { width, height };
  plane.pen ??= document.createElement("canvas").getContext("2d");
  plane.pen.font = `650 ${FONT}px ${getComputedStyle(plane.root).fontFamily}`;
  return true;
}

function describe(hand, { across, text }) {
  hand.setAttribute("aria-valuenow", across);
  hand.setAttribute("aria-valuetext", text);
}

function walk(event, token, step) {
  const way = STEPS[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const by = event.shiftKey ? 5 : 1;
  step(token, way.map((value) => value * by));
}

// While a tip is held the plane keeps its scale: the arrow must stay under the hand.
function listenToDrags(plane, move, redraw) {
  const { root, hands } = plane;
  let held = null;
  const place = ({ clientX, clientY }) => {
    const { left, top, width, height } = root.getBoundingClientRect();
    const half = Math.min(width, height) / 2;
    const way = [(clientX - left - width / 2) / half, (top + height / 2 - clientY) / half];
    return way.map((share) => plane.hold * Math.max(-1, Math.min(1, share)));
  };
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || held !== null) return;
    const { left, top } = root.getBoundingClientRect();
    const own = hands.indexOf(event.target);
    const near = nearestPoint(plane.tips, [event.clientX - left, event.clientY - top], REACH);
    held = near ?? (own >= 0 ? own : null);
    if (held === null) return;
    event.preventDefault(); // no text selection; the hand takes the focus instead
    hands[held].focus({ preventScroll: true });
    root.setPointerCapture(event.pointerId);
    plane.hold = plane.radius;
    root.toggleAttribute("data-held", true);
  });
  root.addEventListener("pointermove", (event) => {
    if (held !== null && root.hasPointerCapture(event.pointerId)) move(held, place(event), false);
  });
  const release = () => {
    if (held === null) return;
    const token = held;
    [held, plane.hold] = [null, null];
    root.toggleAttribute("data-held", false);
    redraw();
    move(token, null, true);
  };
  root.addEventListener("lostpointercapture", release);
}

function drawScene(plane, scene) {
  const { picture, hands } = plane;
  const { width, height } = plane.size;
  plane.radius = plane.hold ?? scene.radius;
  const scale = Math.min(width, height) / 2 / plane.radius;
  const place = ([x, y]) => [width / 2 + scale * x, height / 2 - scale * y];
  plane.tips = scene.tips.map(place);
  plane.tips.forEach(([x, y], token) => {
    hands[token].style.transform = `translate(${(x - 22).toFixed(1)}px, ${(y - 22).toFixed(1)}px)`;
  });
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  picture.replaceChildren(
    ...grid(plane.radius, scale, plane.size),
    ...scene.guides.map((guide) => drawGuide(guide, place)),
    ...scene.arrows.map((arrow) => drawArrow(arrow, place)),
    ...drawLabels(plane, scene.arrows, place),
  );
}

// Lines at round numbers, the axes stronger, and the numbers along the axes.
function grid(radius, scale, { width, height }) {
  const tick = Math.max(1, 2 ** Math.floor(Math.log2(radius / 3)));
  const [cx, cy] = [width / 2, height / 2];
  const most = Math.ceil(Math.max(width, height) / 2 / scale / tick);
  const line = (x1, y1, x2, y2, kind) =>
    svg("line", { class: "llm-plane-grid", "data-kind": kind, x1, y1, x2, y2 });
  const drawn = [];
  for (let i = -most; i <= most; i += 1) {
    const away = i * tick * scale;
    const kind = i === 0 ? "axis" : null;
    drawn.push(line(cx + away, 0, cx + away, height, kind));
    drawn.push(line(0, cy - away, width, cy - away, kind));
    const text = String(Math.abs(i * tick));
    const sign = i < 0 ? "\u2212" : "";
    if (i === 0 || Math.abs(i * tick) > radius * 0.95) continue;
    const number = { class: "llm-plane-number" };
    drawn.push(
      svg("text", { ...number, x: cx + away, y: cy + 16, "text-anchor": "middle" }, sign + text),
      svg("text", { ...number, x: cx - 6, y: cy - away + 5, "text-anchor": "end" }, sign + text),
    );
  }
  return drawn;
}

function drawGuide({ from, to, token }, place) {
  const [[x1, y1], [x2, y2]] = [place(from), place(to)];
  return svg("line", { class: "llm-plane-guide", "data-token": token, x1, y1, x2, y2 });
}

// A shaft and a head. An arrow too short for its head has a smaller one.
function drawArrow({ kind, look, token, from, to }, place) {
  const [[x1, y1], [x2, y2]] = [place(from), place(to)];
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = length ? [(x2 - x1) / length, (y2 - y1) / length] : [0, 0];
  const head = Math.min(HEAD, length);
  const [bx, by] = [x2 - head * ux, y2 - head * uy];
  const wing = (side) => `${bx - side * uy * head * 0.45},${by + side * ux * head * 0.45}`;
  return svg(
    "g",
    { class: "llm-plane-arrow", "data-kind": kind, "data-look": look || null, "data-token": token },
    svg("line", { x1, y1, x2: bx, y2: by }),
    svg("polygon", { points: `${x2},${y2} ${wing(1)} ${wing(-1)}` }),
  );
}

function drawLabels(plane, arrows, place) {
  const all = arrows.filter(({ label }) => label);
  const labelled = all.filter(({ label }) => !label.isBeside);
  const texts = labelled.map(({ label }) => plane.label(label));
  const tips = labelled.map(({ from, to }, i) => {
    const [start, at] = [place(from), place(to)];
    const way = [at[0] - start[0], at[1] - start[1]];
    return { at, way, width: plane.pen.measureText(texts[i]).width };
  });
  const middles = placeTipLabels(tips, { ...plane.size, lineHeight: LINE, marks: plane.tips });
  const beside = all.filter(({ label }) => label.isBeside);
  return [
    ...beside.map((arrow) => drawLabel(arrow, besideShaft(arrow, place), plane.label(arrow.label))),
    ...labelled.map((arrow, i) => drawLabel(arrow, middles[i], texts[i])),
  ];
}

function besideShaft({ from, to }, place) {
  const [[x1, y1], [x2, y2]] = [place(from), place(to)];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [nx, ny] = [(y2 - y1) / length, (x1 - x2) / length];
  return [x1 + 0.6 * (x2 - x1) + 16 * nx, y1 + 0.6 * (y2 - y1) + 16 * ny];
}

function drawLabel({ kind, look, token }, [x, y], text) {
  const middle = { "text-anchor": "middle", "dominant-baseline": "central" };
  const looks = { "data-kind": kind, "data-look": look || null, "data-token": token };
  return svg("text", { class: "llm-plane-label", ...looks, ...middle, x, y }, text);
}
