// What the block explorer draws of one text, in the form that block_view.js takes.
import { readPiece } from "../engine/block_edits.js";
import { blockScene, neuronsAt, normAt, sumAt } from "../engine/block_scene.js";
import { lossOf } from "../engine/next_tokens.js";
import { changeWords, ladderTable, offWords, stationSaid, stationWords } from "./block_words.js";
import { grouped } from "./token_text.js";

const KEY = "A blue number is above zero, an orange one below.";

// read: { ids, names, cut, off, before, after, nameOf(id) }; before, after: see block_reading.js;
// gpt: the model; lens: see logit_lens.js.
// Returns { draw(state, trial), table(state), and sentences } for any state { t, part, reading }.
export function blockPicture(read, gpt, lens) {
  const { ids, names, cut, off, before, after, nameOf } = read;
  const { n_layer: layers, vocab_size: V, norm_eps: eps } = gpt.config;
  const pieces = off.map(readPiece);
  const isChanged = off.length > 0;
  const lossOfReading = ({ logits }) => lossOf(logits, V, ids);
  const losses = isChanged ? [before, after].map(lossOfReading) : [];
  let kept = null; // the numbers at one token
  let close = null; // what was shown of one station

  // Moving along the stations asks for the same token again and again.
  function sceneAt(t) {
    if (kept?.t !== t) kept = { t, scene: blockScene({ before, after, ids, t, layers, lens }) };
    return kept.scene;
  }

  const namedRows = (t) => sceneAt(t).next.rows.map((row) => ({ ...row, name: nameOf(row.id) }));
  const change = (t) =>
    isChanged ? changeWords(pieces, namedRows(t), sceneAt(t).word, losses) : "";

  function nextScene(t) {
    const { rest } = sceneAt(t).next;
    const own = namedRows(t).map((row) => ({ ...row, note: row.isActual ? "(in your text)" : "" }));
    const others = { ...rest, name: `${grouped(rest.count)} others`, kind: "rest" };
    return { title: `What comes after “${names[t]}”`, rows: [...own, others], isChanged };
  }

  // trial: { kept, text }, see block_trial.js
  function draw({ t, part, reading }, trial) {
    const scene = sceneAt(t);
    const { stations, word } = scene;
    const chosen = stations.findIndex(({ name }) => name === part);
    return {
      t,
      about: stationSaid(stations.at(-1), nameOf),
      cut: cut ? `The text is long: its first ${grouped(cut)} tokens are left out.` : "",
      next: nextScene(t),
      change: change(t),
      off: offWords(pieces),
      trial: trial.text,
      ladder: {
        stations,
        chosen,
        isOff: ({ adds }) => off.includes(adds),
        isChanged,
        word,
        nameOf,
        kept: (name) => trial.kept?.get(name) ?? null,
      },
      detail: detailOf(reading, stations, chosen, t),
    };
  }

  // The same object as long as nothing changed: it need not be drawn again.
  function detailOf(...about) {
    const key = [about[0], about[2], about[3]].join();
    if (close?.key !== key) close = { key, scene: detailScene(...about) };
    return close.scene;
  }

  function detailScene(reading, stations, chosen, t) {
    const own = stations[chosen];
    // The embedding has no norm: the first is that before block 0. Neurons are a block's.
    const station = reading === "norm" && !own.norm ? stations[1] : own;
    const layer = station.layer ?? (own.kind === "norm" ? layers - 1 : 0);
    const reader = station.kind === "norm" ? "the head" : stationWords(station);
    const isSkipped = off.includes(station.norm);
    const shown = {
      stream: () => sumAt(own, after, t),
      norm: () => ({ steps: normAt(station, after, t, eps), reader, isSkipped }),
      activation: () => neuronsAt(layer, after, t),
    };
    const titles = {
      stream: sumTitle(own),
      norm: `The ${station.kind === "norm" ? "last " : ""}norm before ${reader}`,
      activation: `The neurons of block ${layer} at “${names[t]}”`,
    };
    return {
      reading,
      title: titles[reading],
      note: noteOf(reading, own, isSilent(layer)),
      shown: shown[reading](),
      switches: switchesOf(reading, station, own),
    };
  }

  const isSilent = (layer) => off.includes(`blocks.${layer}.feed_forward`);

  function switchesOf(reading, station, { adds, layer }) {
    const isOff = (name) => off.includes(name);
    const both = [`blocks.${layer}.attention`, `blocks.${layer}.feed_forward`];
    const state = (text, isPressed) => ({ text, isPressed });
    const skips = reading === "norm" && station.layer !== null;
    return {
      part: !skips && adds ? state("Silence this part", isOff(adds)) : null,
      block: !skips && adds ? state(`Silence block ${layer}`, both.every(isOff)) : null,
      skip: skips ? state("Skip this norm", isOff(station.norm)) : null,
    };
  }

  const table = ({ t }) => ladderTable(sceneAt(t), { name: names[t], nameOf, isChanged });
  const said = ({ t, part }) =>
    stationSaid(sceneAt(t).stations.find(({ name }) => name === part), nameOf);
  return { draw, table, sceneAt, said, change: ({ t }) => change(t) || "Every part is on again." };
}

function sumTitle(station) {
  if (station.kind === "embedding") return "The stream begins: token + position";
  if (station.kind === "norm") return "The last norm makes a copy for the head";
  return `What ${stationWords(station)} writes into the stream`;
}

function noteOf(reading, { kind }, isSilent) {
  if (reading === "stream") return KEY;
  if (reading === "norm") return "The band is one standard deviation to either side of the mean.";
  const where = kind === "feed_forward" ? "" : "They sit in the feed-forward layer. ";
  const silence = isSilent ? " The layer is silent." : "";
  return `${where}A dot is a neuron, on the curve of GELU.${silence}`;
}
