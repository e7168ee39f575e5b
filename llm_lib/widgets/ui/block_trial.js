// Each part of a model silent in turn: what the likeliest next token loses by it. Found one by one,
// and kept as long as the text and the chosen token stay the same.
import { trialWords } from "./block_words.js";

// reader: see createComparedReading(); drawn() hears of each result.
// Returns { state(key), start }: state(key) is { kept, text }: part -> the share that the token
// keeps, and the result in words; both empty where the trial was of something else.
export function blockTrial(reader, drawn) {
  let current = { key: null, kept: new Map(), text: "" };
  return {
    state(key) {
      if (current.key === key) return current;
      reader.stopEach();
      return { kept: null, text: "" };
    },
    // stations: those that add something; shareOf(reading) of the word; share: with all on.
    // Resolves to the words, or to "" where something else came first.
    async start(key, { ids, stations, shareOf, name, share }) {
      const mine = { key, kept: new Map(), text: "Reading the text once without each part …" };
      current = mine;
      drawn();
      const changes = stations.map((station) => [station.adds]);
      const isWhole = await reader.each(ids, changes, (i, reading) => {
        mine.kept.set(stations[i].name, shareOf(reading));
        drawn();
      });
      if (!isWhole || current !== mine) return "";
      mine.text = trialWords(name, share, stations.map((s) => [s, mine.kept.get(s.name)]));
      drawn();
      return mine.text;
    },
  };
}
