// The page of engine_bench.py: the book's engine and onnxruntime-web, side by side.

function likeliest(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if (logits[i] > logits[best]) best = i;
  return best;
}

// Each runner has reset() and step(id), which gives the logits of the next token.
function ours({ createGPT }, config, tensors, choice) {
  const gpt = createGPT({ config, tensors }, choice);
  const reader = gpt.reader();
  const logits = new Float32Array(config.vocab_size);
  return {
    reset: () => reader.truncate(0),
    step: (id) => reader.readNow([id], { into: logits }),
  };
}

async function peer(config, url) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(url, { executionProviders: ["wasm"] });
  const { n_layer: layers, n_head: heads, n_embd: width } = config;
  let [length, past] = [0, {}];
  const id64 = (n) => new ort.Tensor("int64", BigInt64Array.of(BigInt(n)), [1]);
  const reset = () => {
    [length, past] = [0, {}];
    for (let i = 0; i < layers; i += 1) {
      for (const kind of ["k", "v"]) {
        const empty = new ort.Tensor("float32", new Float32Array(0), [heads, 0, width / heads]);
        past[`past_${kind}${i}`] = empty;
      }
    }
  };
  const step = async (id) => {
    const { logits, ...present } = await session.run({
      id: id64(id), position: id64(length), ...past,
    });
    length += 1;
    for (const name in present) past[name.replace("present", "past")] = present[name];
    return logits.data;
  };
  return { reset, step };
}

// Reads the prompt; resolves to the logits of what may come next.
async function begin({ reset, step }, prompt) {
  reset();
  let logits;
  for (const id of prompt) {
    logits = step(id);
    if (logits.then) logits = await logits;
  }
  return logits;
}

// Tokens per second of `n` more tokens. A promise is awaited only where there is one.
async function write(runner, logits, n) {
  const start = performance.now();
  for (let i = 0; i < n; i += 1) {
    logits = runner.step(likeliest(logits));
    if (logits.then) logits = await logits;
  }
  return (n / (performance.now() - start)) * 1000;
}

async function start({ config, tensors, engine, withPeer }) {
  const numbers = new Float32Array(await (await fetch("weights.bin")).arrayBuffer());
  const map = new Map();
  let at = 0;
  for (const [name, size] of tensors) map.set(name, numbers.subarray(at, (at += size)));
  const book = llmBook.load(engine);
  globalThis.runners = {
    ours: ours(book, config, map, "wasm"),
    plain: ours(book, config, map, "js"),
  };
  if (withPeer) runners.peer = await peer(config, "gpt.onnx");
}
