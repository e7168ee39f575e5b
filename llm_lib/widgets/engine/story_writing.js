// A text that is being written: what the reader gave, each token that was added with what the model
// said before it, and how it came about. States never change, so going back is taking an old one.
import { choose, nextTokenProbabilities } from "./sampling.js";
import { createPrefixReader } from "./prefix_reader.js";
import { uniform } from "./uniform.js";

// A state: { prompt, steps, next }
//   prompt  ids of the reader's text
//   steps   [{ id, logits, share, by }]: `share` is its probability for the model itself, without
//           temperature or limits; `by` the key of the settings that drew it, or "hand"
//   next    logits of the token that would come now, Float32Array (V)
export function createWriting(gpt, end) {
  const read = createPrefixReader(gpt);

  const idsOf = ({ prompt, steps }) => [...prompt, ...steps.map(({ id }) => id)];

  // Begins with a prompt, and with tokens that were added to it before.
  async function begin(prompt, written = [], signal) {
    const from = prompt.length - 1;
    const rows = await read([...prompt, ...written], { from, signal });
    const steps = written.map((id, i) => ({ ...stepOf(id, rows[i]), by: "hand" }));
    return { prompt, steps, next: rows.at(-1) };
  }

  // The state after one more token. place: where it stands among the written ones; what followed
  // there is dropped.
  async function add(state, id, { by = "hand", place = state.steps.length, signal } = {}) {
    const logits = logitsAt(state, place);
    const steps = [...state.steps.slice(0, place), { ...stepOf(id, logits), by }];
    const grown = { prompt: state.prompt, steps, next: logits };
    if (over(grown) === "end") return grown; // nothing follows, so there is nothing to read
    return { ...grown, next: (await read(idsOf(grown), { signal }))[0] };
  }

  // Why nothing more can be written: "end", "full" or null.
  function over({ prompt, steps }) {
    if (steps.at(-1)?.id === end) return "end";
    return prompt.length + steps.length >= gpt.config.block_size ? "full" : null;
  }

  return { begin, add, over, idsOf };
}

function stepOf(id, logits) {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, score) => total + Math.exp(score - most), 0);
  return { id, logits, share: Math.exp(logits[id] - most) / sum };
}

export const logitsAt = ({ steps, next }, place) => steps[place]?.logits ?? next;

// The numbers of a seed by their place: token i that is written takes number i, as in Python.
export function numbersOf(seed) {
  const [next, made] = [uniform(seed), []];
  return (place) => {
    while (made.length <= place) made.push(next());
    return made[place];
  };
}

// The token that comes next with these settings.
export const drawNext = (state, numbers, options) =>
  choose(state.next, numbers(state.steps.length), options);

// How likely the likeliest next token is.
export const sureness = (logits, options) =>
  nextTokenProbabilities(logits, options).reduce((a, b) => Math.max(a, b), 0);
