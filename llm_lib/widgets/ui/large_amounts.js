// Large amounts in words, to three digits and with a unit.
import { grouped } from "./token_text.js";

const digits = (number) =>
  number >= 1000 ? grouped(Math.round(number)) : String(Number(number.toPrecision(3)));

function scaled(number, units, space) {
  let step = 0;
  // The next unit begins where three digits would round up to 1 000 of this one.
  while (step < units.length - 1 && number >= 999.5) [number, step] = [number / 1000, step + 1];
  return `${digits(number)}${units[step] ? space + units[step] : ""}`;
}

// 124M, 1.56B: as models are named.
export const short = (number) => scaled(number, ["", "k", "M", "B", "T"], "");

// 498 MB: powers of ten.
export const bytes = (number) => scaled(number, ["B", "kB", "MB", "GB", "TB", "PB"], "\u202f");

// 247 MFLOP.
export const flop = (number) =>
  scaled(number, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"], "\u202f");

export function percent(share) {
  if (share === 0) return "0\u202f%";
  if (share < 0.0001) return "< 0.01\u202f%";
  const value = 100 * share;
  return `${value < 1 ? Number(value.toPrecision(2)) : value.toFixed(1)}\u202f%`;
}

// How many times one thing is another: 12.5
export const times = (ratio) => (ratio >= 100 ? grouped(Math.round(ratio)) : ratio.toPrecision(3));
