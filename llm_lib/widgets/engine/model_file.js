// A model as it travels (llm_lib/widgets/models.py) back into tensors: base64 to bytes, bytes times
// the scale of their row. Everything is checked: what arrives damaged must not pretend to think.
import { gptShapes } from "./gpt_weights.js";

// A generator for runSliced(), since a model is a million numbers: yields when a slice is over,
// returns { config, tensors: Map name -> Float32Array }.
export function* unpackModel({ config, tensors: packed }, clock) {
  if (!config || !Array.isArray(packed)) throw new Error("the model's file is damaged");
  const shapes = gptShapes(config);
  const tensors = new Map();
  for (const tensor of packed) {
    const { name, shape } = tensor;
    if (String(shape) !== String(shapes[name])) throw damaged(name);
    tensors.set(name, unpackTensor(tensor));
    if (clock.due()) yield;
  }
  return { config, tensors };
}

function unpackTensor({ name, shape, scales, data, crc32: expected }) {
  const bytes = fromBase64(name, data);
  const [rows, columns] = shape.length === 2 ? shape : [1, shape[0]];
  const size = rows * columns;
  if (bytes.length !== (scales ? size : 4 * size) || crc32(bytes) !== expected) throw damaged(name);
  const values = scales
    ? scaled(new Int8Array(bytes.buffer), floats(fromBase64(name, scales)), rows, columns)
    : floats(bytes);
  if (values === null || !values.every(Number.isFinite)) throw damaged(name);
  return values;
}

function scaled(numbers, scales, rows, columns) {
  if (scales.length !== rows) return null;
  const values = new Float32Array(numbers.length);
  for (let r = 0; r < rows; r += 1) {
    const end = (r + 1) * columns;
    for (let i = r * columns; i < end; i += 1) values[i] = numbers[i] * scales[r];
  }
  return values;
}

const floats = (bytes) => new Float32Array(bytes.buffer, 0, bytes.length >> 2);

const damaged = (name) => new Error(`the model's file is damaged (at ${name})`);

function fromBase64(name, text) {
  try {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
    return bytes;
  } catch (error) {
    throw new Error(damaged(name).message, { cause: error });
  }
}

let table = null;

// The checksum of zip files and of Python's zlib.crc32.
export function crc32(bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
    return rest;
  });
  let sum = -1;
  for (let i = 0; i < bytes.length; i += 1) sum = table[(sum ^ bytes[i]) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}
