// Words in the place of a figure while its model is on the way, and what to do if it does not come.
import { button } from "./controls.js";
import { h } from "./dom.js";
import { loadModel } from "./model.js";

export const LOADING = "Loading the model, 1.3 MB, once for the whole book …";

// Resolves to what loadModel() does, however often the reader has to try; never rejects.
export async function awaitModel(place, model) {
  const words = h("p", { class: "llm-model-wait" }, LOADING);
  place.replaceChildren(words);
  try {
    return await loadModel(model);
  } catch (error) {
    words.className = "llm-broken";
    words.textContent = `The model is not here: ${error.message}.`;
    return new Promise((resolve) => {
      place.append(button("Try again", () => resolve(awaitModel(place, model))));
    });
  }
}
