// The view that measures why there is a √d, from random vectors drawn in the page.
import { DIMENSIONS, dotSpreads } from "../engine/dot_spread.js";
import { createClock, runSliced } from "../engine/slices.js";
import { button } from "./controls.js";
import { spreadTable, spreadView } from "./spread_view.js";

// again() hears that the reader wants other vectors; ready() that all are measured.
// Returns { root, draw(seed), table() }.
export function spreadStage({ again, ready, signal }) {
  const redraw = button("Draw other vectors", again);
  const { root, draw: show } = spreadView({ dimensions: DIMENSIONS, again: redraw });
  let spreads = DIMENSIONS.map(() => null);
  let measured = null; // the seed that the spreads belong to
  const draw = async (seed) => {
    if (seed === measured) return show(spreads);
    measured = seed;
    const found = await runSliced(dotSpreads(seed, createClock()), { signal }).catch(() => null);
    if (!found || seed !== measured) return; // the figure is gone, or the reader drew again
    spreads = found;
    show(spreads);
    ready();
  };
  return { root, draw, table: () => spreadTable(spreads) };
}
