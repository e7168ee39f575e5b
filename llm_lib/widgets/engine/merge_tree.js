// How a token was put together: the merges inside it, as a tree.

// The trees of a word's tokens, in order: [{ id, start, end, rank, children }], start and end in
// bytes of the word. A byte has rank null and no children; every other node has two, and `rank` is
// the number of its merge, so the whole history of the word can be replayed from the tree.
export function mergeTree(bpe, word) {
  let start = 0;
  return bpe.encodeIds(word).map((id) => {
    const tree = treeOf(bpe, id, start);
    start = tree.end;
    return tree;
  });
}

// A token is always made by the same merge, so its tree follows from its id alone.
function treeOf(bpe, id, start) {
  const parts = bpe.parts(id);
  if (!parts) {
    const end = start + bpe.tokenBytes(id).length;
    return { id, start, end, rank: null, children: [] };
  }
  const left = treeOf(bpe, parts[0], start);
  const right = treeOf(bpe, parts[1], left.end);
  return { id, start, end: right.end, rank: bpe.mergeRank(id), children: [left, right] };
}
