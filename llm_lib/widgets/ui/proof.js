// "Prove it": the page's numbers beside those of PyTorch, on demand.
import { h, uniqueId } from "./dom.js";
import { grouped } from "./token_text.js";

// prove() resolves to
//   rows       [{ label, difference }]: what was compared, and the largest |difference| found in it
//   largest    the largest of all
//   tolerance  what counts as equal; 0 where whole numbers are compared
//   measured   what a difference is, if it is no plain one: "Ids that differ" (optional)
//   against    what the numbers were compared with, e.g. "PyTorch 2.13"
// Returns { button, panel } for the figure's frame. drawTable makes a table of the frame's kind.
export function proof(prove, drawTable) {
  const panel = h("div", {
    class: "llm-twin llm-proof",
    id: uniqueId("proof"),
    hidden: true,
    tabindex: 0,
    role: "region",
    "aria-label": "The page's numbers compared with those of Python",
  });
  const verdict = h("p", { class: "llm-proof-verdict", role: "status" });
  const button = h(
    "button",
    {
      type: "button",
      class: "llm-quiet",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      async click() {
        panel.hidden = !panel.hidden;
        button.setAttribute("aria-expanded", String(!panel.hidden));
        button.textContent = panel.hidden ? "Prove it" : "Hide proof";
        if (!panel.hidden) await compare();
      },
    },
    "Prove it",
  );
  let asked = 0; // only the last answer counts

  async function compare() {
    const mine = ++asked;
    verdict.textContent = "Computing, and comparing …";
    panel.replaceChildren(verdict);
    try {
      const found = await prove();
      if (mine !== asked) return;
      verdict.textContent = sentence(found);
      panel.append(drawTable(table(found)));
    } catch (error) {
      if (mine === asked) verdict.textContent = `This could not be compared: ${error.message}`;
    }
  }

  return { button, panel };
}

function sentence({ rows, largest, tolerance, against }) {
  const equal = largest <= tolerance;
  const bound = tolerance === 0 ? "only" : "up to";
  return (
    `${equal ? "Equal" : "Not equal"}: computed in this page and compared with ${against} in ` +
    `${rows.length} ${rows.length === 1 ? "place" : "places"}. The largest difference is ` +
    `${amount(largest)}; ${bound} ${amount(tolerance)} counts as equal.`
  );
}

function table({ rows, against, measured }) {
  return {
    caption: measured ? `${measured} from ${against}` : `Largest difference from ${against}`,
    columns: ["What", measured ?? "Difference"],
    rows: rows.map(({ label, difference }) => [label, amount(difference)]),
  };
}

// 0.00000123 as "1.2 × 10⁻⁶": so small a number is read by its power of ten. Counts as they are.
function amount(value) {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return grouped(value);
  if (value >= 0.1) return value.toFixed(1);
  const [digits, power] = value.toExponential(1).split("e");
  const raised = [...String(Number(power))].map((c) => SUPERSCRIPT[c]).join("");
  return Number(digits) === 1 ? `10${raised}` : `${digits} × 10${raised}`;
}

const SUPERSCRIPT = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};
