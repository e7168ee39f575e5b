// A text of the reader's and what the model has added to it, as the ids that the model reads.
import { uniform } from "../engine/uniform.js";
import { storyTokens, tokenName } from "./story_tokens.js";
import { tokenText } from "./token_text.js";

const END = "<|endoftext|>";

// mostRead: tokens of the reader's, at most; blockSize: tokens that the model holds.
export function createMachineText(tokenizer, { mostRead, blockSize }) {
  const end = tokenizer.specialIds.get(END);
  const nameOf = (id) => tokenName(tokenizer, id);
  const withoutEnd = (ids) => ids.filter((id) => id !== end);
  let own = "";
  let story = storyTokens(tokenizer, own, mostRead);
  let written = [];
  let ids = story.ids; // a new array for each new state: whoever waits can tell
  let numbers = null;

  return {
    get own() {
      return own;
    },
    get written() {
      return written;
    },
    get ids() {
      return ids;
    },
    get names() {
      return [...story.names, ...written.map(nameOf)];
    },
    get cut() {
      return story.cut;
    },
    // All of it as the reader sees it.
    get whole() {
      return own + tokenizer.decode(withoutEnd(written));
    },
    // Why nothing can be added: "end", "full", or null.
    get over() {
      if (written.at(-1) === end) return "end";
      return ids.length >= blockSize ? "full" : null;
    },
    // The reader's text; what was written after an older one is gone.
    take(text) {
      [own, story, written, numbers] = [text, storyTokens(tokenizer, text, mostRead), [], null];
      ids = [...story.ids];
    },
    add(id) {
      written = [...written, id];
      ids = [...ids, id];
    },
    // What was written from the `from`-th token on, as text.
    writtenFrom: (from) => tokenizer.decode(withoutEnd(written.slice(from))),
    // The number that the next draw takes: each token that is written uses one up, as in Python's
    // generate().
    number(seed) {
      if (numbers?.seed !== seed) numbers = { seed, next: uniform(seed), made: [] };
      while (numbers.made.length <= written.length) numbers.made.push(numbers.next());
      return numbers.made[written.length];
    },
    nameOf,
    // The tokens as the list draws them.
    tokens() {
      const count = ids.length;
      return this.names.map((text, i) => ({
        text,
        isHex: i > 0 && tokenText(tokenizer.tokenBytes(ids[i])).isHex,
        id: ids[i],
        kind: i >= story.ids.length ? "written" : i === 0 ? "start" : null,
        say: `${text}, id ${ids[i]}, ${i + 1} of ${count}`,
      }));
    },
  };
}
