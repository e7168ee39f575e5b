// A text as training sees it: words that merges never cross, each in its tokens of this moment.
import { h } from "./dom.js";
import { roving } from "./roving.js";
import { direction, readable } from "./token_text.js";

// Returns { root, setWords, draw, mark }. choose(index) hears which word the reader looks at.
export function mergeText({ choose }) {
  const root = h("div", { class: "llm-words", role: "listbox", "aria-label": "Words of the text" });
  let words = [];
  const stopAt = roving(root, () => words.map((word) => word.root), choose);

  const setWords = (texts, dir) => {
    root.dir = dir;
    root.tabIndex = texts.length ? -1 : 0;
    words = texts.map(drawWord);
    root.replaceChildren(...words.map((word) => word.root));
  };
  // all: for each word [{ id, text, isHex, isNewest, inPair }], see tokensWithPair().
  const draw = (all) => words.forEach((word, i) => word.draw(all[i]));
  return { root, setWords, draw, mark: stopAt };
}

function drawWord(text) {
  const dir = direction(text); // its own, also in a text that runs the other way
  const root = h("span", { class: "llm-word", role: "option", tabindex: -1, dir });
  const name = readable(text);
  let drawn = null;
  const draw = (tokens) => {
    const key = tokens.map(({ id, isNewest, inPair }) => [id, isNewest, inPair].join()).join(" ");
    if (key === drawn) return; // most words stay as they are from one merge to the next
    drawn = key;
    root.replaceChildren(...tokens.map(drawToken));
    const parts = tokens.map((token) => token.text).join(", ");
    root.setAttribute("aria-label", tokens.length > 1 ? `${name}: ${parts}` : `${name}, one token`);
  };
  return { root, draw };
}

function drawToken({ text, isHex, isNewest, inPair }) {
  const look = isHex ? "llm-bit llm-mono" : "llm-bit";
  return h("bdi", { class: look, "data-newest": isNewest, "data-pair": inPair }, text);
}
