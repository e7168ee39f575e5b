// Cosines, neighbours and planes of this page against PyTorch's (llm_lib/proofs/embeddings.py).
import { value as proof } from "asset:proofs/embeddings.json";
import { countDiffering } from "./differing.js";
import { readScene, sumsOf } from "./embedding_scene.js";
import { nearestDirections } from "./vectors.js";

// Returns { rows: [{ label, difference }], largest, tolerance, against }.
export function proveEmbeddings() {
  const scene = readScene(proof.inputs);
  const { positions } = scene;
  const rows = [
    ...proof.nearest.flatMap((theirs, s) => compareNearest(scene, s, theirs)),
    compare("places of the tokens", proof.layouts, scene.layouts),
    compare("shares of the variance, tokens", proof.shares, scene.shares),
    compare("places of the positions", proof.positions, positions.layout),
    compare("shares of the variance, positions", proof.position_shares, positions.shares),
    compare("token + position", proof.sums, sumsOf(scene.vectors.at(-1)[0], positions).sums),
  ];
  const largest = Math.max(...rows.map(({ difference }) => difference));
  return { rows, largest, tolerance: proof.tolerance, against: proof.against };
}

// A neighbour that is another one counts 1, far above the tolerance.
function compareNearest({ labels, directions }, snapshot, theirs) {
  const units = directions[snapshot];
  const own = units.flatMap((_, i) => nearestDirections(units, i));
  const ids = own.map(({ index }) => index);
  const cosines = own.map(({ cosine }) => cosine);
  const label = labels[snapshot];
  return [
    { label: `neighbours ${label}: which`, difference: countDiffering(theirs.ids.flat(), ids) },
    compare(`neighbours ${label}: cosines`, theirs.cosines, cosines),
  ];
}

// The largest difference of two tables of numbers, however deep.
function compare(label, theirs, own) {
  const [expected, found] = [theirs.flat(2), own.flat(2)];
  if (expected.length !== found.length) return { label, difference: Infinity };
  // Math.max keeps a NaN, which equals nothing.
  const difference = Math.max(...expected.map((number, i) => Math.abs(number - found[i])));
  return { label, difference };
}
