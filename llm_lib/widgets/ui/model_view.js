// The model map's picture in its three readings, the list of its parts, and the words about the
// part the reader looks at. Picture, list and words light together.
import { memoryAxis, picture } from "../engine/model_scene.js";
import { button } from "./controls.js";
import { h } from "./dom.js";
import { memoryScene, rowsOf } from "./model_rows.js";
import { memoryBars } from "./memory_bars.js";
import { modelPicture } from "./model_picture.js";
import { describeHolding, describePiece, HOLDING_NAMES, placeOf, READINGS } from "./model_words.js";
import { shareList } from "./share_list.js";

const ASPECT = 1.7; // of the picture where there is room, as the style says
const START = { key: "embedding.token", layer: null };
const LEAST = 0.3; // a picture with a smaller side offers to be enlarged

// Returns { root, list, draw, forget }; enlarge() is asked to take the comparison away.
export function modelView({ enlarge, signal }) {
  const chosen = { pieces: START, memory: { key: "weights", layer: null } };
  let scene = null;
  const kind = () => (scene.reading === "memory" ? "memory" : "pieces");
  const keyOf = (item) => item && { key: item.piece.name, layer: item.layer };
  const toKey = (key) => key && { key, layer: null };
  const choose = (at) => {
    chosen[kind()] = at;
    show(at, true);
  };
  const point = (at) => show(at ?? chosen[kind()], !at);
  const map = modelPicture({
    choose: (item) => choose(keyOf(item)),
    point: (item) => point(keyOf(item)),
    signal,
  });
  const inList = { choose: (key) => choose(toKey(key)), point: (key) => point(toKey(key)) };
  const bars = memoryBars({ ...inList, signal });
  const list = shareList(inList);
  const about = h("div", { class: "llm-model-about" });
  const root = h("div", { class: "llm-model-view" }, map.root, bars.root, about);

  // `settled`: chosen, not only pointed at. Then the Tab key leads there.
  const show = (at, settled) => {
    const piece = pieceOf(at.key);
    list.light(at.key, settled);
    if (piece) map.light({ piece, layer: at.layer }, settled);
    else bars.light(at.key, settled);
    const title = piece ? placeOf(piece, at.layer) : HOLDING_NAMES[at.key];
    const lines = piece ? describePiece(piece, scene) : describeHolding(at.key, scene);
    const told = lines.flatMap(([what, words]) => [h("dt", {}, what), h("dd", {}, words)]);
    about.replaceChildren(h("p", { class: "llm-model-title" }, title), h("dl", {}, ...told));
    about.dataset.piece = at.key;
  };
  const isTied = ({ name }) => name === "head" && scene.settings.tie_weights;
  const pieceOf = (key) => scene.cost.pieces.find(({ name }) => name === key);

  // next: { settings, cost, name, reading, other: null | { settings, cost, name } }
  const draw = (next) => {
    scene = next;
    const isMemory = kind() === "memory";
    [map.root.hidden, bars.root.hidden] = [isMemory, !isMemory];
    const rows = rowsOf(scene);
    list.draw(`${READINGS[scene.reading].label} by part`, rows);
    const at = (chosen[kind()] = stillThere(chosen[kind()], rows));
    if (isMemory) {
      const longest = Math.max(...both("write"), ...both("train"));
      bars.draw(memoryScene(scene, memoryAxis(longest)));
    } else map.draw(pictureScene());
    show(at, true);
  };
  // Where the reader looked, or the largest part if there is nothing of that any more.
  const stillThere = ({ key, layer }, rows) => {
    const isThere = rows.some((row) => row.key === key);
    if (isThere) return { key, layer: layer < scene.settings.n_layer ? layer : null };
    return toKey(rows.find(({ share }) => share === 1).key);
  };
  const both = (total) => [scene.cost[total], scene.other?.cost[total] ?? 0];
  const pictureScene = () => {
    const { cost, other, settings, reading, name } = scene;
    const words = READINGS[reading];
    const ties = { tied: settings.tie_weights, otherTied: other?.settings.tie_weights };
    const form = { aspect: ASPECT, ...ties };
    const { layout, scale, ghost } = picture(cost, other?.cost, reading, form);
    const amount = (piece) =>
      reading === "parameters" && isTied(piece) ? "tied: 0" : words.short(words.weigh(piece));
    const total = other && words.short(other.cost[reading]);
    return {
      layout,
      scale,
      ghost: ghost && { ...ghost, label: `${other.name}: ${total}` },
      label: `${name} to scale, ${words.unit}`,
      amount,
      say: (piece, layer) => `${placeOf(piece, layer)}: ${words.exact(words.weigh(piece))}`,
      note: scale < LEAST ? smallNote() : null,
    };
  };
  const smallNote = () =>
    h("div", {}, h("p", {}, `At the scale of ${scene.other.name}.`), button("Enlarge it", enlarge));
  const forget = () => {
    chosen.pieces = START;
    chosen.memory = toKey("weights");
  };
  return { root, list: list.root, draw, forget };
}
