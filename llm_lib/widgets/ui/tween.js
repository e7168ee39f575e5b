// Motion from what is shown to what should be shown, so that the eye can follow.
import { prefersStillness } from "./dom.js";

const DURATION = 200; // milliseconds

// draw(scene) draws; between(before, after, share) is the scene in between. Returns
// show(scene, isInstant), which moves there, or is there at once where the reader wants no motion.
export function tween({ draw, between, signal }) {
  let frame = 0;
  let shown = null;
  const set = (scene) => {
    shown = scene;
    draw(scene);
  };
  signal?.addEventListener("abort", () => cancelAnimationFrame(frame));
  return (after, isInstant) => {
    cancelAnimationFrame(frame);
    if (!shown || isInstant || prefersStillness()) return set(after);
    const [before, began] = [shown, performance.now()];
    const step = (now) => {
      const share = Math.min(1, Math.max(0, now - began) / DURATION);
      set(share < 1 ? between(before, after, 1 - (1 - share) ** 3) : after);
      if (share < 1) frame = requestAnimationFrame(step);
    };
    set(between(before, after, 0)); // the right things at once, in their old places
    frame = requestAnimationFrame(step);
  };
}
