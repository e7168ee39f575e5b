// GELU as GPT-2 computes it, with a tanh (Hendrycks and Gimpel, 2016), for one number.
export function gelu(z) {
  return (z / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)));
}
