// The weights of a GPT: which tensors there are, what shapes they have, and where they lie in the
// kernel's memory. Names and layout are those of Hugging Face's GPT-2 files without the prefix
// "transformer.": linear weights are (in, out), the tables (V, C) and (block_size, C).

const SIZES = ["vocab_size", "block_size", "n_layer", "n_head", "n_embd"];

// The sizes of a model, checked: {vocab_size, block_size, n_layer, n_head, n_embd, norm_eps}.
export function checkConfig(config) {
  for (const name of SIZES) {
    if (!Number.isInteger(config[name]) || config[name] < 1) {
      throw new RangeError(`${name} is ${config[name]}; it must be a whole number of at least 1`);
    }
  }
  const { n_embd: width, n_head: heads, norm_eps: eps = 1e-5 } = config;
  if (width % heads) {
    throw new RangeError(`n_embd is ${width} and n_head ${heads}: n_head must divide n_embd`);
  }
  return { ...Object.fromEntries(SIZES.map((name) => [name, config[name]])), norm_eps: eps };
}

// Name -> shape of every tensor that a model of this size can have.
export function gptShapes({ vocab_size: V, block_size: B, n_layer: layers, n_embd: C }) {
  const shapes = { "wte.weight": [V, C], "wpe.weight": [B, C] };
  for (let i = 0; i < layers; i += 1) {
    const parts = {
      ln_1: [C],
      "attn.c_attn": [C, 3 * C],
      "attn.c_proj": [C, C],
      ln_2: [C],
      "mlp.c_fc": [C, 4 * C],
      "mlp.c_proj": [4 * C, C],
    };
    for (const [part, shape] of Object.entries(parts)) {
      shapes[`h.${i}.${part}.weight`] = shape;
      shapes[`h.${i}.${part}.bias`] = shape.slice(-1);
    }
  }
  return { ...shapes, "ln_f.weight": [C], "ln_f.bias": [C], "lm_head.weight": [V, C] };
}

// A model may do without biases, and without a head of its own: then the token table is the head.
const isOptional = (name) => name.endsWith(".bias") || name === "lm_head.weight";

// How many numbers placeWeights() asks the kernel for.
export function countWeights(config) {
  const sizes = Object.values(gptShapes(config)).map((shape) => shape.reduce((a, b) => a * b));
  return sizes.reduce((sum, size) => sum + padded(size), 0);
}

// The room that n numbers take in a kernel.
export const padded = (n) => Math.ceil(n / 4) * 4;

// Copies `tensors` (Map name -> Float32Array) into the kernel's memory. Returns
// { tokens, positions, head, norm, layers: [{ norm1, qkv, projection, norm2, expand, compress }] },
// each part but the three tables as { weight, bias }, bias null where there is none.
export function placeWeights(kernel, config, tensors) {
  const shapes = gptShapes(config);
  const place = (name) => placeTensor(kernel, name, shapes[name], tensors.get(name));
  const part = (name) => ({ weight: place(`${name}.weight`), bias: place(`${name}.bias`) });
  const layers = Array.from({ length: config.n_layer }, (_, i) => ({
    norm1: part(`h.${i}.ln_1`),
    qkv: part(`h.${i}.attn.c_attn`),
    projection: part(`h.${i}.attn.c_proj`),
    norm2: part(`h.${i}.ln_2`),
    expand: part(`h.${i}.mlp.c_fc`),
    compress: part(`h.${i}.mlp.c_proj`),
  }));
  const tokens = place("wte.weight");
  return {
    tokens,
    positions: place("wpe.weight"),
    layers,
    norm: part("ln_f"),
    head: place("lm_head.weight") ?? tokens,
  };
}

function placeTensor(kernel, name, shape, values) {
  if (!values) {
    if (isOptional(name)) return null;
    throw new Error(`the model lacks the tensor ${name} of shape (${shape.join(", ")})`);
  }
  const size = shape.reduce((a, b) => a * b);
  if (values.length !== size) {
    throw new RangeError(
      `the tensor ${name} holds ${values.length} numbers; its shape (${shape.join(", ")}) ` +
        `needs ${size}`,
    );
  }
  const placed = kernel.floats(size);
  placed.set(values);
  return placed;
}
