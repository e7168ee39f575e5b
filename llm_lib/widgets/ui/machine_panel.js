// What stands below the likeliest tokens: the words while the model loads, and the buttons that
// write.
import { button, choice } from "./controls.js";
import { h } from "./dom.js";
import { LOADING } from "./machine_words.js";

// hear: { one(), more(), back(), how("drawn" or "likeliest") }. Returns { nodes, show, wait }.
export function machinePanel(hear) {
  const waiting = h("p", { class: "llm-machine-wait", role: "status" }, LOADING);
  const how = choice("Take", {
    options: [["drawn", "drawn"], ["likeliest", "likeliest"]],
    value: "drawn",
    input: hear.how,
  });
  const one = button("Write the next word", hear.one);
  const more = button("Keep writing", hear.more);
  const back = button("Take it back", hear.back, { class: "llm-quiet" });
  const buttons = h("div", { class: "llm-machine-buttons" }, one, more, back);
  const enable = (element, is) => element.setAttribute("aria-disabled", String(!is));

  // A button that can do nothing now stays focusable, so that the keyboard keeps its place.
  const show = ({ isReady, isWriting, hasWritten, isGreedy }) => {
    more.textContent = isWriting ? "Stop" : "Keep writing";
    enable(one, isReady && !isWriting);
    enable(more, isReady);
    enable(back, hasWritten);
    how.set(isGreedy ? "likeliest" : "drawn");
  };

  // Until the model is there: words, and after a failure a way to try again. Null: it is there.
  const wait = (state) => {
    waiting.hidden = state === null;
    if (state === null) return;
    if (!state.error) return waiting.replaceChildren(LOADING);
    const words = `The model is not here: ${state.error.message}. `;
    waiting.replaceChildren(words, button("Try again", state.again));
  };
  return { nodes: [waiting, buttons, how.root], show, wait };
}
