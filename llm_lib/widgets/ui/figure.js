// The frame every figure shares: the question it answers, its controls, its stage, one line of
// words for what just changed, and a table that says the same as the picture.
import { debounce, h, uniqueId } from "./dom.js";
import { proof } from "./proof.js";

// Returns { root, controls, stage, say, refresh }.
//   question  the title: what the figure answers
//   caption   what to notice (optional)
//   reset     returns the figure to its authored state (optional)
//   link      returns an address that reproduces the current state (optional)
//   table     returns { caption, columns, rows }: the picture as numbers and words
//   prove     resolves to the differences from PyTorch's numbers (optional): see proof.js
// say(text) tells a screen reader, and everyone else, what changed; refresh() redraws an open table.
export function figure(el, { question, caption, reset, link, table, prove, signal }) {
  const title = h("p", { class: "llm-question", id: uniqueId("question") }, question);
  const controls = h("div", { class: "llm-controls" });
  const stage = h("div", { class: "llm-figure-stage" });
  const status = h("p", { class: "llm-status", role: "status" });
  const twin = table ? tableTwin(table) : null;
  const proven = prove ? proof(prove, drawTable) : null;
  const foot = h(
    "div",
    { class: "llm-foot" },
    twin?.button,
    proven?.button,
    reset && h("button", { type: "button", class: "llm-quiet", click: reset }, "Reset"),
    link && linkButton(link),
  );
  const root = h(
    "section",
    { class: "llm-figure", "aria-labelledby": title.id },
    title,
    controls,
    stage,
    status,
    foot,
    twin?.panel,
    proven?.panel,
    caption && h("p", { class: "llm-caption" }, caption),
  );
  el.append(root);
  const say = debounce((text) => (status.textContent = text), 250, signal);
  return { root, controls, stage, say, refresh: () => twin?.refresh() };
}

function tableTwin(table) {
  const panel = h("div", {
    class: "llm-twin",
    id: uniqueId("table"),
    hidden: true,
    tabindex: 0,
    role: "region",
    "aria-label": "The figure as a table",
  });
  const draw = () => panel.replaceChildren(drawTable(table()));
  const button = h(
    "button",
    {
      type: "button",
      class: "llm-quiet",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      click() {
        panel.hidden = !panel.hidden;
        button.setAttribute("aria-expanded", String(!panel.hidden));
        button.textContent = panel.hidden ? "Show as table" : "Hide table";
        if (!panel.hidden) draw();
      },
    },
    "Show as table",
  );
  return { panel, button, refresh: () => panel.hidden || draw() };
}

// A table from { caption, columns, rows }; the first cell of each row is its header.
export function drawTable({ caption, columns, rows }) {
  const cells = ([first, ...rest]) => [
    h("th", { scope: "row" }, String(first)),
    ...rest.map((cell) => h("td", {}, String(cell))),
  ];
  return h(
    "table",
    {},
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...cells(row)))),
  );
}

function linkButton(link) {
  const button = h(
    "button",
    {
      type: "button",
      class: "llm-quiet",
      async click() {
        try {
          await navigator.clipboard.writeText(link());
          button.textContent = "Link copied";
        } catch {
          location.hash = new URL(link(), location.href).hash; // no clipboard: show it in the bar
          button.textContent = "Link is in the address bar";
        }
        setTimeout(() => (button.textContent = "Copy link"), 2000);
      },
    },
    "Copy link",
  );
  return button;
}
