// Numbers between 0 and 1 that come out the same here and in Python, from the same seed: the twin
// of llm_lib/uniform.py, which describes the generator (sfc32, by Chris Doty-Humphrey, 2010).

// seed: a whole number up to 2⁵³ - 1. Streams of one seed are unrelated rows of numbers.
// Returns next(): the next number, at least 0 and below 1, a multiple of 2⁻³².
export function uniform(seed, stream = 0) {
  let a = stream >>> 0;
  let b = seed % 2 ** 32 >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 1;
  const nextWord = () => {
    const word = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + word) >>> 0;
    return word;
  };
  for (let thrown = 0; thrown < 12; thrown += 1) nextWord();
  return () => nextWord() / 2 ** 32;
}
