// The arithmetic of a GPT in WebAssembly with 128-bit SIMD: kernel.wat, with names and memory.
import { KERNEL_BINARY } from "./kernel_binary.js";

const PAGE = 65536; // bytes
const FIRST = 16; // address 0 stands for "no array"
const NUMBERS = 4; // every array starts at a whole vector

// Whether this browser knows the instructions that the kernel is made of.
export function hasWasmSimd() {
  return typeof WebAssembly === "object" && WebAssembly.validate(binary());
}

// Throws where a page may not run WebAssembly (its security policy forbids it), or where there is
// not enough memory.
export function createWasmKernel(floatsNeeded) {
  const bytes = FIRST + 4 * floatsNeeded;
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  // Compiled and started at once, without a promise: the module is smaller than 4 kB.
  const module = new WebAssembly.Module(binary());
  const wasm = new WebAssembly.Instance(module, { js: { memory } }).exports;
  return { name: "wasm", floats: createArena(memory, bytes), ...createOperations(wasm, memory) };
}

function createArena({ buffer }, end) {
  let next = FIRST;
  return function floats(n) {
    const at = next;
    next += 4 * NUMBERS * Math.ceil(n / NUMBERS);
    if (next <= end) return new Float32Array(buffer, at, n);
    next = at;
    throw new RangeError(`the kernel's ${(end - FIRST) / 4} numbers do not hold ${n} more`);
  };
}

function createOperations(wasm, { buffer }) {
  // Where an array, or a part of one, lies in the kernel's memory.
  const at = (array) => {
    if (array.buffer === buffer) return array.byteOffset;
    throw new TypeError("the kernel reaches only arrays that its floats() made");
  };
  const orNone = (array) => (array ? at(array) : 0);

  return {
    linear: (y, x, weight, bias, rows, nIn, nOut) =>
      wasm.linear(at(y), at(x), at(weight), orNone(bias), rows, nIn, nOut),
    linearTransposed: (y, x, table, rows, nIn, nOut) =>
      wasm.linearTransposed(at(y), at(x), at(table), rows, nIn, nOut),
    layerNorm: (y, x, weight, bias, rows, width, eps) =>
      wasm.layerNorm(at(y), at(x), at(weight), orNone(bias), rows, width, eps),
    gelu: (y, x, n) => wasm.gelu(at(y), at(x), n),
    add: (y, x, n) => wasm.addScaled(at(y), at(x), 1, n),
    softmaxRows: (y, x, rows, width, visible) =>
      wasm.softmaxRows(at(y), at(x), rows, width, visible),
    attend: (y, queries, keys, values, scratch, rows, past, heads, size, stride, capacity) =>
      wasm.attend(
        at(y),
        at(queries),
        at(keys),
        at(values),
        at(scratch),
        rows,
        past,
        heads,
        size,
        stride,
        capacity,
      ),
  };
}

const binary = () => Uint8Array.from(atob(KERNEL_BINARY), (byte) => byte.charCodeAt(0));
