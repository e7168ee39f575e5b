// Through training: a name for each snapshot, and a slider that scrubs from one to the next. In
// between everything is drawn on its way; let go, and it settles on the nearest snapshot.
import { choice } from "./controls.js";
import { h, prefersStillness } from "./dom.js";

const DURATION = 450; // milliseconds from one snapshot to the next: forty things move at once

// Returns { root, show }. move(t) hears where in time to draw; settle(snapshot) what was chosen.
export function trainingSlider({ labels, move, settle, signal }) {
  const last = labels.length - 1;
  const names = choice("Training", {
    options: labels.map((label, i) => [i, label]),
    value: last,
    input: settle,
  });
  const range = h("input", { type: "range", min: 0, max: last, step: "any" });
  range.setAttribute("aria-label", "Through training");
  names.root.append(range);
  names.root.classList.add("llm-training");
  names.root.hidden = last === 0;
  let [now, frame] = [null, 0];
  const place = (t) => {
    now = t;
    range.value = String(t);
    move(t);
  };
  const stop = () => cancelAnimationFrame(frame);
  const travel = (to) => {
    stop();
    if (now === null || now === to || prefersStillness()) return place(to);
    const [from, began] = [now, performance.now()];
    const duration = DURATION * Math.min(1, Math.abs(to - from));
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / duration);
      const eased = share * share * (3 - 2 * share);
      place(share < 1 ? from + (to - from) * eased : to);
      if (share < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  };
  range.addEventListener("input", () => {
    stop();
    place(Number(range.value));
  });
  // Where the nearest snapshot is the one the hand came from, nobody else would bring it back.
  const arrive = (snapshot) => {
    settle(snapshot);
    travel(snapshot);
  };
  range.addEventListener("change", () => arrive(Math.round(now)));
  // Arrow keys go from snapshot to snapshot: nobody wants a hundred presses.
  range.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    arrive(Math.max(0, Math.min(last, Math.round(now) + by)));
  });
  signal?.addEventListener("abort", stop);
  const show = (snapshot) => {
    names.set(snapshot);
    range.setAttribute("aria-valuetext", labels[snapshot]);
    travel(snapshot);
  };
  return { root: names.root, show };
}
