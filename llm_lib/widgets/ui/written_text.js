// The text as far as it is written: the reader's words, then each token that was added, then the
// place of the next one. Arrows move among the tokens; the one in focus is looked at.
import { h } from "./dom.js";
import { roving } from "./roving.js";
import { tokenText } from "./token_text.js";

const DRAWN = 300; // characters of the reader's text that stand before

// choose(place) hears. Returns { root, draw({ text, tokens, at, next }) }.
//   cut     how many tokens at the beginning of the text the model does not read
//   tokens  [{ key, text, share, isByHand, isEnd, say }]
//   next    words for the place of the next one, or null where none can follow
export function writtenText({ choose }) {
  const own = h("span", { class: "llm-lab-own" });
  const label = "Written tokens";
  const list = h("span", { class: "llm-lab-written", role: "listbox", "aria-label": label });
  const root = h("p", { class: "llm-lab-text" }, own, list);
  const stopAt = roving(list, () => [...list.children], choose);
  let drawn = [];

  const draw = ({ text, cut, tokens, at, next }) => {
    own.textContent = cut || text.length > DRAWN ? `… ${text.slice(-DRAWN)}` : text;
    const hadFocus = list.contains(document.activeElement);
    const place = { key: "next", text: "next", say: next, isNext: true };
    const all = next === null ? tokens : [...tokens, place];
    // Only what is new is built: a text grows by one token at a time.
    let same = 0;
    while (same < all.length && drawn[same]?.key === all[same].key) same += 1;
    while (list.children.length > same) list.lastChild.remove();
    list.append(...all.slice(same).map(drawToken));
    drawn = all;
    const stop = stopAt(at);
    if (hadFocus && document.activeElement !== stop) stop?.focus({ preventScroll: true });
    reveal(root, stop);
  };
  return { root, draw };
}

// A token as it stands in running text: its spaces are spaces, its line breaks are seen and break.
export function pieceText(bytes) {
  const { text, isHex } = tokenText(bytes);
  return isHex ? text : text.replaceAll("·", " ").replaceAll("⏎", "⏎\n");
}

function drawToken({ text, share, isByHand, isEnd, isNext, say }) {
  return h(
    "span",
    {
      class: "llm-lab-piece",
      role: "option",
      tabindex: -1,
      "aria-label": say,
      "data-kind": isNext ? "next" : isEnd ? "end" : isByHand ? "hand" : "drawn",
      style: { "--doubt": isNext ? "0" : (1 - share).toFixed(3) },
    },
    text,
  );
}

// Scrolls inside the text only: the page stays where the reader is.
function reveal(box, piece) {
  if (!piece) return;
  const [above, below] = [piece.offsetTop, piece.offsetTop + piece.offsetHeight];
  if (below > box.scrollTop + box.clientHeight) box.scrollTop = below - box.clientHeight;
  else if (above < box.scrollTop) box.scrollTop = above;
}
