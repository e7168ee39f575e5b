// The cutters of engine/cuts.js with the book's own data: the merges and the words of the story.
import { value as mergeFile } from "asset:book-merges.json";
import { value as wordFile } from "asset:book-words.json";
import { bpeCutter, byteCutter, characterCutter, wordCutter } from "./cuts.js";

const MAKE = {
  characters: characterCutter,
  bytes: byteCutter,
  words: () => wordCutter(wordFile.words),
  bpe: (size) => bpeCutter(mergeFile.merges, size),
};

// The name of one way to cut: "words", "bpe-1024".
export const cutterKey = (unit, size) => (unit === "bpe" ? `bpe-${size}` : unit);

// The cutters of these units, by key; "bpe" gives one for each of `sizes`, from small to large.
export function bookCutters(units, sizes) {
  const ordered = [...new Set(sizes)].sort((a, b) => a - b);
  const ways = units.flatMap((unit) =>
    unit === "bpe" ? ordered.map((size) => [unit, size]) : [[unit, undefined]],
  );
  return new Map(
    ways.map(([unit, size]) => [cutterKey(unit, size), { unit, size, ...MAKE[unit](size) }]),
  );
}
