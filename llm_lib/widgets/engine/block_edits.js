// Pieces of a block left out of a running model, by the names that llm_lib/hooks.py gives them.
import { compose, replace, silencePart } from "./edits.js";

const PIECE = /^blocks\.(\d{1,4})\.(attention|feed_forward|norm1|norm2)$/;

// { layer, piece } of the name of what can be left out, or null.
export function readPiece(name) {
  const [, layer, piece] = PIECE.exec(name) ?? [];
  return piece ? { layer: Number(layer), piece } : null;
}

// A hook for the model without these pieces: a part adds nothing, a norm hands on what it is given.
export function leaveOut(names) {
  return compose(...names.map(leaveOutOne));
}

function leaveOutOne(name) {
  const { layer, piece } = readPiece(name) ?? {};
  if (piece === undefined) {
    throw new RangeError(`“${name}” cannot be left out; “blocks.0.attention” can, or a norm`);
  }
  return piece.startsWith("norm") ? skipNorm(layer, piece) : silencePart(layer, piece);
}

function skipNorm(layer, norm) {
  const source = `blocks.${layer}.${norm === "norm1" ? "residual_in" : "residual_mid"}`;
  let given = null;
  const remember = (name, data) => {
    if (name === source) given = data;
  };
  return compose(remember, replace(`blocks.${layer}.${norm}`, () => given));
}
