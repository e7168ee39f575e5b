// Buttons that walk through the steps of a figure: back, forward, and a clock that goes forward.
import { button } from "./controls.js";

const PACE = 700; // milliseconds between two steps

// Returns { nodes, pause, show }. go(by) moves by steps and returns whether there are more;
// change(isPlaying) hears when the clock starts and stops.
export function player({ back, forward, go, change, signal }) {
  let timer = 0;
  const isPlaying = () => timer !== 0;
  const pause = () => {
    if (!isPlaying()) return;
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    change(false);
  };
  const start = () => {
    timer = setInterval(() => go(1) || pause(), PACE);
    play.textContent = "Pause";
    change(true);
    if (!go(1)) pause();
  };
  const step = (by) => {
    pause();
    go(by);
  };
  const previous = button(back, () => step(-1));
  const next = button(forward, () => step(1));
  const play = button("Play", () => (isPlaying() ? pause() : start()));
  signal?.addEventListener("abort", () => clearInterval(timer));
  // A button at the end of its road stays focusable, so the keyboard does not lose its place.
  const show = ({ isFirst, isLast }) => {
    previous.setAttribute("aria-disabled", String(isFirst));
    next.setAttribute("aria-disabled", String(isLast));
  };
  return { nodes: [previous, next, play], pause, show, isPlaying };
}
