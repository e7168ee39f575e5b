// Numbers as the figures print them.

// A fixed number of decimals, a true minus sign, and no minus before zero.
export function signed(number, decimals) {
  const text = Math.abs(number).toFixed(decimals);
  return number < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}
