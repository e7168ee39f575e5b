// The arithmetic of a GPT in plain JavaScript: what runs where WebAssembly SIMD does not, and what
// the WebAssembly kernel is held against. Both have the interface that engine/kernel.js describes.
//
// Several sums go on side by side, so that each number that is read serves more than one of them.
// Arrays come with the place where to begin (y from yAt on), since a subarray would be an object.

export function createJsKernel(floatsNeeded) {
  let left = floatsNeeded;

  function floats(n) {
    const size = Math.ceil(n / 4) * 4;
    if (size > left) {
      throw new RangeError(`the kernel's ${floatsNeeded} numbers do not hold ${n} more`);
    }
    left -= size;
    return new Float32Array(n);
  }

  return {
    name: "js",
    floats,
    linear,
    linearTransposed,
    layerNorm,
    gelu,
    add,
    softmaxRows,
    attend,
  };
}

function linear(y, x, weight, bias, rows, nIn, nOut) {
  const tiled = rows - (rows % 4);
  for (let o = 0; o < nOut; o += 4) {
    for (let r = 0; r < tiled; r += 4) {
      if (o + 4 <= nOut) linearTile(y, r * nOut + o, x, r * nIn, weight, o, bias, nIn, nOut);
      else linearColumns(y, r * nOut, x, r * nIn, weight, o, bias, nIn, nOut);
    }
  }
  for (let r = tiled; r < rows; r += 1) {
    linearRow(y, r * nOut, x, r * nIn, weight, 0, bias, nIn, nOut);
  }
}

// Four rows by four outputs: sixteen sums. The tile's first output is that of column wAt.
function linearTile(y, yAt, x, xAt, w, wAt, bias, nIn, nOut) {
  let a0 = bias ? bias[wAt] : 0;
  let a1 = bias ? bias[wAt + 1] : 0;
  let a2 = bias ? bias[wAt + 2] : 0;
  let a3 = bias ? bias[wAt + 3] : 0;
  let [b0, b1, b2, b3] = [a0, a1, a2, a3];
  let [c0, c1, c2, c3] = [a0, a1, a2, a3];
  let [d0, d1, d2, d3] = [a0, a1, a2, a3];
  for (let i = 0, a = xAt, p = wAt; i < nIn; i += 1, a += 1, p += nOut) {
    const w0 = w[p];
    const w1 = w[p + 1];
    const w2 = w[p + 2];
    const w3 = w[p + 3];
    let input = x[a];
    a0 += input * w0;
    a1 += input * w1;
    a2 += input * w2;
    a3 += input * w3;
    input = x[a + nIn];
    b0 += input * w0;
    b1 += input * w1;
    b2 += input * w2;
    b3 += input * w3;
    input = x[a + 2 * nIn];
    c0 += input * w0;
    c1 += input * w1;
    c2 += input * w2;
    c3 += input * w3;
    input = x[a + 3 * nIn];
    d0 += input * w0;
    d1 += input * w1;
    d2 += input * w2;
    d3 += input * w3;
  }
  storeFour(y, yAt, a0, a1, a2, a3);
  storeFour(y, yAt + nOut, b0, b1, b2, b3);
  storeFour(y, yAt + 2 * nOut, c0, c1, c2, c3);
  storeFour(y, yAt + 3 * nOut, d0, d1, d2, d3);
}

function storeFour(y, at, a, b, c, d) {
  y[at] = a;
  y[at + 1] = b;
  y[at + 2] = c;
  y[at + 3] = d;
}

// The one to three last outputs, from column `first` on, of four rows.
function linearColumns(y, yAt, x, xAt, w, first, bias, nIn, nOut) {
  for (let r = 0; r < 4; r += 1) {
    for (let o = first; o < nOut; o += 1) {
      let sum = bias ? bias[o] : 0;
      for (let i = 0; i < nIn; i += 1) sum += x[xAt + r * nIn + i] * w[i * nOut + o];
      y[yAt + r * nOut + o] = sum;
    }
  }
}

// One row: the weights are read once, front to back, four inputs at a time.
function linearRow(y, yAt, x, xAt, w, wAt, bias, nIn, nOut) {
  for (let o = 0; o < nOut; o += 1) y[yAt + o] = bias ? bias[o] : 0;
  const fours = nIn - (nIn % 4);
  for (let i = 0, p = wAt; i < fours; i += 4, p += 4 * nOut) {
    const [a, b, c, d] = [x[xAt + i], x[xAt + i + 1], x[xAt + i + 2], x[xAt + i + 3]];
    const [p1, p2, p3] = [p + nOut, p + 2 * nOut, p + 3 * nOut];
    for (let o = 0; o < nOut; o += 1) {
      y[yAt + o] += a * w[p + o] + b * w[p1 + o] + c * w[p2 + o] + d * w[p3 + o];
    }
  }
  for (let i = fours; i < nIn; i += 1) {
    const input = x[xAt + i];
    const p = wAt + i * nOut;
    for (let o = 0; o < nOut; o += 1) y[yAt + o] += input * w[p + o];
  }
}

function linearTransposed(y, x, table, rows, nIn, nOut) {
  for (let r = 0; r < rows; r += 1) dots(y, r * nOut, x, r * nIn, table, 0, nIn, nOut);
}

// The products of one row of x with nOut rows of the table, four at a time.
function dots(y, yAt, x, xAt, table, tableAt, nIn, nOut) {
  const fours = nOut - (nOut % 4);
  for (let o = 0, p = tableAt; o < fours; o += 4, p += 4 * nIn) {
    const [p1, p2, p3] = [p + nIn, p + 2 * nIn, p + 3 * nIn];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = 0; i < nIn; i += 1) {
      const input = x[xAt + i];
      s0 += input * table[p + i];
      s1 += input * table[p1 + i];
      s2 += input * table[p2 + i];
      s3 += input * table[p3 + i];
    }
    storeFour(y, yAt + o, s0, s1, s2, s3);
  }
  for (let o = fours; o < nOut; o += 1) {
    let sum = 0;
    for (let i = 0, p = tableAt + o * nIn; i < nIn; i += 1) sum += x[xAt + i] * table[p + i];
    y[yAt + o] = sum;
  }
}

function layerNorm(y, x, weight, bias, rows, width, eps) {
  for (let r = 0; r < rows; r += 1) {
    const from = r * width;
    let mean = 0;
    for (let i = 0; i < width; i += 1) mean += x[from + i];
    mean /= width;
    let variance = 0;
    for (let i = 0; i < width; i += 1) variance += (x[from + i] - mean) ** 2;
    const scale = 1 / Math.sqrt(variance / width + eps);
    for (let i = 0; i < width; i += 1) {
      y[from + i] = (x[from + i] - mean) * scale * weight[i] + (bias ? bias[i] : 0);
    }
  }
}

const STEEPNESS = -2 * Math.sqrt(2 / Math.PI);

// ½ (1 + tanh u) = 1 / (1 + exp(-2u)), and Math.exp takes half the time of Math.tanh.
function gelu(y, x, n) {
  for (let i = 0; i < n; i += 1) {
    const value = x[i];
    y[i] = value / (1 + Math.exp(STEEPNESS * value * (1 + 0.044715 * value * value)));
  }
}

function add(y, x, n) {
  for (let i = 0; i < n; i += 1) y[i] += x[i];
}

function softmaxRows(y, x, rows, width, visible) {
  for (let r = 0; r < rows; r += 1) {
    const seen = Math.min(width, visible + r);
    softmax(y, x, r * width, seen, 1);
    y.fill(0, r * width + seen, (r + 1) * width);
  }
}

// Softmax of n numbers from `at` on, each times `scale`, which is above 0. The largest is taken
// off first, so that no exp overflows.
function softmax(y, x, at, n, scale) {
  let largest = -Infinity;
  for (let i = at; i < at + n; i += 1) if (x[i] > largest) largest = x[i];
  let sum = 0;
  for (let i = at; i < at + n; i += 1) {
    const value = Math.exp((x[i] - largest) * scale);
    sum += value;
    y[i] = value;
  }
  for (let i = at; i < at + n; i += 1) y[i] /= sum;
}

function attend(y, queries, keys, values, scratch, rows, past, heads, size, stride, capacity) {
  const scale = 1 / Math.sqrt(size);
  for (let r = 0; r < rows; r += 1) {
    const seen = past + r + 1;
    for (let head = 0; head < heads; head += 1) {
      const first = head * capacity * size;
      dots(scratch, 0, queries, r * stride + head * size, keys, first, size, seen);
      softmax(scratch, scratch, 0, seen, scale);
      linearRow(y, (r * heads + head) * size, scratch, 0, values, first, null, seen, size);
    }
  }
}
