// Motion that lets the eye follow a thing to its new place; none where the reader prefers none.
import { prefersStillness } from "./dom.js";

const DURATION = 200; // milliseconds

// Runs `change`, which reorders or moves the elements, and lets each glide from its old place.
export function glide(elements, change) {
  if (prefersStillness()) return change();
  const before = new Map(elements.map((element) => [element, element.getBoundingClientRect().top]));
  change();
  for (const [element, top] of before) {
    const moved = top - element.getBoundingClientRect().top;
    if (!element.isConnected || moved === 0) continue;
    const path = [{ transform: `translateY(${moved}px)` }, { transform: "none" }];
    element.animate(path, { duration: DURATION, easing: "ease-out" });
  }
}
