// The tree of alternatives: columns are steps into the future, paths stand below each other. One
// stop of the Tab key; arrows walk along the branches, Enter takes the way to there.
import { h } from "./dom.js";

// choose(node) hears where the reader looks, take(node) which way they take.
// Returns { root, draw({ nodes, rows, levels, nameOf, percent, say }) }.
export function alternativesTree({ choose, take }) {
  const label = "The likeliest paths";
  const root = h("div", { class: "llm-lab-tree", role: "tree", "aria-label": label });
  let nodes = [];
  let at = 0;
  const cellAt = (i) => root.children[i];

  const stop = (index) => {
    at = index;
    [...root.children].forEach((cell, i) => (cell.tabIndex = i === index ? 0 : -1));
    const way = ancestors(nodes, index);
    [...root.children].forEach((cell, i) => cell.toggleAttribute("data-way", way.includes(i)));
  };
  const indexOf = ({ target }) => [...root.children].indexOf(target.closest("[role=treeitem]"));
  const look = (index) => {
    if (index < 0) return;
    stop(index);
    choose(nodes[index]);
  };
  root.addEventListener("focusin", (event) => look(indexOf(event)));
  root.addEventListener("pointerover", (event) => look(indexOf(event)));
  root.addEventListener("click", (event) => indexOf(event) >= 0 && take(nodes[indexOf(event)]));
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || indexOf(event) < 0) return;
    const isTaken = event.key === "Enter" || event.key === " ";
    const to = isTaken ? at : destination(nodes, at, event.key);
    if (to === null) return;
    event.preventDefault();
    if (isTaken) take(nodes[at]);
    else cellAt(to)?.focus();
  });

  function draw(scene) {
    const hadFocus = root.contains(document.activeElement);
    nodes = scene.nodes;
    root.style.setProperty("--levels", scene.levels);
    root.replaceChildren(...nodes.map((node) => drawNode(node, scene)));
    stop(Math.min(at, nodes.length - 1));
    if (hadFocus) cellAt(at)?.focus({ preventScroll: true });
  }

  return { root, draw };
}

function drawNode(node, { nameOf, percent, say }) {
  return h(
    "div",
    {
      class: "llm-lab-node",
      role: "treeitem",
      tabindex: -1,
      "aria-level": node.level,
      "aria-label": say(node),
      "data-first": node.parent === 0 || null,
      style: {
        "grid-column": String(node.level),
        "grid-row": `${node.row + 1} / span ${node.rows}`,
        "--together": node.together.toFixed(5),
      },
    },
    h("bdi", { class: "llm-lab-token" }, nameOf(node.id)),
    h("span", { class: "llm-number" }, percent(node.together)),
  );
}

// `parent` counts the root as 0, so node i of the list is number i + 1.
function ancestors(nodes, index) {
  const way = [];
  for (let i = index; i >= 0 && nodes[i]; i = nodes[i].parent - 1) way.push(i);
  return way;
}

// Right: to the likeliest next token; left: back; up and down: to the neighbour in the column.
function destination(nodes, at, key) {
  const { level, parent } = nodes[at];
  const column = nodes.flatMap((node, i) => (node.level === level ? [i] : []));
  const place = column.indexOf(at);
  const moves = {
    ArrowRight: () => nodes.findIndex((node) => node.parent === at + 1),
    ArrowLeft: () => parent - 1,
    ArrowDown: () => column[place + 1] ?? at,
    ArrowUp: () => column[place - 1] ?? at,
    Home: () => 0,
    End: () => nodes.length - 1,
  };
  const to = moves[key]?.() ?? null;
  return to !== null && to < 0 ? at : to;
}
