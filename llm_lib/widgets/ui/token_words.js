// What there is to say about one token, in the words of the chapter.
import { graphemeAt } from "../engine/cuts.js";
import { codePointName, grouped, hexBytes, readable, tokenText } from "./token_text.js";

const quoted = (text) => `“${text}”`;
const bytesText = (n) => (n === 1 ? "1 byte" : `${n} bytes`);

// tokens: the tokens of a cut; index: which one; text: what was cut; cutter: see engine/cuts.js,
// with the name of its `unit`.
export function aboutToken({ cutter, tokens, index, text }) {
  const token = tokens[index];
  const characters = text.slice(token.start, token.end);
  return ABOUT[cutter.unit]({ token, tokens, index, characters, text, cutter });
}

const ABOUT = {
  characters: aboutCharacter,
  bytes: aboutByte,
  words: aboutWord,
  bpe: aboutBPE,
};

function aboutCharacter({ token, characters, text }) {
  const size = bytesText(token.bytes.length);
  const name = codePointName(characters);
  const cluster = graphemeAt(text, token.start);
  const more = Array.from(cluster).length;
  const drawn = more > 1 ? ` It is one of ${more} that are drawn as one: ${cluster}.` : "";
  return `Its number in Unicode, ${name}. UTF-8 writes it in ${size}.${drawn}`;
}

function aboutByte({ token, tokens, index, characters }) {
  if (token.whole) return `This one byte is the whole character ${quoted(readable(characters))}.`;
  let first = index;
  while (first > 0 && tokens[first - 1].start === token.start) first -= 1;
  const size = new TextEncoder().encode(characters).length;
  return `Byte ${index - first + 1} of the ${size} that write ${quoted(readable(characters))}.`;
}

function aboutWord({ token, characters, cutter }) {
  const vocabulary = `the story’s vocabulary of ${grouped(cutter.vocabSize)} tokens`;
  if (!token.unknown) return `Its place in ${vocabulary}, which is sorted and counted from 0.`;
  return `${quoted(readable(characters))} is not in ${vocabulary}. It becomes <unk>, and is lost.`;
}

function aboutBPE({ token, characters, cutter }) {
  const parts = cutter.bpe.parts(token.id);
  if (!parts && !token.whole) {
    return `One byte of ${quoted(readable(characters))}: a token may hold less than a character.`;
  }
  if (!parts) return "One byte, as it came: no merge of this vocabulary joins it to a neighbour.";
  const { merges, mergeRank, tokenBytes } = cutter.bpe;
  const [left, right] = parts.map((id) => `${quoted(tokenText(tokenBytes(id)).text)} (${id})`);
  const merge = `Merge ${grouped(mergeRank(token.id) + 1)} of ${grouped(merges.length)}`;
  return `${merge} joined ${left} and ${right}.`;
}

// Where a cut has no token at the characters that are looked at.
export function aboutNothing(unit, text) {
  if (text === "") return "No text, no tokens.";
  if (unit === "words") return "White space is in no word: this tokenizer drops it.";
  return "No token is drawn here.";
}

// One line about a whole cut: how many tokens, how much each holds, of how large a vocabulary.
export function aboutCut({ count, characters, vocabSize }) {
  const tokens = count === 1 ? "1 token" : `${grouped(count)} tokens`;
  const rate = count ? `, ${(characters / count).toPrecision(3)} characters per token` : "";
  return `${tokens}${rate}; a vocabulary of ${grouped(vocabSize)}.`;
}
