// The stage of the block explorer: the text, what comes next, the ladder, and a station close up.
// It draws what it is told, and says what the reader does.
import { runSliced } from "../engine/slices.js";
import { blockDetail } from "./block_detail.js";
import { blockLadder } from "./block_ladder.js";
import { button } from "./controls.js";
import { h, uniqueId } from "./dom.js";
import { nextTokenBars } from "./next_token_bars.js";
import { tokenList } from "./token_list.js";

const MARKS = "A dashed outline is what it was with every part on.";

// hear: { token, leave, station, toggle, reading, toggleChosen, toggleBlock, skip, allOn, tryEach }
// Returns { root, draw(scene), drawTokens(tokens, dir, signal) }.
export function blockView({ reading, hear }) {
  const part = (text) => h("p", { class: "llm-part" }, text);
  const about = h("span", { class: "llm-hidden", id: uniqueId("block") });
  const list = tokenList({
    label: "Tokens",
    choose: hear.token,
    point() {}, // what is far from the tokens would jump under a pointer that only passes by
    leave: hear.leave,
    describedBy: about.id,
  });
  const cut = h("p", { class: "llm-block-note" });
  const bars = nextTokenBars();
  const [nextTitle, change] = [part(""), h("p", { class: "llm-block-change" })];
  const ladder = blockLadder({ choose: hear.station, toggle: hear.toggle });
  const detail = blockDetail({
    reading,
    hear: {
      reading: hear.reading,
      toggle: hear.toggleChosen,
      toggleBlock: hear.toggleBlock,
      skip: hear.skip,
    },
  });
  const allOn = button("Everything on", hear.allOn);
  const off = h("p", { class: "llm-block-note" });
  const trial = h("p", { class: "llm-block-note" });
  const each = button("Silence each in turn", hear.tryEach);
  const root = h(
    "div",
    { class: "llm-block" },
    h(
      "div",
      { class: "llm-block-start" },
      h("div", {}, part("Choose a token"), list.root, cut, about),
      h("div", {}, nextTitle, bars.root, change),
    ),
    h(
      "div",
      {},
      part("Its residual stream. A part that is switched off adds nothing"),
      ladder.root,
      h("div", { class: "llm-block-switches" }, each, allOn, off),
      trial,
    ),
    detail.root,
  );
  let chosen = 0;

  async function drawTokens(tokens, dir, signal) {
    const hadFocus = await runSliced(list.draw(tokens, dir), { signal });
    list.mark(chosen, null, hadFocus);
    reveal(list.root, list.root.children[chosen]);
  }

  function draw(scene) {
    chosen = scene.t;
    list.mark(scene.t, null, list.root.contains(document.activeElement));
    about.textContent = scene.about;
    cut.textContent = scene.cut;
    nextTitle.textContent = scene.next.title;
    bars.draw(scene.next.rows, scene.next.isChanged);
    change.textContent = scene.change;
    ladder.draw(scene.ladder);
    off.textContent = scene.ladder.isChanged ? `${scene.off} ${MARKS}` : scene.off;
    trial.textContent = scene.trial;
    trial.hidden = !scene.trial;
    allOn.setAttribute("aria-disabled", String(!scene.ladder.isChanged));
    detail.draw(scene.detail);
  }

  return { root, draw, drawTokens };
}

// Scrolls inside the list only: the page stays where the reader is.
function reveal(list, cell) {
  if (!cell) return;
  const below = cell.offsetTop + cell.offsetHeight;
  if (below > list.scrollTop + list.clientHeight) list.scrollTop = below - list.clientHeight;
  else if (cell.offsetTop < list.scrollTop) list.scrollTop = cell.offsetTop;
}
