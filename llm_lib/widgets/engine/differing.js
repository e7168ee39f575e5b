// Proofs that count: how many whole numbers of the page are not those of a shipped file.

// How many places of two rows differ; a place that one row lacks differs too.
export function countDiffering(theirs, own) {
  const longest = Math.max(theirs.length, own.length);
  let count = 0;
  for (let i = 0; i < longest; i += 1) if (theirs[i] !== own[i]) count += 1;
  return count;
}

// Rows of { label, difference } as ui/proof.js wants them; none may differ. `measured` says what
// was counted.
export function provenExactly(rows, { measured, against }) {
  const largest = Math.max(...rows.map(({ difference }) => difference));
  return { rows, largest, tolerance: 0, measured, against };
}
