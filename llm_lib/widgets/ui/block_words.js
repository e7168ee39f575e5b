// Words of the block explorer. Every number in them was computed for the reader's text.
import { amount, percent } from "./amounts.js";

const KINDS = { attention: "attention", feed_forward: "feed-forward" };

// A station as it is called in the ladder: { block, title }, and in a sentence.
export function stationName({ kind, layer }) {
  if (kind === "embedding") return { block: "", title: "embedding" };
  if (kind === "norm") return { block: "", title: "last norm" };
  return { block: `block ${layer}`, title: KINDS[kind] };
}

export function stationWords(station) {
  const { block, title } = stationName(station);
  return block ? `${block} ${title}` : `the ${title}`;
}

// The name of what is left out, as in “Without …”.
export function pieceWords({ layer, piece }) {
  if (piece === "norm1") return `the norm before block ${layer} attention`;
  if (piece === "norm2") return `the norm before block ${layer} feed-forward`;
  return `block ${layer} ${KINDS[piece]}`;
}

export function offWords(pieces) {
  if (!pieces.length) return "Every part is on.";
  return `Left out: ${pieces.map(pieceWords).join(", ")}.`;
}

// What leaving pieces out did to the word that was likeliest. rows: those of compareNext() with
// names; word: its id; losses: [before, after] in nats per token, or null.
export function changeWords(pieces, rows, word, losses) {
  const top = rows.find(({ id }) => id === word);
  const now = rows.reduce((a, b) => (b.after > a.after ? b : a));
  const what = pieces.length > 2 ? `${pieces.length} pieces` : pieces.map(pieceWords).join(" and ");
  const lost = top.before - top.after;
  const change =
    Math.abs(lost) < 0.0005
      ? `hardly moves: ${percent(top.after)}`
      : `goes from ${percent(top.before)} to ${percent(top.after)}: it ` +
        `${lost > 0 ? "loses" : "gains"} ${points(lost)}`;
  const next = now === top ? "It is still the likeliest." : `Likeliest is now “${now.name}”.`;
  return `Without ${what}, “${top.name}” ${change}. ${next}${lossWords(losses)}`;
}

const points = (share) => `${(100 * Math.abs(share)).toFixed(1)} percentage points`;

function lossWords([before, after]) {
  if (before === null) return "";
  return ` Loss over the whole text: ${before.toFixed(2)} → ${after.toFixed(2)} nats per token.`;
}

// keeps: [[station, share left of the word]] for each part.
export function trialWords(name, share, keeps) {
  const [station, left] = keeps.reduce((a, b) => (b[1] < a[1] ? b : a));
  return (
    `One part silent at a time: “${name}” has ${percent(share)} with all on, and least without ` +
    `${stationWords(station)}: ${percent(left)}.`
  );
}

export function stationSaid(station, nameOf) {
  const { added, stream, top } = station.now;
  const adds = added === null ? "" : `adds a vector of length ${amount(added)}; `;
  const next = top.map(({ id, share }) => `“${nameOf(id)}” ${percent(share)}`).join(", ");
  const size = `the stream has length ${amount(stream)}`;
  return `After ${stationWords(station)}: ${adds}${size}. If the model stopped here: ${next}.`;
}

// The ladder as a table. isChanged: some piece is left out.
export function ladderTable({ stations, word, next }, { name, nameOf, isChanged }) {
  const was = (before, now) => (isChanged ? `${before} → ${now}` : now);
  const length = (value) => (value === null ? "–" : amount(value));
  const rows = stations.map((station) => {
    const { before, now } = station;
    return [
      stationWords(station),
      was(length(before.added), length(now.added)),
      was(length(before.stream), length(now.stream)),
      was(percent(before.share), percent(now.share)),
      now.top.map(({ id, share }) => `${nameOf(id)} ${percent(share)}`).join(", "),
    ];
  });
  const after = next.rows
    .map((row) => `${nameOf(row.id)} ${was(percent(row.before), percent(row.after))}`)
    .join("; ");
  const columns = ["station", "adds length", "stream has length"];
  return {
    caption: `The way of “${name}” through the blocks. What the model says next: ${after}.`,
    columns: [...columns, `“${nameOf(word)}” if it stopped here`, "likeliest if it stopped here"],
    rows,
  };
}
