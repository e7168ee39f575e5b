// The stage of the attention explorer: all heads, the chosen one in words, what comes next, and the
// chosen one's attention line by line. It draws what it is told, and says what the reader does.
import { attentionRows } from "./attention_rows.js";
import { button, slider } from "./controls.js";
import { h } from "./dom.js";
import { headOverview } from "./head_overview.js";
import { headPanel } from "./head_panel.js";
import { nextTokenBars } from "./next_token_bars.js";

const AXES =
  "In the square a row is a token that looks, the query; " +
  "a column is one that is looked at, the key.";

// hear: { head, toggle, only, allOn, tryEach, query, point, resized }.
// Returns { root, draw, look, room }.
export function headsView({ layers, heads, canSwitch, hear, signal }) {
  const overview = headOverview({
    layers,
    heads,
    choose: hear.head,
    toggle: canSwitch ? hear.toggle : null,
  });
  const panel = headPanel({ ...hear, toggle: () => hear.toggle(), canSwitch });
  const bars = nextTokenBars();
  const part = (text) => h("p", { class: "llm-part" }, text);
  const nextTitle = part("");
  const loss = h("p", { class: "llm-heads-note" });
  const next = h("div", { class: "llm-heads-next" }, nextTitle, bars.root, loss);
  const lookTitle = h("p", { class: "llm-look-title" });
  const rows = attentionRows({
    choose: hear.query,
    point: hear.point,
    resized: hear.resized,
    signal,
  });
  let names = []; // of all tokens
  const show = (token) => names[token] ?? "";
  const query = slider("Query", { min: 0, max: 1, value: 0, show, input: hear.query });
  query.root.classList.add("llm-look-slider");
  const note = h("p", { class: "llm-heads-note" });
  const axes = h("p", { class: "llm-heads-note" }, AXES);
  const look = h("div", { class: "llm-look" }, lookTitle, query.root, rows.root, axes, note);
  const every = h("div", { class: "llm-heads-all" }, part("All heads"), overview.root);
  const trial = h("p", { class: "llm-heads-note" });
  if (canSwitch) every.append(button("Switch each off in turn", hear.tryEach), trial);
  const top = h("div", { class: "llm-heads-top" }, every, panel.root, panel.measures);
  if (canSwitch) top.append(next);
  const root = h("div", { class: "llm-heads" }, top, look);
  const isInside = () => rows.root.contains(document.activeElement);

  function draw(scene) {
    overview.draw(scene.overview);
    panel.draw(scene.panel);
    trial.textContent = scene.trial;
    if (scene.next) {
      nextTitle.textContent = scene.next.title;
      bars.draw(scene.next.rows, scene.next.isChanged);
      loss.textContent = scene.next.loss;
    }
    const hadFocus = isInside();
    rows.draw(scene.rows);
    names = scene.names;
    query.setMax(names.length - 1);
    query.set(scene.rows.query);
    note.textContent = scene.note;
    drawLook(scene.look);
    if (hadFocus) rows.focus(scene.look.chosen);
  }

  function drawLook(scene) {
    lookTitle.textContent = scene.sentence;
    rows.look(scene);
  }

  return { root, draw, look: drawLook, room: rows.room };
}
