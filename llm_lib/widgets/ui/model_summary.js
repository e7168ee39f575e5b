// A configuration in a line: its name, its total, and how it compares; and its table.
import { SIZES } from "../engine/model_scene.js";
import { bytes, flop, percent, times } from "./large_amounts.js";
import { h } from "./dom.js";
import { HOLDING_NAMES, READINGS, titleOf } from "./model_words.js";
import { grouped } from "./token_text.js";

export function nameOf(settings, presets) {
  const preset = presets.find((known) => SIZES.every((name) => known[name] === settings[name]));
  const untied = settings.tie_weights ? "" : ", untied";
  if (preset) return preset.label + untied;
  const layers = `${settings.n_layer} ${settings.n_layer === 1 ? "layer" : "layers"}`;
  return `${layers} of width ${grouped(settings.n_embd)}${untied}`;
}

// The headline, as pieces of a paragraph.
export function describeModel(scene) {
  const { reading, cost, settings, name } = scene;
  const strong = (text) => h("strong", {}, text);
  const said = {
    parameters: () => [strong(grouped(cost.parameters)), " parameters."],
    flops: () => {
      const seen = settings.n_tokens === 1 ? "itself only" : `${grouped(settings.n_tokens)} tokens`;
      const each = `${times(cost.flops / cost.parameters)} for each parameter.`;
      return [strong(flop(cost.flops)), ` to read one token that sees ${seen}: ${each}`];
    },
    memory: () => [
      strong(bytes(cost.write)),
      " to write, ",
      strong(bytes(cost.train)),
      ` to train, with ${grouped(settings.batch_size)} × ${grouped(settings.n_tokens)} tokens.`,
    ],
  };
  return [`${name}: `, ...said[reading](), comparison(scene)];
}

const upperFirst = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function comparison({ reading, cost, other }) {
  if (!other) return "";
  const total = reading === "memory" ? "train" : reading;
  const ratio = cost[total] / other.cost[total];
  const what = reading === "memory" ? " to train" : "";
  if (ratio === 1) return ` That is as many as ${other.name}.`;
  if (ratio > 1) return ` That is ${times(ratio)} times ${other.name}${what}.`;
  if (ratio >= 0.1) return ` That is ${percent(ratio)} of ${other.name}${what}.`;
  const large = reading === "parameters" ? "large" : "much";
  return ` ${upperFirst(other.name)} is ${times(1 / ratio)} times as ${large}${what}.`;
}

export function misfitWords({ heads, width }) {
  const each = (width / heads).toFixed(2);
  const why = "Every head gets the same whole number of columns.";
  return (
    `No GPT: ${heads} heads cannot share ${grouped(width)} columns, ` +
    `${grouped(width)} / ${heads} = ${each}. ${why}`
  );
}

export function tableOf({ reading, cost, name }) {
  return reading === "memory" ? memoryTable(cost, name) : pieceTable(cost, name);
}

function pieceTable(cost, name) {
  const rows = cost.pieces.map(({ parameters, flops, copies, ...piece }) => [
    titleOf(piece),
    piece.shape ? `(${piece.shape.map(grouped).join(", ")})` : "",
    copies,
    grouped(parameters * copies),
    percent((parameters * copies) / cost.parameters),
    grouped(flops * copies),
    percent((flops * copies) / cost.flops),
  ]);
  rows.push(["All", "", "", grouped(cost.parameters), percent(1), grouped(cost.flops), percent(1)]);
  const columns = ["part", "weight", "copies", "parameters", "share", "FLOP per token", "share"];
  return { caption: `${name}, in the order in which a token meets the parts`, columns, rows };
}

function memoryTable({ held, write, train }, name) {
  const row = (title, value) => [title, READINGS.memory.exact(value), bytes(value)];
  const rows = Object.entries(HOLDING_NAMES).map(([key, title]) => row(title, held[key]));
  rows.push(row("To write: weights and KV cache", write));
  rows.push(row("To train: all but the cache", train));
  return { caption: `Memory of ${name}`, columns: ["what", "exact", "in short"], rows };
}
