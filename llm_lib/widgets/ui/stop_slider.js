// A slider over values that are not evenly spaced, such as 1, 2, 5, 10 … and off.
import { slider } from "./controls.js";

// Returns { root, set(value) }. `show(value)` says a value in words; input(value) hears.
//   stops  the values, in order; null is off
//   off    the number that off is equal to, so that a value between the stops finds its place
export function stopSlider(label, { stops, off, value, show, input }) {
  let known = stops;
  const control = slider(label, {
    min: 0,
    max: stops.length - 1,
    value: 0,
    show: (index) => show(known[index]),
    input: (index) => input(known[index]),
  });
  const number = (stop) => stop ?? off;
  // A value that Python set, or a link, may be none of the stops: then it becomes one.
  const set = (next) => {
    const isStop = stops.includes(next);
    known = isStop ? stops : [...stops, next].sort((a, b) => number(a) - number(b));
    control.setMax(known.length - 1);
    control.set(known.indexOf(next));
  };
  set(value);
  return { root: control.root, set };
}
