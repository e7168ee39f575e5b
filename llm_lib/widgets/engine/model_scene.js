// What the model map shows of one configuration, and of the one it is compared with.
import { countParameters, divisors, memory } from "./accounting.js";
import { layOut, pieces } from "./model_pieces.js";

export const SIZES = ["vocab_size", "block_size", "n_layer", "n_head", "n_embd"];
export const MACHINES = [
  [6e9, "a phone, 6 GB"],
  [16e9, "a laptop, 16 GB"],
  [80e9, "one large GPU, 80 GB"],
]; // GB: 10^9 bytes, here and in every figure
const ROOM = 1.06; // an axis ends a little after the longest bar

export const HOLDINGS = {
  write: ["weights", "kv_cache"],
  train: ["weights", "gradients", "optimizer", "activations"],
};

// Why these sizes make no GPT, and the nearest numbers of heads that do: null, or
// { heads, width, below, above }.
export function misfit({ n_head: heads, n_embd: width }) {
  if (width % heads === 0) return null;
  const fitting = divisors(width);
  const below = fitting.filter((n) => n < heads).at(-1);
  return { heads, width, below, above: fitting.find((n) => n > heads) };
}

// settings: a config and n_tokens, batch_size, dtype.
export function costs(settings) {
  const held = memory(settings, settings.n_tokens, settings.batch_size, settings.dtype);
  const total = (names) => names.reduce((sum, name) => sum + held[name], 0);
  const all = pieces(settings, settings.n_tokens);
  return {
    pieces: all,
    parameters: countParameters(settings),
    flops: all.reduce((sum, { flops, copies }) => sum + flops * copies, 0),
    held,
    write: total(HOLDINGS.write),
    train: total(HOLDINGS.train),
  };
}

// Where everything lies in the picture, areas to scale; `other` is the costs compared with.
// Returns { layout, scale, ghost }: `scale` is the side of the model's square as a share of the
// picture's, `ghost` the outline of the other model in that picture.
export function picture(cost, other, reading, { aspect, tied, otherTied }) {
  const weigh = (piece) => piece[reading];
  // The place of a tied head stays free, so that untying fills it and moves nothing else.
  const freeFor = ({ pieces: all }, isTied) =>
    reading === "parameters" && isTied ? all.at(-1).shape[0] * all.at(-1).shape[1] : 0;
  const reserved = freeFor(cost, tied);
  const layout = layOut(cost.pieces, weigh, { aspect, reserved });
  if (reserved) {
    const head = { piece: cost.pieces.at(-1), y: 0, height: 1, empty: true };
    layout.after.pop();
    layout.after.push({ ...head, x: layout.used, width: 1 - layout.used });
  }
  if (!other) return { layout, scale: 1, ghost: null };
  const otherWhole = other[reading] + freeFor(other, otherTied);
  const most = Math.max(layout.whole, otherWhole);
  const side = Math.sqrt(otherWhole / most);
  const ghost = { width: (side * other[reading]) / otherWhole, height: side };
  return { layout, scale: Math.sqrt(layout.whole / most), ghost };
}

// How far the axis of the memory goes and which machines lie on it; `next` is the first beyond.
export function memoryAxis(longest) {
  const near = MACHINES.find(([size]) => size >= longest && size <= 6 * longest);
  const most = ROOM * Math.max(longest, near?.[0] ?? 0);
  const next = MACHINES.find(([size]) => size > most) ?? null;
  return { most, marks: MACHINES.filter(([size]) => size <= most), next };
}
