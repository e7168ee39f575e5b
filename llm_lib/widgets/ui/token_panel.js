// What is known of one token: how it looks, its id, its bytes, and a sentence about it.
import { h, uniqueId } from "./dom.js";
import { hexBytes } from "./token_text.js";

// Returns { root, id, show(token, story) }; `token` is { text, id, bytes }, or null for none.
export function tokenPanel() {
  const id = uniqueId("about");
  const title = h("p", { class: "llm-token-title" });
  const words = h("p", { class: "llm-token-story" });
  const root = h("div", { class: "llm-token-about", id }, title, words);
  const fact = (name, value) => h("span", {}, `${name} `, h("span", { class: "llm-mono" }, value));
  const show = (token, story) => {
    const facts = token && [
      h("bdi", { class: "llm-piece" }, token.text),
      fact("id", String(token.id)),
      fact("bytes", hexBytes(token.bytes)),
    ];
    title.replaceChildren(...(facts ?? []));
    words.textContent = story;
  };
  return { root, id, show };
}
