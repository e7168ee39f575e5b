// Where the words at the tips of arrows go: outward from the tip, then apart from each other.

const AWAY = 16; // pixels between a tip and the middle of its label, besides half the label
const MARK = 12; // pixels around a tip that no label should cover

// tips: [{ at: [x, y], way: [x, y], width }] in pixels, `way` being where the arrow points.
// marks: other places to keep clear. Returns the middle of each label, inside the picture, no two
// over each other and none over a mark, where there is room.
export function placeTipLabels(tips, { width, height, lineHeight, marks = [] }) {
  const places = tips.map(({ at, way, width: w }) => {
    const length = Math.hypot(...way);
    const [ux, uy] = length ? way.map((value) => value / length) : [0, -1];
    return [at[0] + ux * (AWAY + w / 2), at[1] + uy * (AWAY + lineHeight / 2)];
  });
  const inside = ([x, y], w) => [
    clamp(x, w / 2 + 2, width - w / 2 - 2),
    clamp(y, lineHeight / 2, height - lineHeight / 2),
  ];
  let placed = places.map((place, i) => inside(place, tips[i].width));
  for (let round = 0; round < 6; round += 1) {
    const isCovered = pushOff(marks, placed, tips, lineHeight);
    if (!pushApart(placed, tips, lineHeight) && !isCovered) break;
    placed = placed.map((place, i) => inside(place, tips[i].width));
  }
  return placed;
}

// Moves each label that lies over a mark up or down, to the side where its own tip is.
function pushOff(marks, places, tips, lineHeight) {
  const clear = lineHeight / 2 + MARK;
  let isMoved = false;
  for (const mark of marks) {
    places.forEach((place, i) => {
      const [dx, dy] = [place[0] - mark[0], place[1] - mark[1]];
      if (Math.abs(dx) >= tips[i].width / 2 + MARK || Math.abs(dy) >= clear) return;
      place[1] = mark[1] + (isBelow(tips[i].at, mark, marks, dy) ? clear : -clear);
      isMoved = true;
    });
  }
  return isMoved;
}

// Whether a tip is below a mark; of its own mark: below the nearest other one, so that the label
// is not pushed from one mark onto the next and back.
function isBelow(tip, mark, marks, dy) {
  const distance = (other) => Math.hypot(other[0] - tip[0], other[1] - tip[1]);
  if (distance(mark) > 1) return tip[1] > mark[1];
  const others = marks.filter((other) => distance(other) > 1);
  const nearest = others.sort((a, b) => distance(a) - distance(b))[0];
  return nearest && distance(nearest) < 4 * MARK ? tip[1] > nearest[1] : dy > 0;
}

// Moves each overlapping pair apart, up and down; returns whether there was one.
function pushApart(places, tips, lineHeight) {
  let isMoved = false;
  for (let i = 0; i < places.length; i += 1) {
    for (let j = i + 1; j < places.length; j += 1) {
      const [dx, dy] = [places[j][0] - places[i][0], places[j][1] - places[i][1]];
      const isBeside = Math.abs(dx) >= (tips[i].width + tips[j].width) / 2 + 6;
      if (isBeside || Math.abs(dy) >= lineHeight) continue;
      const push = (lineHeight - Math.abs(dy)) / 2 + 0.5;
      const sign = dy < 0 ? -1 : 1;
      places[i][1] -= sign * push;
      places[j][1] += sign * push;
      isMoved = true;
    }
  }
  return isMoved;
}

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
