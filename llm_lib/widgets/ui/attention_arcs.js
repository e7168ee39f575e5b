// Attention as arcs beside a list of tokens, from the token that looks to those it looks at. The
// list runs downwards, a token on each line of `line` pixels.
import { svg } from "./dom.js";

const FAINTEST = 0.01; // of the chosen token; smaller shares would be threads
const FAINTEST_OTHER = 0.15; // of all the others, which are the backdrop

// Returns { root, drawAll(square), draw(row, shares) }.
export function attentionArcs({ line, width }) {
  const others = svg("g", { class: "llm-arcs-others" });
  const chosen = svg("g", { class: "llm-arcs-chosen" });
  const root = svg("svg", { class: "llm-arcs", "aria-hidden": "true", width }, others, chosen);
  const arc = (from, to, share) =>
    svg("path", {
      d: arcPath(from, to, line, width),
      style: { "stroke-width": `${(1 + 7 * share).toFixed(2)}px`, "--share": share.toFixed(3) },
    });
  const fan = (shares, from, least) =>
    shares.flatMap((share, to) => (share >= least ? [arc(from, to, share)] : []));
  return {
    root,
    drawAll(square) {
      root.setAttribute("height", square.length * line);
      others.replaceChildren(
        ...square.flatMap((shares, from) => (shares ? fan(shares, from, FAINTEST_OTHER) : [])),
      );
    },
    draw(row, shares) {
      chosen.replaceChildren(...fan(shares, row, FAINTEST));
    },
  };
}

// Half an ellipse from line to line, the farther the wider; a small loop from a line to itself.
function arcPath(from, to, line, width) {
  const [start, end] = [(from + 0.5) * line, (to + 0.5) * line];
  const edge = width - 3;
  if (from === to) return `M${edge} ${start - 4}a6 4 0 1 0 0 8`;
  const high = Math.abs(end - start) / 2;
  const wide = Math.min(width - 10, 10 + 4.5 * Math.sqrt(high));
  return `M${edge} ${start}A${wide.toFixed(1)} ${high} 0 0 ${to < from ? 1 : 0} ${edge} ${end}`;
}
