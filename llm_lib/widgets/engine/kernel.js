// The arithmetic a GPT needs, behind one interface with two implementations: WebAssembly with SIMD
// (kernel.wat), and plain JavaScript where that does not run. What is written comes first, sizes
// are explicit, and every array, or its subarray, comes from kernel.floats(n).
//
//   name                                    "wasm" or "js"
//   floats(n)                               n zeros that the kernel can address; each piece takes
//                                           its size rounded up to a multiple of 4
//   linear(y, x, weight, bias, rows, nIn, nOut)      y (rows, nOut) = x (rows, nIn) · weight
//                                                    (nIn, nOut) + bias (nOut) or null
//   linearTransposed(y, x, table, rows, nIn, nOut)   y = x · tableᵀ, table (nOut, nIn)
//   layerNorm(y, x, weight, bias, rows, width, eps)  bias may be null; y may be x
//   gelu(y, x, n)                                    GPT-2's tanh form; y may be x
//   add(y, x, n)                                     y += x
//   softmaxRows(y, x, rows, width, visible)          row r: softmax of its first visible + r
//                                                    numbers, 0 for the rest; y may be x
//   attend(y, queries, keys, values, scratch, rows, past, heads, size, stride, capacity)
//       causal attention of `rows` new positions, whose own keys and values are in the cache.
//       y (rows, heads · size); row r of queries starts at r · stride, its heads side by side, and
//       sees the first past + r + 1 keys; keys and values (heads, capacity, size);
//       scratch: capacity numbers.
//
// The WebAssembly kernel gives the same bits on every machine, and for each row the same bits
// alone or among others. The plain one follows it within rounding.
import { createJsKernel } from "./js_kernel.js";
import { createWasmKernel, hasWasmSimd } from "./wasm_kernel.js";

// A kernel with room for floatsNeeded numbers. choice: "wasm", "js", or "auto", which takes
// WebAssembly where it runs.
export function createKernel(floatsNeeded, choice = "auto") {
  if (!["auto", "wasm", "js"].includes(choice)) {
    throw new RangeError(`the kernel is “${choice}”; choose "auto", "wasm" or "js"`);
  }
  if (choice === "js") return guarded(createJsKernel(floatsNeeded));
  try {
    if (!hasWasmSimd()) throw new Error("this browser has no WebAssembly SIMD");
    return guarded(createWasmKernel(floatsNeeded));
  } catch (cause) {
    if (choice === "auto") return guarded(createJsKernel(floatsNeeded));
    throw new Error(`the WebAssembly kernel does not start: ${cause.message}`, { cause });
  }
}

// The same kernel, with every array measured first: WebAssembly would write past the end of one
// into the next without a word.
function guarded(kernel) {
  return {
    ...kernel,
    linear(y, x, weight, bias, rows, nIn, nOut) {
      measure("linear", y, rows * nOut, x, rows * nIn);
      measure("linear", weight, nIn * nOut, bias ?? y, bias ? nOut : 0);
      kernel.linear(y, x, weight, bias, rows, nIn, nOut);
    },
    linearTransposed(y, x, table, rows, nIn, nOut) {
      measure("linearTransposed", y, rows * nOut, x, rows * nIn);
      measure("linearTransposed", table, nIn * nOut, y, 0);
      kernel.linearTransposed(y, x, table, rows, nIn, nOut);
    },
    layerNorm(y, x, weight, bias, rows, width, eps) {
      measure("layerNorm", y, rows * width, x, rows * width);
      measure("layerNorm", weight, width, bias ?? weight, width);
      kernel.layerNorm(y, x, weight, bias, rows, width, eps);
    },
    gelu(y, x, n) {
      measure("gelu", y, n, x, n);
      kernel.gelu(y, x, n);
    },
    add(y, x, n) {
      measure("add", y, n, x, n);
      kernel.add(y, x, n);
    },
    softmaxRows(y, x, rows, width, visible) {
      measure("softmaxRows", y, rows * width, x, rows * width);
      kernel.softmaxRows(y, x, rows, width, visible);
    },
    attend(y, queries, keys, values, scratch, rows, past, heads, size, stride, capacity) {
      const seen = past + rows;
      if (seen > capacity) throw new RangeError(`attend: ${seen} positions in ${capacity} places`);
      measure("attend", y, rows * heads * size, queries, (rows - 1) * stride + heads * size);
      measure("attend", keys, heads * capacity * size, values, heads * capacity * size);
      measure("attend", scratch, seen, y, 0);
      kernel.attend(
        y,
        queries,
        keys,
        values,
        scratch,
        rows,
        past,
        heads,
        size,
        stride,
        capacity,
      );
    },
  };
}

function measure(operation, a, n, b, m) {
  if (a.length < n) refuse(operation, a, n);
  if (b.length < m) refuse(operation, b, m);
}

function refuse(operation, array, n) {
  throw new RangeError(`${operation}: an array of ${array.length} numbers must hold ${n}`);
}
