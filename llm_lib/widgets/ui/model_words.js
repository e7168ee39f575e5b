// What the model map says of each piece: its name, its shape, and its sums with the numbers put in.
import { BYTES } from "../engine/accounting.js";
import { bytes, flop, percent, short } from "./large_amounts.js";
import { grouped } from "./token_text.js";

const NAMES = {
  "embedding.token": "Token table",
  "embedding.position": "Position table",
  "blocks.*.norm1": "Norm before attention",
  "blocks.*.attention.qkv": "Queries, keys, values",
  "blocks.*.attention.scores": "Scores q·k",
  "blocks.*.attention.mixture": "Mixtures of values",
  "blocks.*.attention.projection": "Attention projection",
  "blocks.*.norm2": "Norm before feed-forward",
  "blocks.*.feed_forward.expand": "Feed-forward, expand",
  "blocks.*.feed_forward.projection": "Feed-forward, project back",
  norm: "Last norm",
  head: "Output head",
};

const SYMBOLS = {
  "embedding.token": ["V", "C"],
  "embedding.position": ["positions", "C"],
  "blocks.*.attention.qkv": ["C", "3C"],
  "blocks.*.attention.projection": ["C", "C"],
  "blocks.*.feed_forward.expand": ["C", "4C"],
  "blocks.*.feed_forward.projection": ["4C", "C"],
  head: ["C", "V"],
};

export const titleOf = (piece) => NAMES[piece.name];

export const placeOf = (piece, layer) =>
  layer === null ? titleOf(piece) : `Block ${layer}: ${titleOf(piece).toLowerCase()}`;

// The three ways to look at a model: what a piece is measured by, and how that is written.
export const READINGS = {
  parameters: {
    label: "Parameters",
    weigh: (piece) => piece.parameters,
    unit: "parameters",
    short,
    exact: (number) => grouped(number),
  },
  flops: {
    label: "FLOPs per token",
    weigh: (piece) => piece.flops,
    unit: "FLOP per token",
    short: flop,
    exact: (number) => `${grouped(number)} FLOP`,
  },
  memory: { label: "Memory", unit: "bytes", short: bytes, exact: (n) => `${grouped(n)} bytes` },
};

const isNorm = (piece) => piece.group === "norm";
const multiplied = (factors) => factors.map((factor) => grouped(factor)).join(" · ");

// [[what, formula with its numbers]]: what a reader sees of the piece they look at.
export function describePiece(piece, { settings, cost, reading }) {
  const { weigh, unit } = READINGS[reading];
  const share = (value) => percent(value / cost[reading]);
  const all = weigh(piece) * piece.copies;
  const lines = [
    ["Shape", shapeWords(piece, settings)],
    ["Parameters", parameterWords(piece, settings)],
    ["FLOPs per token", flopWords(piece, settings)],
    ["Weights in memory", memoryWords(piece, settings)],
  ];
  const many = piece.copies > 1 ? `; those of all ${piece.copies} blocks, ${share(all)}` : "";
  lines.push(["Share", `${share(weigh(piece))} of the ${unit}${many}`]);
  return lines;
}

function shapeWords(piece, { tie_weights: isTied, n_tokens: nTokens }) {
  if (piece.shape === null) {
    const from = piece.name.endsWith("scores") ? "queries times keys" : "weights times values";
    return `${from}, ${nTokens === 1 ? "1 position" : `${grouped(nTokens)} positions`} to look at`;
  }
  const shape = `(${piece.shape.map(grouped).join(", ")})`;
  if (piece.name === "head" && isTied) return `${shape}, the token table turned`;
  return piece.bias ? `${shape} and a bias (${grouped(piece.bias)})` : shape;
}

function parameterWords(piece, { tie_weights: isTied, n_embd: width }) {
  if (piece.shape === null) return "0: nothing learned, two results multiplied";
  if (piece.name === "head" && isTied) return "0: tied, it uses the token table";
  const result = `= ${grouped(piece.parameters)}`;
  if (isNorm(piece)) {
    return piece.bias ? `2C = 2 · ${grouped(width)} ${result}` : `C ${result}`;
  }
  const symbols = SYMBOLS[piece.name];
  const bias = piece.bias ? ` + ${symbols[1]}` : "";
  const added = piece.bias ? ` + ${grouped(piece.bias)}` : "";
  return `${symbols.join(" · ")}${bias} = ${multiplied(piece.shape)}${added} ${result}`;
}

function flopWords(piece, { n_tokens: nTokens, n_embd: width }) {
  if (piece.group === "embedding") return "0: a row is looked up, nothing is multiplied";
  if (isNorm(piece)) return "not counted: only products of matrices are";
  const result = `= ${grouped(piece.flops)}`;
  if (piece.shape === null) return `2 · T · C = 2 · ${multiplied([nTokens, width])} ${result}`;
  return `2 · ${SYMBOLS[piece.name].join(" · ")} = 2 · ${multiplied(piece.shape)} ${result}`;
}

function memoryWords(piece, { dtype }) {
  if (piece.parameters === 0) return "0";
  const each = piece.parameters * BYTES[dtype];
  return `${grouped(piece.parameters)} · ${BYTES[dtype]} bytes = ${bytes(each)} in ${dtype}`;
}

export const HOLDING_NAMES = {
  weights: "Weights",
  gradients: "Gradients",
  optimizer: "AdamW's two averages",
  activations: "Activations",
  kv_cache: "KV cache",
};

// The same for one part of the memory.
export function describeHolding(name, { settings, cost }) {
  const { n_layer: layers, n_embd: width, n_head: heads, vocab_size: vocab } = settings;
  const wide = BYTES[settings.dtype];
  const count = grouped(cost.parameters);
  const result = `= ${grouped(cost.held[name])} bytes`;
  const tokens = multiplied([settings.batch_size, settings.n_tokens]);
  const sums = {
    weights: ["parameters · bytes", `${count} · ${wide} ${result}`],
    gradients: ["one for each parameter", `${count} · ${wide} ${result}`],
    optimizer: ["two for each parameter", `2 · ${count} · ${wide} ${result}`],
    activations: [
      "B · T · (L (16 C + h + 4) + 2 C + 2 + V) · bytes",
      `${tokens} · (${layers} · (16 · ${grouped(width)} + ${heads} + 4) + 2 · ${grouped(width)}` +
        ` + 2 + ${grouped(vocab)}) · ${wide} ${result}`,
    ],
    kv_cache: [
      "2 · L · C · B · T · bytes",
      `2 · ${multiplied([layers, width])} · ${tokens} · ${wide} ${result}`,
    ],
  };
  const [formula, numbers] = sums[name];
  return [["Formula", formula], ["Numbers", numbers], ["When", WHEN[name]]];
}

const WHEN = {
  weights: "always: to write and to train",
  gradients: "in training, until the weights have moved",
  optimizer: "in training, from the first step to the last",
  activations: "in training, from the way forward to the way back",
  kv_cache: "in writing; it grows with every token",
};
