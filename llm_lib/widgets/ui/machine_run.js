// A text that grows, and the model that reads it: what the figure of the whole machine is about.
import { value as mergeFile } from "asset:book-merges.json";
import { createBPE } from "../engine/bpe.js";
import { liveliestLayer, machineScene, shown } from "../engine/machine_scene.js";
import { choose } from "../engine/sampling.js";
import { createWholeReading } from "../engine/whole_reading.js";
import { createMachineText } from "./machine_text.js";

const MOST_READ = 240; // tokens of the reader's; the rest of the context is for the model's

// The sizes are those of the book's model: what can be drawn before it has arrived is drawn.
export const SIZES = { vocabSize: 1024, layers: 4, blockSize: 256, mostRead: MOST_READ };

// Returns { text, start, stop, read, chooseLayer, isRead, canWrite, likelihood, next, scene }.
export function machineRun() {
  const tokenizer = createBPE(mergeFile.merges, {
    vocabSize: SIZES.vocabSize,
    specials: ["<|endoftext|>"],
  });
  const text = createMachineText(tokenizer, SIZES);
  let reading = null;
  let readings = [];
  let readIds = null; // the ids that the readings are of
  let layer = { shown: 0, isChosen: false };

  const isRead = () => readIds === text.ids;
  const logits = () => readings.at(-1).logits;

  return {
    text,
    isRead,
    canWrite: () => isRead() && !text.over,
    start: (gpt) => (reading = createWholeReading(gpt)),
    stop: () => reading?.stop(),

    // Resolves to false where there is no model yet, or a newer text came between.
    async read() {
      if (!reading) return false;
      const { ids } = text;
      try {
        readings = await reading.read(ids);
        readIds = ids;
      } catch (error) {
        if (error.name === "AbortError") return false;
        throw error;
      }
      if (!layer.isChosen) layer.shown = liveliestLayer(readings.at(-1).weights);
      return ids === text.ids;
    },

    // null: the layer with the liveliest head, again for each text
    chooseLayer: (chosen) => (layer = { shown: chosen ?? layer.shown, isChosen: chosen !== null }),

    // How likely a token is to follow the text.
    likelihood: (id, temperature) => shown(logits(), temperature)[id],

    // The token that follows the text, at this temperature and with this seed.
    next: (temperature, seed) => choose(logits(), text.number(seed), { temperature }),

    // All that there is to draw about token t; null is the last.
    scene(t, temperature, seed) {
      const at = t ?? text.ids.length - 1;
      const found = readings[at];
      found.sayings ??= reading.sayings(found);
      return machineScene({
        reading: found,
        ids: text.ids,
        names: text.names,
        t: at,
        layer: layer.shown,
        nameOf: text.nameOf,
        temperature,
        number: text.number(seed),
        isOver: text.over !== null,
      });
    },
  };
}
