// Windows over a strip of tokens become rows of batches; what falls off the end is named.
import { account, batchWindows, placeOf } from "./engine/batches.js";
import { planBatches, tokenLooks, windowStart } from "./engine/batches.js";
import { proveBatches } from "./engine/batches_proof.js";
import { windowPair } from "./engine/window_pair.js";
import { batchGrid } from "./ui/batch_grid.js";
import { batchTitle, drawSums, summary, tooShort } from "./ui/batch_words.js";
import { checkbox } from "./ui/checkbox.js";
import { button, slider } from "./ui/controls.js";
import { h } from "./ui/dom.js";
import { figure } from "./ui/figure.js";
import { readStateLink, stateLink } from "./ui/state_link.js";
import { tokenStrip } from "./ui/token_strip.js";

const STATE = ["context_size", "stride", "batch_size", "seed", "batch", "drop_last", "shuffle"];
const FURTHEST = 12; // where a slider ends, unless Python asked for more
const START = { row: 0, position: 2 }; // the cell the reader is at: a row of the batch, a position

const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
const stateOf = (model) => Object.fromEntries(STATE.map((name) => [name, model.get(name)]));

function readView(model) {
  const tokens = model.get("tokens");
  const size = (name, most = Infinity) => clamp(Math.trunc(model.get(name)) || 1, 1, most);
  const plan = planBatches({
    length: tokens.length,
    contextSize: size("context_size", Math.max(1, tokens.length - 1)),
    stride: size("stride"),
    batchSize: size("batch_size"),
    dropLast: model.get("drop_last"),
    shuffle: model.get("shuffle"),
    seed: model.get("seed") >>> 0,
  });
  const batch = clamp(Math.trunc(model.get("batch")) || 0, 0, Math.max(0, plan.stepCount - 1));
  return { tokens, plan, sums: account(plan), batch, windows: batchWindows(plan, batch) };
}

class Explorer {
  constructor(model, el, signal) {
    this.model = model;
    this.authored = stateOf(model);
    this.at = { ...START };
    this.setAll(readStateLink("batches", this.authored));
    this.frame = figure(el, {
      question: "What goes in together, and what must come out?",
      caption:
        "Each position is a task of its own: read the window up to here, say the next token. " +
        "Set the stride to 1, then to 7, and watch the counts.",
      reset: () => this.reset(),
      link: () => stateLink("batches", stateOf(model)),
      table: () => this.table(),
      prove: proveBatches,
      signal,
    });
    this.frame.root.classList.add("llm-batches");
    this.strip = tokenStrip({
      label: "Window",
      grab: (token) => this.grab(token),
      key: (name) => this.moveWindow(name),
      point: (token) => this.pointAtToken(token),
      signal,
    });
    this.grid = batchGrid({
      choose: (row, position) => this.choose({ row, position }),
      point: (at) => this.light(at ? { row: at[0], position: at[1] } : this.at),
      beyond: (step) => this.stepBatch(step, true),
    });
    this.addControls();
    this.addStage();
    this.follow(signal);
    this.draw();
  }

  addControls() {
    const set = (name) => (value) => this.change({ [name]: value });
    const range = (label, name, most, show = String) =>
      slider(label, { min: 1, max: most, value: 1, show, input: set(name) });
    this.sliders = {
      contextSize: range("Context", "context_size", FURTHEST),
      stride: range("Stride", "stride", FURTHEST),
      batchSize: range("Batch size", "batch_size", 6),
    };
    this.dropLast = checkbox("Drop a last batch that is not full", set("drop_last"));
    this.shuffle = checkbox("Shuffle", set("shuffle"));
    this.reseed = button("", () => this.change({ seed: (this.model.get("seed") + 1) % 1000 }));
    this.frame.controls.append(
      ...Object.values(this.sliders).map(({ root }) => root),
      this.dropLast.root,
      h("div", { class: "llm-batch-order" }, this.shuffle.root, this.reseed),
    );
  }

  addStage() {
    this.reading = h("p", { class: "llm-batch-reading" });
    this.previous = button("Previous", () => this.stepBatch(-1));
    this.next = button("Next", () => this.stepBatch(1));
    this.title = h("p", { class: "llm-batch-title" });
    this.sums = h("dl", { class: "llm-batch-sums" });
    this.frame.stage.append(
      this.strip.root,
      this.reading,
      h("div", { class: "llm-batch-steps" }, this.previous, this.next, this.title),
      this.grid.root,
      this.sums,
    );
  }

  // One way for data: a control or Python changes the model, the model's change draws the figure.
  follow(signal) {
    let waiting = false;
    const heard = () => {
      if (waiting) return; // several values set at once are one change
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        if (!signal?.aborted) this.draw();
      });
    };
    const names = ["tokens", ...STATE].map((name) => `change:${name}`);
    names.forEach((name) => this.model.on(name, heard));
    signal?.addEventListener("abort", () => names.forEach((name) => this.model.off(name, heard)));
  }

  setAll(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
  }

  change(values) {
    this.setAll(values);
    const { batch, plan, sums } = readView(this.model);
    this.model.set("batch", batch);
    this.model.save_changes();
    if (!("batch" in values)) this.frame.say(summary(plan, sums));
  }

  reset() {
    this.at = { ...START };
    this.change({ ...this.authored });
    this.frame.say("Back to the start.");
  }

  stepBatch(step, fromGrid = false) {
    const { plan, batch } = this.view;
    const next = clamp(batch + step, 0, plan.stepCount - 1);
    if (next === batch) return;
    this.at.row = step > 0 ? 0 : plan.batchSize - 1;
    this.focusGrid = fromGrid;
    this.change({ batch: next });
    if (!fromGrid) this.frame.say(batchTitle(readView(this.model)));
  }

  choose(at) {
    this.at = { ...this.at, ...at };
    this.showChoice();
  }

  chooseWindow(window) {
    const { batch, row } = placeOf(this.view.plan, window);
    this.at.row = row;
    if (batch === this.view.batch) this.showChoice();
    else this.change({ batch });
  }

  moveWindow(key) {
    const { plan } = this.view;
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[key];
    const far = { PageUp: plan.batchSize, PageDown: -plan.batchSize }[key];
    const ends = { Home: 0, End: plan.windowCount - 1 };
    const wanted = ends[key] ?? this.window() + (by ?? far);
    if (plan.windowCount) this.chooseWindow(clamp(wanted, 0, plan.windowCount - 1));
  }

  // A drag keeps the token under the finger; the window settles where a window begins.
  grab(token) {
    const { plan } = this.view;
    if (plan.windowCount === 0) return null;
    const inside = token - windowStart(plan, this.window());
    const hold = inside >= 0 && inside <= plan.contextSize ? inside : 0;
    const drag = (to) => {
      const near = hold ? Math.round((to - hold) / plan.stride) : Math.floor(to / plan.stride);
      const window = clamp(near, 0, plan.windowCount - 1);
      if (window !== this.window()) this.chooseWindow(window);
    };
    drag(token);
    return drag;
  }

  // The first window of this batch in which the token is a target.
  pointAtToken(token) {
    const { plan, windows } = this.view;
    const places = windows.map((window) => token - windowStart(plan, window) - 1);
    const isTarget = (place) => token !== null && place >= 0 && place < plan.contextSize;
    const row = isTarget(places[this.at.row]) ? this.at.row : places.findIndex(isTarget);
    this.light(row < 0 ? this.at : { row, position: places[row] });
  }

  window() {
    return this.view.windows[this.at.row];
  }

  draw() {
    const view = (this.view = readView(this.model));
    const { plan, sums, windows } = view;
    this.at.row = clamp(this.at.row, 0, Math.max(0, windows.length - 1));
    this.at.position = clamp(this.at.position, 0, plan.contextSize - 1);
    this.drawControls(view);
    this.title.textContent = batchTitle(view);
    this.sums.replaceChildren(...drawSums(plan, sums));
    const hadFocus = this.grid.draw({
      label: batchTitle(view),
      windows: windows.map((window) => this.describe(window)),
    });
    this.frame.stage.toggleAttribute("data-dropped", view.batch >= plan.batchCount);
    this.showChoice(hadFocus || this.focusGrid);
    this.focusGrid = false;
    this.frame.refresh();
  }

  drawControls({ tokens, plan, batch }) {
    const longest = Math.max(1, tokens.length - 1);
    this.sliders.contextSize.setMax(Math.min(longest, Math.max(FURTHEST, plan.contextSize)));
    this.sliders.stride.setMax(Math.max(FURTHEST, plan.stride));
    this.sliders.batchSize.setMax(Math.max(6, plan.batchSize));
    for (const [name, { set }] of Object.entries(this.sliders)) set(plan[name]);
    this.dropLast.set(this.model.get("drop_last"));
    this.shuffle.set(this.model.get("shuffle"));
    this.reseed.hidden = !this.model.get("shuffle");
    this.reseed.textContent = `Reshuffle (seed ${this.model.get("seed")})`;
    // Not `disabled`: the button keeps the focus, and the keyboard its place.
    this.previous.setAttribute("aria-disabled", batch === 0);
    this.next.setAttribute("aria-disabled", batch >= plan.stepCount - 1);
  }

  describe(window) {
    const { tokens, plan } = this.view;
    const { start, inputs, targets } = windowPair(tokens, plan, window);
    const say = (p) => `position ${p}: read ${inputs.slice(0, p + 1).join(" ")}, say ${targets[p]}`;
    const name = `window ${window}`;
    return { window, name, place: `from token ${start}`, start, inputs, targets, say };
  }

  showChoice(focus = false) {
    const { tokens, plan } = this.view;
    const window = this.window();
    const shown = window === undefined ? null : this.describe(window);
    const start = shown?.start ?? 0;
    this.strip.draw({
      tokens,
      span: [start, Math.min(start + plan.contextSize, tokens.length - 1)],
      looks: tokenLooks(this.view, window),
      slider: {
        "aria-valuemin": 0,
        "aria-valuemax": Math.max(0, plan.windowCount - 1),
        "aria-valuenow": window ?? 0,
        "aria-valuetext": shown
          ? `${shown.name}: read ${shown.inputs.join(" ")}, say ${shown.targets.join(" ")}`
          : "no window",
      },
    });
    this.grid.mark(this.at.row, this.at.position, focus);
    this.light(this.at);
  }

  light({ row, position }) {
    const window = this.view.windows[row];
    this.grid.light(row, position);
    if (window === undefined) return this.reading.replaceChildren(tooShort(this.view));
    const { start, inputs, targets, name } = this.describe(window);
    this.strip.light((i) => {
      if (i === start + position + 1) return "target";
      return i >= start && i <= start + position ? "input" : undefined;
    });
    this.reading.replaceChildren(
      `In ${name}, position ${position}: read `,
      h("bdi", { class: "llm-batch-input" }, inputs.slice(0, position + 1).join(" ")),
      ", say ",
      h("bdi", { class: "llm-batch-target" }, targets[position]),
    );
  }

  table() {
    const row = ({ window, start, inputs, targets }) =>
      [window, start, inputs.join(" "), targets.join(" ")];
    const rows = this.view.windows.map((window) => row(this.describe(window)));
    const columns = ["window", "first token", "inputs", "targets"];
    return { caption: batchTitle(this.view), columns, rows };
  }
}

export default {
  render({ model, el, signal }) {
    new Explorer(model, el, signal);
  },
};
