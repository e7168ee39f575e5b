// What a GPT costs, from its config alone: the twin of llm_lib/accounting.py, number for number.
// Names and definitions are explained there; a config has the fields of GPTConfig. Sizes up to
// 2^53 are exact, which is far beyond any model that was ever trained.

export const BYTES = { float32: 4, float16: 2, bfloat16: 2, int8: 1 };

const product = (numbers) => numbers.reduce((result, number) => result * number, 1);
const sum = (numbers) => numbers.reduce((result, number) => result + number, 0);

// Every layer with weights of its own, in the order in which a token meets them:
// [{ name, group, shape, bias, copies, parameters }], `parameters` of one copy.
export function parts(config) {
  const { n_embd: width, n_layer: layers } = config;
  const biased = Number(config.bias ?? true);
  const part = (name, group, shape, bias, copies) =>
    ({ name, group, shape, bias, copies, parameters: product(shape) + bias });
  const norm = (name, copies) => part(name, "norm", [width], biased * width, copies);
  const linear = (name, inputs, outputs) => {
    const group = name.split(".")[0];
    return part(`blocks.*.${name}`, group, [inputs, outputs], biased * outputs, layers);
  };
  const head = part("head", "head", [width, config.vocab_size], 0, 1);
  return [
    part("embedding.token", "embedding", [config.vocab_size, width], 0, 1),
    part("embedding.position", "embedding", [config.block_size, width], 0, 1),
    norm("blocks.*.norm1", layers),
    linear("attention.qkv", width, 3 * width),
    linear("attention.projection", width, width),
    norm("blocks.*.norm2", layers),
    linear("feed_forward.expand", width, 4 * width),
    linear("feed_forward.projection", 4 * width, width),
    norm("norm", 1),
    ...(config.tie_weights ? [] : [head]),
  ];
}

export function countParameters(config) {
  return sum(parts(config).map(({ parameters, copies }) => parameters * copies));
}

// FLOPs of reading `nTokens` more tokens after `past` cached ones, by product of matrices, all
// blocks together.
export function forwardFlops(config, nTokens, past = 0, batchSize = 1) {
  const { n_embd: width, n_layer: layers } = config;
  const rows = batchSize * nTokens;
  const seen = past + nTokens;
  return {
    "attention.qkv": layers * 2 * rows * width * 3 * width,
    "attention.scores": layers * 2 * rows * seen * width,
    "attention.mixture": layers * 2 * rows * seen * width,
    "attention.projection": layers * 2 * rows * width * width,
    "feed_forward.expand": layers * 2 * rows * width * 4 * width,
    "feed_forward.projection": layers * 2 * rows * 4 * width * width,
    head: 2 * rows * width * config.vocab_size,
  };
}

export function trainingFlops(config, nTokens, batchSize = 1) {
  return 3 * sum(Object.values(forwardFlops(config, nTokens, 0, batchSize)));
}

// How many numbers autograd keeps for the way back, for each token.
export function activationNumbersPerToken({ n_layer, n_embd, n_head, vocab_size }) {
  return n_layer * (16 * n_embd + n_head + 4) + 2 * n_embd + 2 + vocab_size;
}

export function kvCacheNumbers({ n_layer, n_embd }, nTokens, batchSize = 1) {
  return 2 * n_layer * n_embd * nTokens * batchSize;
}

// Bytes by what they hold.
export function memory(config, nTokens, batchSize = 1, dtype = "float32") {
  const count = countParameters(config);
  const numbers = {
    weights: count,
    gradients: count,
    optimizer: 2 * count,
    activations: batchSize * nTokens * activationNumbersPerToken(config),
    kv_cache: kvCacheNumbers(config, nTokens, batchSize),
  };
  const inBytes = ([name, number]) => [name, number * BYTES[dtype]];
  return Object.fromEntries(Object.entries(numbers).map(inBytes));
}

// The whole numbers that divide `number`, smallest first.
export function divisors(number) {
  const low = [];
  for (let n = 1; n * n <= number; n += 1) if (number % n === 0) low.push(n);
  const high = low.map((n) => number / n).reverse();
  return [...new Set([...low, ...high])];
}
