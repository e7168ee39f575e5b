// What the KV cache figure says: about the newest token, its costs, and the machine it runs on.
import { bytes, times } from "./large_amounts.js";
import { cellWords, KINDS } from "./cache_grid.js";
import { grouped } from "./token_text.js";

export const QUESTION = "To add one token, what must be computed, and what can be kept?";
export const CAPTION =
  "A cell is all the work of one layer at one place. The causal mask lets no place see a later " +
  "one, so what was computed to the left stays as it is, and of that only keys and values are " +
  "asked for again. Go past 256 tokens to see a cache lose everything at once.";

// What happens at this token.
export function tokenWords({ length, start, held, isRebuilt }, blockSize) {
  if (length === 1) return "The first token. There is nothing before it to keep.";
  if (isRebuilt) {
    return (
      `The context was full. The window moves by half a context: ${grouped(start)} tokens are ` +
      `forgotten, and the other ${grouped(held)} stand at new positions. Their keys and values ` +
      "change with that, so the cache is made anew."
    );
  }
  if (held === blockSize) {
    return `All ${grouped(blockSize)} positions are taken. What will the next token do?`;
  }
  return (
    `Nothing to the left has changed. The new token's queries meet ${grouped(held - 1)} old keys ` +
    "in each head, and mix the old values: nothing else of the past is asked for."
  );
}

// The size of the cache, with the numbers put in.
export function bytesWords({ held, bytes: kept }, { n_layer: layers, n_embd: width }) {
  return (
    `Kept in the cache: a key and a value, 2 × ${layers} layers × ${width} numbers × ` +
    `${grouped(held)} tokens × 4\u00a0bytes = ${grouped(kept)}\u00a0bytes.`
  );
}

export function largerWords(larger) {
  const sizes = larger.map(({ label, bytes: size }) => `${label} ${bytes(size)}`);
  const tokens = grouped(larger[0]?.tokens ?? 0);
  return (
    `In larger models a cache weighs more. For one text of ${tokens} tokens, in float16: ` +
    `${sizes.join(", ")}. Each text of a batch has its own.`
  );
}

export function spoken(cost, layers) {
  const words = Object.keys(KINDS).map((kind) => {
    return `${KINDS[kind].toLowerCase()}, ${cellWords(cost, kind, layers)}`;
  });
  const moved = cost.isRebuilt ? " The window has moved, and the cache is made anew." : "";
  return `${grouped(cost.length)} ${plural(cost.length)}: ${words.join("; ")}.${moved}`;
}

const plural = (count) => (count === 1 ? "token" : "tokens");

// What was measured, in words.
export function measuredWords({ tokens, without, with: cached }, cost) {
  const ratio = without / cached;
  const inProducts = cost.flops.without / cost.flops.with;
  const unlike =
    ratio < inProducts
      ? " The gain in time is less: one column at a time uses a processor badly, since each " +
        "weight is fetched from memory for a single token."
      : "";
  return (
    `Here, on your machine: with ${tokens} tokens in the text, the newest takes ` +
    `${milliseconds(without)} without a cache and ${milliseconds(cached)} with one, ` +
    `${comparedWords(ratio)}. In products the cache saves a factor of ${times(inProducts)}.` +
    unlike
  );
}

const comparedWords = (ratio) =>
  ratio > 1.05 ? `a factor of ${times(ratio)}` : "no gain that could be measured";

export function milliseconds(time) {
  const digits = time >= 10 ? time.toFixed(0) : time.toPrecision(2);
  return `${digits}\u202fms`;
}

export function tableOf({ cost, costs, config, measured }) {
  const lengths = [1, 16, 64, 128, 256, 257, 384, 385, cost.length].filter((n) => costs[n - 1]);
  const shown = [...new Set(lengths)].sort((a, b) => a - b);
  const timed = new Map(measured.map((point) => [point.tokens, point]));
  const columns = ["Tokens", "Cells computed without", "with", "FLOP of the newest token without"];
  const more = ["with", "FLOP so far without", "with", "Bytes kept"];
  const rows = [...new Set([...shown, ...timed.keys()])]
    .sort((a, b) => a - b)
    .map((n) => tableRow(costs[n - 1], config, timed.get(n)));
  const times = measured.length ? ["ms here without", "ms here with"] : [];
  if (!times.length) rows.forEach((row) => row.splice(-2));
  return {
    caption: `A text that grows token by token; the picture shows ${grouped(cost.length)}`,
    columns: [...columns, ...more, ...times],
    rows,
  };
}

function tableRow({ length, fresh, flops, total, bytes: kept }, { n_layer: layers }, timed) {
  const counts = [fresh.without, fresh.with].map((columns) => layers * columns);
  const numbers = [...counts, flops.without, flops.with, total.without, total.with, kept];
  const time = (kind) => (timed ? timed[kind].toFixed(2) : "–");
  return [length, ...numbers].map(grouped).concat(time("without"), time("with"));
}

