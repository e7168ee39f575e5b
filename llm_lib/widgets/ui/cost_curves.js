// What one more token costs, against the length of the text: one curve without a cache and one
// with, named where they run.
import { h, svg } from "./dom.js";
import { grouped } from "./token_text.js";

const SPAN = 4; // points that a name stands over

// Returns { root, draw({ curves, mostX, mostY, format }), point(share) }.
//   title   what the height is, with its unit
//   curves  [{ kind, label, points: [[x, y], …], named }]; `named` is the index of the point that
//           stands by the label
//   format  y -> text
// point() marks a place along the axis, 0 to 1, or none: null.
export function costCurves(title) {
  const lines = h("div", { class: "llm-kv-lines" });
  const hand = h("span", { class: "llm-kv-hand" });
  const top = h("span", { class: "llm-kv-top llm-number" });
  const axis = h("div", { class: "llm-kv-axis llm-number" });
  const plot = h("div", { class: "llm-kv-plot", "aria-hidden": "true" }, lines, hand, top);
  const heading = h("p", { class: "llm-kv-part" }, title);
  const root = h("div", { class: "llm-kv-curves" }, heading, plot, axis);

  const draw = ({ curves, mostX, mostY, format }) => {
    const place = ([x, y]) => [(100 * x) / mostX, 100 - (100 * y) / mostY];
    lines.replaceChildren(
      svg(
        "svg",
        { viewBox: "0 0 100 100", preserveAspectRatio: "none" },
        ...curves.map(({ kind, points }) =>
          svg("polyline", { "data-kind": kind, points: points.map(place).join(" ") }),
        ),
      ),
      ...curves.filter(({ points }) => points.length).map((curve) => name(curve, place)),
    );
    top.textContent = format(mostY);
    axis.replaceChildren(
      ...[0, 1, 2, 3, 4].map((quarter) => {
        const at = (mostX * quarter) / 4;
        const words = quarter === 4 ? `${grouped(at)} tokens` : grouped(at);
        return h("span", { style: { "--at": String(quarter / 4) } }, words);
      }),
    );
  };

  const point = (share) => {
    hand.hidden = share === null;
    if (share !== null) hand.style.setProperty("--at", String(share));
  };
  point(null);
  return { root, draw, point };
}

function name({ kind, label, points, named = points.length - 1 }, place) {
  const below = points.slice(Math.max(0, named - SPAN), named + 1).map(place);
  const x = below.at(-1)[0];
  const y = Math.min(...below.map(([, height]) => height)); // above all that it stands over
  return h(
    "span",
    { class: "llm-kv-name", "data-kind": kind, style: { "--x": `${x}%`, "--y": `${y}%` } },
    label,
  );
}
