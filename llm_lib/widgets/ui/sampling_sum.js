// One token's way from its score to its probability, a line for each step.
import { button } from "./controls.js";
import { h } from "./dom.js";

// take() hears that the reader wants this token. Returns { root, draw }.
export function samplingSum({ take }) {
  const title = h("p", { class: "llm-lab-part" });
  const list = h("ol", { class: "llm-lab-sum" });
  const taking = button("", take);
  const root = h("div", { class: "llm-lab-arithmetic" }, title, list, taking);

  // lines: [{ step, value, verdict }], verdict "kept", "cut" or null; verb: of the button, null
  // where nothing can be written.
  const draw = ({ name, lines, verb }) => {
    title.replaceChildren("The arithmetic of ", h("bdi", { class: "llm-lab-token" }, name));
    list.replaceChildren(...lines.map(drawLine));
    taking.textContent = verb ?? "Nothing can follow";
    taking.setAttribute("aria-disabled", String(verb === null));
  };
  return { root, draw };
}

function drawLine({ step, value, verdict }) {
  return h(
    "li",
    { "data-verdict": verdict },
    h("span", {}, step),
    h("span", { class: "llm-number" }, value),
  );
}
