// Numbers of every size as text: amounts, vectors, shares, powers of e.
import { signed } from "./numbers.js";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export const THIN = "\u202F"; // a space that does not break

// A number with as many decimals as help: two, fewer where it is large.
export function amount(number) {
  if (number === -Infinity) return "\u2212∞";
  const size = Math.abs(number);
  if (size < 999.95) return signed(number, size < 99.995 ? 2 : 1);
  return signed(number, 0).replace(/\B(?=(\d{3})+$)/g, "\u202F");
}

// The numbers of a vector: one decimal where that is all there is.
export function coordinate(number) {
  const isTenths = Math.abs(number * 10 - Math.round(number * 10)) < 1e-6;
  return isTenths ? signed(number, 1) : amount(number);
}

export const vectorText = (vector) => `(${vector.map(coordinate).join(", ")})`;

export function percent(share) {
  if (share === 0 || share === 1) return `${100 * share}${THIN}%`;
  if (share < 0.0005) return `<${THIN}0.1${THIN}%`;
  if (share > 0.9995) return `>${THIN}99.9${THIN}%`;
  return `${(100 * share).toFixed(1)}${THIN}%`;
}

// e to the power of a score, also where no machine number is large enough.
export function powerText(score) {
  const exponent = Math.floor(score / Math.LN10);
  if (exponent >= -2 && exponent < 3) return Math.exp(score).toPrecision(3);
  const mantissa = Math.exp(score - exponent * Math.LN10).toFixed(1);
  return mantissa === "10.0"
    ? `1.0×10${superscript(exponent + 1)}`
    : `${mantissa}×10${superscript(exponent)}`;
}

const superscript = (whole) =>
  (whole < 0 ? "⁻" : "") + Array.from(String(Math.abs(whole)), (d) => SUPERSCRIPTS[d]).join("");
