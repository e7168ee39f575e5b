// The tree of alternatives: from a text, the likeliest next tokens, from each of these the
// likeliest next ones, and so on; the probability of a path is the product of its steps'.
import { distribution } from "./sampling.js";

export const BRANCHES = 3;
export const LEVELS = 4;
const LEAST = 0.001; // a path less likely than this is not drawn

// Reads all that the tree needs. read: see prefix_reader.js. Resolves to the root
// { logits, children } with children [{ id, logits, children }]; nodes of the last level have no
// logits. Temperature and limits keep the order of tokens, so one reading serves them all.
export async function readAlternatives(read, ids, { logits, signal, end }) {
  const grow = async (path, said, level) => {
    const node = { id: path.at(-1), logits: said, children: [] };
    if (level === LEVELS || path.at(-1) === end) return node;
    for (const id of distribution(said).order.subarray(0, BRANCHES)) {
      const longer = [...path, id];
      const isRead = level + 1 < LEVELS && id !== end;
      const next = isRead ? (await read([...ids, ...longer], { signal }))[0] : null;
      node.children.push(await grow(longer, next, level + 1));
    }
    return node;
  };
  return grow([], logits, 0);
}

// The part of the tree that is drawn: { nodes, rows, held }. The likeliest path is always taken
// further first, until `rows` paths stand below each other.
//   nodes  [{ path, id, share, factors, together, level, row, rows, parent, isLeaf }], parents
//          first; `factors` are the shares along the path, `parent` counts from 1, 0 is the text
//   held   what the drawn paths hold together
export function alternatives(root, options, { rows: most, levels = LEVELS }) {
  const top = { path: [], factors: [], together: 1, level: 0, source: root, children: [] };
  let leaves = [top];
  for (;;) {
    const open = leaves.filter((leaf) => leaf.level < levels && leaf.source.children.length);
    const grown = open.map((leaf) => [leaf, (leaf.next ??= childrenOf(leaf, options))]);
    const fitting = grown.filter(([, children]) => leaves.length - 1 + children.length <= most);
    if (!fitting.length) break;
    const [leaf, children] = fitting.reduce((a, b) => (b[0].together > a[0].together ? b : a));
    leaf.children = children;
    leaves = leaves.flatMap((other) => (other === leaf ? children : [other]));
  }
  const nodes = [];
  place(top, 0, nodes);
  return {
    nodes: nodes.slice(1),
    rows: leaves.length,
    held: leaves.reduce((sum, leaf) => sum + leaf.together, 0),
  };
}

function childrenOf({ path, factors, together, level, source }, options) {
  const { probabilities } = distribution(source.logits, options);
  const children = source.children.map((child) => ({
    path: [...path, child.id],
    share: probabilities[child.id],
    factors: [...factors, probabilities[child.id]],
    together: together * probabilities[child.id],
    level: level + 1,
    source: child,
    children: [],
  }));
  return children.filter((child, i) => i === 0 || child.together >= LEAST);
}

// Gives each node its rows, and lists them parents first. Returns how many rows it takes.
function place(node, row, nodes, parent = null) {
  const placed = {
    path: node.path,
    id: node.path.at(-1),
    share: node.share,
    factors: node.factors,
    together: node.together,
    level: node.level,
    row,
    rows: 0,
    parent,
    isLeaf: node.children.length === 0,
  };
  const index = nodes.push(placed) - 1;
  for (const child of node.children) placed.rows += place(child, row + placed.rows, nodes, index);
  placed.rows ||= 1;
  return placed.rows;
}
