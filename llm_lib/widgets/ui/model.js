// A trained model for the figures of this page: fetched once, shared by all of them.
//
// On the site it is a script that lies beside the modules; in a live kernel Python sends it.
import { value as mergeFile } from "asset:book-merges.json";
import { createBPE } from "../engine/bpe.js";
import { createGPT } from "../engine/gpt.js";
import { unpackModel } from "../engine/model_file.js";
import { createClock, runSliced } from "../engine/slices.js";

const MESSAGE = "llm:model";
const PATIENCE = 20_000; // milliseconds for a kernel to answer; it may be busy with a cell
const END_OF_TEXT = "<|endoftext|>";

const loaded = new Map(); // name -> promise. This module is evaluated once per page.

// Resolves to { gpt, tokenizer, proof }; rejects with a message for the reader. `model` is what a
// widget's render() was given. A text for the model begins with the id of <|endoftext|>:
// tokenizer.specialIds.get("<|endoftext|>").
export function loadModel(model, name = "storyteller") {
  if (!loaded.has(name)) {
    const promise = start(model, name);
    promise.catch(() => loaded.delete(name)); // the next figure that asks may be luckier
    loaded.set(name, promise);
  }
  return loaded.get(name);
}

async function start(model, name) {
  const payload = await fetchModel(model, name);
  const file = await unpack(payload);
  return {
    gpt: createGPT(file),
    tokenizer: createBPE(mergeFile.merges, {
      vocabSize: file.config.vocab_size,
      specials: [END_OF_TEXT],
    }),
    proof: payload.proof ?? null,
  };
}

async function unpack(payload) {
  try {
    return await runSliced(unpackModel(payload, createClock()));
  } catch (error) {
    throw new Error(`${error.message}: empty the browser's cache and reload`, { cause: error });
  }
}

async function fetchModel(model, name) {
  const { payload, address } = globalThis.llmBook.model?.(name) ?? {};
  if (payload) return payload;
  if (address) return fromScript(name, address);
  if (typeof model?.send === "function") return fromKernel(model, name);
  throw new Error(`this page does not carry the model “${name}”: build the site with its data`);
}

function fromScript(name, address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    const settle = () => {
      script.remove();
      const { payload } = globalThis.llmBook.model(name);
      if (payload) resolve(payload);
      else reject(new Error("the model did not load: check the connection and reload the page"));
    };
    script.addEventListener("load", settle);
    script.addEventListener("error", settle);
    document.head.append(script);
  });
}

function fromKernel(model, name) {
  return new Promise((resolve, reject) => {
    const settle = (finish, result) => {
      clearTimeout(timer);
      model.off("msg:custom", onMessage);
      finish(result);
    };
    const onMessage = (message) => {
      if (message?.type !== MESSAGE || message.name !== name) return;
      if (message.payload) settle(resolve, message.payload);
      else settle(reject, new Error(`the kernel could not send the model: ${message.error}`));
    };
    const silence = new Error("the kernel does not answer: run this cell again, with a live kernel");
    const timer = setTimeout(settle, PATIENCE, reject, silence);
    model.on("msg:custom", onMessage);
    try {
      model.send({ type: MESSAGE, name });
    } catch {
      settle(reject, silence);
    }
  });
}
