// The residual stream of one token as a ladder: every part of every block writes into it. At each
// rung, to one scale, how long the written vector is and the stream after it; and what the model
// would say if it stopped there.
import { amount, percent } from "./amounts.js";
import { h, uniqueId } from "./dom.js";
import { stationName } from "./block_words.js";

const WORTH_SAYING = 0.001; // a share smaller than this is not named
const VISIBLE = 0.004; // of a bar's length: about half a pixel

// choose(index) hears which station is looked at; toggle(index) which part is switched.
// Returns { root, draw({ stations, chosen, isOff, isChanged, word, nameOf, kept }) }.
// isOff(station) says which is off; kept(name) is what the word keeps when that part alone is
// silent, or null.
export function blockLadder({ choose, toggle }) {
  const list = h("ol", { class: "llm-block-ladder" });
  const lengths = h("span", {}, "length of what is added, and of the stream");
  const says = h("span");
  const head = h("p", { class: "llm-block-head", "aria-hidden": "true" }, h("span"), lengths, says);
  const root = h("div", {}, head, list);
  const group = uniqueId("station");
  let rows = [];

  function draw(scene) {
    const { stations, word, nameOf } = scene;
    if (rows.length !== stations.length) {
      rows = stations.map((station, i) =>
        rung(station, group, { choose: () => choose(i), toggle: () => toggle(i) }),
      );
      list.replaceChildren(...rows.map((row) => row.root));
    }
    list.toggleAttribute("data-changed", scene.isChanged);
    says.textContent = `chance of “${nameOf(word)}” if the model stopped here`;
    const both = stations.flatMap(({ before, now }) => [before, now]);
    const most = Math.max(...both.flatMap(({ added, stream }) => [added ?? 0, stream]));
    stations.forEach((station, i) =>
      rows[i].draw(station, {
        most,
        isChosen: i === scene.chosen,
        isOff: scene.isOff(station),
        word,
        kept: scene.kept(station.name),
        nameOf,
      }),
    );
  }

  return { root, draw };
}

function rung(station, group, { choose, toggle }) {
  const { block, title } = stationName(station);
  const radio = h("input", { type: "radio", name: group, change: choose });
  const number = block ? h("span", { class: "llm-block-number" }, `${block} `) : null;
  const name = h("label", { class: "llm-block-name" }, radio, h("span", {}, number, title));
  const box = h("input", {
    type: "checkbox",
    "aria-label": `${block} ${title} is on`,
    change: toggle,
  });
  const onOff = station.adds ? h("label", { class: "llm-block-switch" }, box) : h("span");
  const added = station.adds ? bar("added") : null;
  const stream = bar("stream");
  const lengths = h("div", { class: "llm-block-lengths" }, added?.root, stream.root);
  const chance = bar("chance");
  const top = h("span", { class: "llm-block-top" });
  const kept = h("span", { class: "llm-block-kept" });
  const says = h("div", { class: "llm-block-says" }, chance.root, top, kept);
  const root = h(
    "li",
    { class: "llm-block-rung", "data-kind": station.kind },
    h("span", { class: "llm-block-bus", "aria-hidden": "true" }, station.adds ? "+" : ""),
    name,
    onOff,
    lengths,
    says,
  );
  root.addEventListener("click", ({ target }) => {
    if (!target.closest("label") && !radio.checked) radio.click();
  });

  function draw({ before, now }, { most, isChosen, isOff, word, kept: left, nameOf }) {
    radio.checked = isChosen;
    box.checked = !isOff;
    root.toggleAttribute("data-chosen", isChosen);
    root.toggleAttribute("data-off", isOff);
    const named = station.kind === "norm" ? "normed" : "stream";
    const adds = isOff ? "silent" : `adds ${amount(now.added ?? 0)}`;
    added?.draw(now.added / most, before.added / most, adds);
    stream.draw(now.stream / most, before.stream / most, `${named} ${amount(now.stream)}`);
    const what = h("span", { class: "llm-block-word" }, `“${nameOf(word)}” `);
    chance.draw(now.share, before.share, what, change(percent(before.share), percent(now.share)));
    const said = now.top.filter(({ share }, i) => i === 0 || share >= WORTH_SAYING);
    top.replaceChildren("likeliest: ", ...said.flatMap(({ id, share }) => [
      h("span", {}, h("bdi", {}, nameOf(id)), ` ${percent(share)}`),
      " ",
    ]));
    kept.textContent = left === null ? "" : `silent alone: keeps ${percent(left)}`;
  }

  return { root, draw };
}

const change = (before, now) => (before === now ? now : `${before} → ${now}`);

// A bar with its words beside it; where it was another, a dashed outline shows it.
function bar(kind) {
  const [fill, ghost] = ["now", "ghost"].map((name) => h("span", { class: `llm-block-${name}` }));
  const track = h("span", { class: "llm-block-track", "aria-hidden": "true" }, fill, ghost);
  const number = h("span", { class: "llm-block-value" });
  const root = h("span", { class: "llm-block-bar", "data-bar": kind }, track, number);
  const draw = (share, before, ...words) => {
    track.style.setProperty("--now", share.toFixed(5));
    track.style.setProperty("--before", before.toFixed(5));
    ghost.hidden = Math.abs(share - before) < VISIBLE;
    number.replaceChildren(...words);
  };
  return { root, draw };
}
