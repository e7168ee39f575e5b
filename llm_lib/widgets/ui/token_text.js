// How a token looks in print: nothing about it is invisible, and nothing is left to the font.

const SIGNS = new Map([[" ", "·"], ["\n", "⏎"], ["\t", "⇥"]]);
// Controls, joiners, direction marks, variation selectors, and spaces other than the common one.
const UNSEEN = /[\p{C}\p{Z}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/u;
const LONGEST = 40; // characters shown of one token

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hex = (number, digits) => number.toString(16).toUpperCase().padStart(digits, "0");

// A text with signs for what has no shape: · for a space, U+200D for a joiner that stands alone.
export function readable(text) {
  const characters = Array.from(text);
  if (characters.length > LONGEST) return `${readable(characters.slice(0, LONGEST).join(""))}…`;
  if (characters.length === 1 && UNSEEN.test(text) && !SIGNS.has(text)) return codePointName(text);
  const shown = characters.map((character) => SIGNS.get(character) ?? unseenInside(character));
  return /^\p{M}/u.test(text) ? `◌${shown.join("")}` : shown.join("");
}

// Inside a longer text joiners do their work (👩‍👧); controls would only hide something.
const unseenInside = (character) =>
  /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u.test(character)
    ? `[${codePointName(character)}]`
    : character;

export const codePointName = (character) => `U+${hex(character.codePointAt(0), 4)}`;

// The bytes of a token as text: { text, isHex }. A token may end inside a character; then its
// bytes are shown, those of ASCII as the characters they are.
export function tokenText(bytes) {
  try {
    return { text: readable(strict.decode(bytes)), isHex: false };
  } catch {
    return { text: Array.from(bytes.subarray(0, LONGEST), byteText).join(" "), isHex: true };
  }
}

// A token of a cut as it is shown: { text, isHex, kind }.
export function shownToken({ bytes, unknown }) {
  return unknown ? { text: "<unk>", isHex: false, kind: "unknown" } : tokenText(bytes);
}

function byteText(byte) {
  const character = String.fromCharCode(byte);
  const isPlain = byte > 0x20 && byte < 0x7f;
  return SIGNS.get(character) ?? (isPlain ? character : hex(byte, 2));
}

// Bytes as a reader of hex dumps expects them: 20 C3 A9.
export function hexBytes(bytes, most = 16) {
  const shown = Array.from(bytes.subarray(0, most), (byte) => hex(byte, 2)).join(" ");
  return bytes.length > most ? `${shown} …` : shown;
}

// Whole numbers with a thin space between thousands.
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202F");

const RTL = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

// Which way a text runs: its first letter decides, as the browser does for dir="auto".
export function direction(text) {
  const letter = /\p{L}/u.exec(text)?.[0] ?? "";
  return RTL.test(letter) ? "rtl" : "ltr";
}
