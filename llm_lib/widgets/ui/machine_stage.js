// One stage of the whole machine: its name, which is a door to its chapter, a line of words, and a
// picture.
import { h } from "./dom.js";

// chapters: [[number, page], …]; isLinked: false where the pages do not lie beside this one.
// Returns { root, body, say(text) }.
export function machineStage(name, title, { chapters, isLinked, extra }) {
  const words = h("p", { class: "llm-machine-words" });
  const body = h("div", { class: "llm-machine-body" });
  const head = h(
    "p",
    { class: "llm-machine-head" },
    h("span", { class: "llm-machine-title" }, title),
    h("span", { class: "llm-machine-doors" }, ...doors(chapters, isLinked, title)),
  );
  const attributes = { class: "llm-machine-stage", "data-stage": name };
  const top = h("div", { class: "llm-machine-top" }, head, extra);
  const root = h("div", attributes, top, body, words);
  return { root, body, say: (text) => (words.textContent = text) };
}

function doors(chapters, isLinked, title) {
  return chapters.map(([number, page]) => {
    const text = `Chapter ${number}`;
    if (!isLinked) return h("span", {}, text);
    const name = { href: `${page}.html`, "aria-label": `${title}: chapter ${number}` };
    return h("a", name, text);
  });
}
