// The controls of sampling: temperature, the three limits, and the seed.
import { h } from "./dom.js";
import { seedField } from "./seed_field.js";
import { limit } from "./sampling_words.js";
import { stopSlider } from "./stop_slider.js";

const TENTHS = Array.from({ length: 21 }, (_, i) => i / 10);
const TEMPERATURES = [...TENTHS, 2.25, 2.5, 2.75, 3, 3.5, 4, 4.5, 5];
const RANKS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 100, 200, 500, null];
const SHARES = [0, ...Array.from({ length: 18 }, (_, i) => (5 * (i + 1)) / 100)];
const NUCLEI = [...SHARES, 0.92, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, null];
const RATIOS = [null, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1];

const SLIDERS = {
  temperature: ["Temperature", TEMPERATURES, 1, (t) => (t === 0 ? "0, greedy" : String(t))],
  top_k: ["Top-k", RANKS, Infinity, (k) => (k === null ? "off" : String(k))],
  top_p: ["Top-p", NUCLEI, 1, (p) => (p === null ? "off" : limit(p))],
  min_p: ["Min-p", RATIOS, 0, (p) => (p === null ? "off" : String(p))],
};

// input({ name: value }) hears. Returns { root, set(settings) }.
export function samplingControls(input) {
  const sliders = Object.entries(SLIDERS).map(([name, [label, stops, off, show]]) => {
    const hear = (value) => input({ [name]: value });
    return [name, stopSlider(label, { stops, off, value: stops[0], show, input: hear })];
  });
  const seed = seedField((value) => input({ seed: value }));
  const nodes = sliders.map(([, { root }]) => root);
  const root = h("div", { class: "llm-lab-controls" }, ...nodes, seed.root);
  const set = (settings) => {
    for (const [name, control] of sliders) control.set(settings[name]);
    seed.set(settings.seed);
  };
  return { root, set };
}
