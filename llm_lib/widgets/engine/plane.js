// Points on a plane of pixels: scales, labels that keep off each other, and who is whose neighbour.

const BESIDE = 4; // pixels between a mark and its label
const RINGS = [0, 12, 26]; // pixels farther out, where there is no room beside the mark

// Maps places (x to the right, y up) to pixels, with the same scale on both axes, all in view.
// Returns { scale, place([x, y]) -> [left, top], value([left, top]) -> [x, y] }.
export function fitPlane(places, { width, height, pad }) {
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const room = [Math.max(1, width - 2 * pad), Math.max(1, height - 2 * pad)];
  const scale = Math.min(room[0] / (right - left || 1), room[1] / (high - low || 1));
  const centre = [(left + right) / 2, (low + high) / 2];
  return {
    scale,
    place: ([x, y]) => [width / 2 + scale * (x - centre[0]), height / 2 - scale * (y - centre[1])],
    value: ([x, y]) => [centre[0] + (x - width / 2) / scale, centre[1] - (y - height / 2) / scale],
  };
}

// Where labels go: for each point the offset of its label's corner from the point, or null where
// there is no room. Points are given room in `order`; the first `must` of them whatever it costs.
export function placeLabels(points, { widths, lineHeight, radii, order, must, width, height }) {
  const marks = points.map(([x, y], i) =>
    box(x - radii[i], y - radii[i], 2 * radii[i], 2 * radii[i]),
  );
  const taken = [];
  const placed = points.map(() => null);
  order.forEach((i, rank) => {
    const rings = rank < must ? RINGS : [0]; // far from its mark a label needs a tie to it
    const around = rings.flatMap((ring) => corners(widths[i], lineHeight, radii[i] + ring));
    const boxes = around.map(([dx, dy]) =>
      box(points[i][0] + dx, points[i][1] + dy, widths[i], lineHeight),
    );
    const isInside = (b) => b.left >= 0 && b.top >= 0 && b.right <= width && b.bottom <= height;
    const isClear = (b) => !taken.some((other) => overlaps(b, other));
    const isFree = (b) => isClear(b) && !marks.some((mark, j) => j !== i && overlaps(b, mark));
    let best = boxes.findIndex((b) => isInside(b) && isFree(b));
    if (best < 0 && rank < must) best = boxes.findIndex((b) => isInside(b) && isClear(b));
    if (best < 0 && rank < must) best = Math.max(0, boxes.findIndex(isInside));
    if (best < 0) return;
    taken.push(boxes[best]);
    placed[i] = around[best];
  });
  return placed;
}

// The point that an arrow key leads to: the nearest in its quarter of the plane, or `from` itself.
export function nearestToward(points, from, [dx, dy]) {
  let best = { index: from, cost: Infinity };
  points.forEach(([x, y], index) => {
    const [right, down] = [x - points[from][0], y - points[from][1]];
    const along = right * dx + down * dy;
    const across = Math.abs(right * dy - down * dx);
    const cost = along + 2 * across;
    if (index !== from && along > 0 && across <= along && cost < best.cost) best = { index, cost };
  });
  return best.index;
}

// The point nearest to a place of the pointer, not farther than `reach`, or null.
export function nearestPoint(points, [x, y], reach) {
  let best = { index: null, distance: reach };
  points.forEach((point, index) => {
    const distance = Math.hypot(point[0] - x, point[1] - y);
    if (distance < best.distance) best = { index, distance };
  });
  return best.index;
}

// Among the points nearly as near to the pointer as the nearest, the one closest to `from` in
// number: a hand that turns a clock forward then never falls back by a whole turn.
export function nearestAlong(points, [x, y], from, slack = 8) {
  const distances = points.map((point) => Math.hypot(point[0] - x, point[1] - y));
  const limit = Math.min(...distances) + slack;
  const near = points.map((_, i) => i).filter((i) => distances[i] <= limit);
  return near.reduce((best, i) => (Math.abs(i - from) < Math.abs(best - from) ? i : best));
}

const box = (left, top, width, height) => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

const overlaps = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

// The corners of a label around a mark, the preferred side first.
function corners(width, height, radius) {
  const away = radius + BESIDE;
  const near = radius * 0.7;
  return [
    [away, -height / 2],
    [-away - width, -height / 2],
    [-width / 2, -away - height + BESIDE],
    [-width / 2, away - BESIDE],
    [near, -near - height],
    [near, near],
    [-near - width, -near - height],
    [-near - width, near],
  ];
}
