// The model map as rows: for its list of parts, its bars of memory, and its table.
import { HOLDINGS } from "../engine/model_scene.js";
import { bytes, percent, times } from "./large_amounts.js";
import { HOLDING_NAMES, READINGS, titleOf } from "./model_words.js";

// What the list shows: one row for each part that has any of what is counted, in the order of
// computation, and the tied head, which has none.
export function rowsOf({ reading, cost, settings }) {
  if (reading === "memory") return holdingRows(cost);
  const { weigh, short, exact } = READINGS[reading];
  const total = cost[reading];
  const tied = ({ name }) => name === "head" && settings.tie_weights;
  const shown = cost.pieces.filter((piece) => weigh(piece) > 0 || tied(piece));
  const whole = (piece) => weigh(piece) * piece.copies;
  const most = Math.max(...shown.map(whole));
  return shown.map((piece) => ({
    key: piece.name,
    name: tied(piece) && !weigh(piece) ? `${titleOf(piece)}, tied` : titleOf(piece),
    copies: piece.copies,
    amount: short(whole(piece)),
    exact: exact(whole(piece)),
    share: whole(piece) / most,
    shareWords: percent(whole(piece) / total),
  }));
}

function holdingRows({ held, train, write }) {
  const names = Object.keys(HOLDING_NAMES);
  const most = Math.max(...names.map((name) => held[name]));
  return names.map((name) => ({
    key: name,
    name: name === "kv_cache" ? "KV cache, to write" : HOLDING_NAMES[name],
    copies: 1,
    amount: bytes(held[name]),
    exact: READINGS.memory.exact(held[name]),
    share: held[name] / most,
    shareWords: percent(held[name] / (name === "kv_cache" ? write : train)),
  }));
}

const ghostOf = ({ name, cost }, total) =>
  ({ value: cost[total], label: `${name}: ${bytes(cost[total])}` });

// What the bars show on an axis of { most, marks, next }.
export function memoryScene({ cost, other }, { most, marks, next }) {
  const bar = (name, total) => ({
    name,
    amount: bytes(cost[total]),
    ghost: other && ghostOf(other, total),
    parts: HOLDINGS[total].map((key) => ({
      key,
      name: HOLDING_NAMES[key],
      value: cost.held[key],
      say: `${HOLDING_NAMES[key]}: ${bytes(cost.held[key])}`,
    })),
  });
  return {
    label: "Memory to scale",
    most,
    bars: [bar("To write", "write"), bar("To train", "train")],
    marks: marks.map(([value, label]) => ({ value, label })),
    beyond: next ? `Not on this axis: ${next[1]}, ${times(next[0] / most)} times its length.` : "",
  };
}
