// The pieces of a GPT in the order in which a token meets them, and where each lies in a picture
// whose areas are to scale.
import { forwardFlops, parts } from "./accounting.js";

const ATTENTION = ["scores", "mixture"].map((name) => `blocks.*.attention.${name}`);
const QKV = "blocks.*.attention.qkv";
const BLOCK_ASPECT = 1.25; // width to height of a block: wide enough for words in its rows

// [{ name, place, group, shape, bias, copies, parameters, flops }]; place is "before", "block" or
// "after"; parameters and flops are those of one copy. What has no weights, or no products, has
// 0 of them. A tied head is a piece too: it has products, and no weights of its own.
export function pieces(config, nTokens) {
  const flops = forwardFlops(config, 1, nTokens - 1); // of one token that sees nTokens
  const costOf = ({ name, copies }) => (flops[name.replace("blocks.*.", "")] ?? 0) / copies;
  const weightless = (name) =>
    ({ name, group: "attention", shape: null, bias: 0, copies: config.n_layer, parameters: 0 });
  const head = parts({ ...config, tie_weights: false }).at(-1);
  const all = parts(config).flatMap((part) =>
    part.name === QKV ? [part, ...ATTENTION.map(weightless)] : [part],
  );
  if (config.tie_weights) all.push({ ...head, parameters: 0 });
  return all.map((part) => ({ ...part, place: placeOf(part.name), flops: costOf(part) }));
}

function placeOf(name) {
  if (name.startsWith("blocks.")) return "block";
  return name.startsWith("embedding.") ? "before" : "after";
}

// Lays the pieces out in the unit square, each with an area in proportion to weigh(piece): first
// what stands before the blocks, then the blocks row by row, then what comes after them.
//   aspect    width to height that the square will be shown with
//   reserved  weight to keep free at the right edge
// Returns { whole, used, before, blocks, after }. Boxes are { x, y, width, height }, those of a
// block's pieces relative to the block; `used` is the width that is not reserved.
export function layOut(all, weigh, { aspect, reserved = 0 }) {
  const of = (place) => all.filter((piece) => piece.place === place);
  const total = (some) => some.reduce((sum, piece) => sum + weigh(piece), 0);
  const layers = of("block")[0].copies;
  const weights = [total(of("before")), layers * total(of("block")), total(of("after"))];
  const whole = weights.reduce((sum, weight) => sum + weight, reserved);
  const [first, middle, last] = weights.map((weight) => weight / whole);
  const box = (x, width) => ({ x, y: 0, width, height: 1 });
  const rows = stack(of("block"), weigh);
  return {
    whole,
    used: first + middle + last,
    before: stack(of("before"), weigh, box(0, first)),
    blocks: blockGrid(layers, middle * aspect)
      .map(({ x, width, ...rest }) => ({ ...rest, x: first + x * middle, width: width * middle }))
      .map((place) => ({ ...place, rows })),
    after: slice(of("after"), weigh, box(first + middle, last)),
  };
}

// One above the other, heights in proportion.
function stack(all, weigh, { x, y, width, height } = { x: 0, y: 0, width: 1, height: 1 }) {
  const total = all.reduce((sum, piece) => sum + weigh(piece), 0) || 1;
  let top = y;
  return all.map((piece) => {
    const share = (height * weigh(piece)) / total;
    const box = { x, y: top, width: weigh(piece) ? width : 0, height: share };
    top += share;
    return { piece, ...box };
  });
}

// Side by side, widths in proportion.
function slice(all, weigh, { x, y, width, height }) {
  const turned = stack(all, weigh, { x: y, y: x, width: height, height: width });
  return turned.map((b) => ({ piece: b.piece, x: b.y, y: b.x, width: b.height, height: b.width }));
}

// Places for `count` equal areas in the unit square, row by row. A row with fewer blocks is lower,
// so that no place stays empty and every area is the same.
export function blockGrid(count, aspect) {
  const lines = bestLines(count, aspect);
  const places = [];
  for (let line = 0, y = 0; line < lines; line += 1) {
    const inLine = Math.floor(count / lines) + (line < count % lines ? 1 : 0);
    const [width, height] = [1 / inLine, inLine / count];
    for (let i = 0; i < inLine; i += 1) places.push({ x: i * width, y, width, height });
    y += height;
  }
  return places;
}

function bestLines(count, aspect) {
  let best = 1;
  const misfit = (lines) => Math.abs(Math.log((aspect * lines * lines) / count / BLOCK_ASPECT));
  for (let lines = 2; lines <= count; lines += 1) if (misfit(lines) < misfit(best)) best = lines;
  return best;
}
