// The whole machine on the page: a strip of stages, all about the one token that is looked at.
import { runSliced } from "../engine/slices.js";
import { amount } from "./amounts.js";
import { choice } from "./controls.js";
import { h, uniqueId } from "./dom.js";
import { machineArcs } from "./machine_arcs.js";
import { machineLayers } from "./machine_layers.js";
import { machineNext } from "./machine_next.js";
import { machineScores } from "./machine_scores.js";
import { machineStage } from "./machine_stage.js";
import { machineVectors, vectorWords } from "./machine_vectors.js";
import {
  TITLES,
  WAITING,
  attentionWords,
  layersWords,
  nextWords,
  scoresWords,
} from "./machine_words.js";
import { tokenList } from "./token_list.js";
import { direction } from "./token_text.js";

// hear: { choose(t), point(t or null), leave(), chooseLayer(layer), take(id) }
// Returns { root, next, stages, drawTokens, draw }.
export function machineView({ field, panel, chapters, isLinked, layers, hear, nameOf, signal }) {
  let scene = null;
  const stage = (name, extra) =>
    machineStage(name, TITLES[name], { chapters: chapters[name], isLinked, extra });
  const layerChoice = choice("Layer", {
    options: Array.from({ length: layers }, (_, i) => [i, String(i)]),
    value: 0,
    input: hear.chooseLayer,
  });
  const stages = {
    tokens: stage("tokens"),
    next: stage("next"),
    vectors: stage("vectors"),
    attention: stage("attention", layerChoice.root),
    layers: stage("layers"),
    scores: stage("scores"),
  };
  const about = h("span", { class: "llm-hidden", id: uniqueId("machine") });
  const list = tokenList({ ...hear, label: "Tokens", describedBy: about.id });
  const vectors = machineVectors((name, column) => {
    if (scene) stages.vectors.say(vectorWords(scene.vectors, name && { name, column }));
  });
  const scores = machineScores((id) => scene && stages.scores.say(scoresWords(scene, nameOf, id)));
  const [arcs, rows, bars] = [machineArcs(signal), machineLayers(), machineNext(hear.take)];

  const between = [stages.vectors, stages.attention, stages.layers, stages.scores];
  const input = h("div", { class: "llm-machine-in" }, field, stages.tokens.root);
  const inside = h("div", { class: "llm-machine-inside" }, ...between.map(({ root }) => root));
  const root = h("div", { class: "llm-machine" }, input, stages.next.root, inside);
  stages.tokens.body.append(list.root, about);
  stages.next.body.append(...panel);
  for (const [name, words] of Object.entries(WAITING)) stages[name].say(words);
  root.dataset.state = "waiting";

  // tokens: [{ text, id, kind, say }]
  async function drawTokens(tokens, text, drawing) {
    const hadFocus = await runSliced(list.draw(tokens, direction(text)), { signal: drawing });
    if (scene) mark(hadFocus);
  }

  function mark(hasFocus = false) {
    list.mark(scene.t, null, hasFocus);
    [...list.root.children].forEach((cell, key) =>
      cell.style.setProperty("--look", (scene.shares[key] ?? 0).toFixed(3)),
    );
    if (!hasFocus) reveal(list.root, list.root.children[scene.t]);
  }

  function draw(next) {
    if (!scene) show();
    scene = next;
    mark(list.root.contains(document.activeElement));
    root.toggleAttribute("data-aside", !scene.isLast);
    about.textContent = nextWords(scene, nameOf);
    layerChoice.set(scene.layer);
    vectors.draw(scene.vectors);
    stages.vectors.say(vectorWords(scene.vectors));
    arcs.draw(scene);
    stages.attention.say(attentionWords(scene));
    rows.draw(scene.layers);
    stages.layers.say(layersWords(scene));
    const { top } = scene;
    scores.draw({ ...scene, name: `${nameOf(top)} ${amount(scene.scores[top])}` });
    stages.scores.say(scoresWords(scene, nameOf, null));
    bars.draw(barsOf(scene, nameOf));
    stages.next.say(nextWords(scene, nameOf));
  }

  // The pictures take their places once there is something to draw.
  function show() {
    root.dataset.state = "live";
    stages.vectors.body.append(vectors.root);
    stages.attention.body.append(arcs.root);
    stages.layers.body.append(rows.root);
    stages.scores.body.append(scores.root);
    stages.next.body.prepend(bars.root);
  }

  return { root, stages, drawTokens, draw };
}

// Scrolls inside the list only: the page stays where the reader is.
function reveal(list, cell) {
  if (!cell) return;
  const [above, below] = [cell.offsetTop, cell.offsetTop + cell.offsetHeight];
  if (below > list.scrollTop + list.clientHeight) list.scrollTop = below - list.clientHeight;
  else if (above < list.scrollTop) list.scrollTop = above;
}

function barsOf({ next, isLast, isOver, follows, taken, temperature }, nameOf) {
  const marked = isLast ? taken : follows;
  const note = isLast ? (temperature === 0 ? "likeliest" : "drawn") : "in the text";
  const rows = next.rows.map(({ id, share }) => ({
    id,
    share,
    name: nameOf(id),
    note: id === marked ? note : "",
    kind: id === marked ? "marked" : null,
  }));
  return { rows, rest: next.rest, verb: isLast && !isOver ? "Write" : null };
}
