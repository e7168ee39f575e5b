// The attention explorer as a table: what the chosen token gives to each in every head.
import { percent } from "./amounts.js";

// Every head is a column for up to so many; else only the chosen one.
const MOST_COLUMNS = 24;

// shares(layer, head): what the query gives to each token; names: of all tokens.
export function headsTable({ layers, heads, layer, head, query, names, shares, next }) {
  const all = [];
  for (let l = 0; l < layers; l += 1) for (let i = 0; i < heads; i += 1) all.push([l, i]);
  const columns = all.length <= MOST_COLUMNS ? all : [[layer, head]];
  const values = columns.map(([l, i]) => shares(l, i));
  const rows = names.map((name, t) => [
    `${t} ${name}`,
    ...values.map((share) => percent(share[t])),
  ]);
  const change = (row) => `${row.name} ${percent(row.before)} → ${percent(row.after)}`;
  const changes = next?.map(change).join("; ");
  const after = next ? ` What comes next, before and after: ${changes}.` : "";
  return {
    caption: `What “${names[query]}” (token ${query}) gives to each token, head by head.${after}`,
    columns: ["token", ...columns.map(([l, i]) => `layer ${l} head ${i}`)],
    rows,
  };
}
