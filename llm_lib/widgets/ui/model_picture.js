// A GPT drawn to scale: the area of every rectangle is its share, whatever is being counted.
import { h } from "./dom.js";
import { roving } from "./roving.js";

const LETTER = 7.6; // about the width of a letter of a label, in pixels
const LINE = 20; // and the height of its line

// What fits inside is said inside, in the longest form that fits; the list says the rest.
const LABELS = {
  "embedding.token": ["Token table", "Tokens"],
  "embedding.position": ["Positions"],
  "blocks.*.attention.qkv": ["queries, keys, values", "q, k, v"],
  "blocks.*.attention.scores": ["scores"],
  "blocks.*.attention.mixture": ["mixtures"],
  "blocks.*.attention.projection": ["projection"],
  "blocks.*.feed_forward.expand": ["expand"],
  "blocks.*.feed_forward.projection": ["project back", "project"],
  head: ["Output head", "Head"],
};

const place = (element, { x, y, width, height }) => {
  const inset = { left: x, top: y, width, height };
  for (const [name, share] of Object.entries(inset)) element.style[name] = `${100 * share}%`;
};

// Returns { root, draw, light }. choose(item) hears of the rectangle that gets the focus, point(item
// or null) of the one under the pointer. An item is { piece, layer }; layer is null outside blocks.
export function modelPicture({ choose, point, signal }) {
  const body = h("div", { class: "llm-model-body", role: "listbox" });
  const ghost = h("div", { class: "llm-model-ghost" }, h("span", {}));
  const note = h("div", { class: "llm-model-note" });
  const root = h("div", { class: "llm-model-picture" }, body, ghost, note);
  const known = new Map(); // key → element, so that a rectangle moves to its new place
  let items = [];
  let drawn = null;

  body.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const at = items.find(({ element }) => element === event.target);
    if (!step || !at || at.layer === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const same = ({ piece, layer }) => piece.name === at.piece.name && layer === at.layer + step;
    event.preventDefault();
    event.stopImmediatePropagation(); // up and down go from layer to layer, not from line to line
    items.find(same)?.element.focus();
  });
  const elements = () => items.map(({ element }) => element);
  const stopAt = roving(body, elements, (index) => choose(items[index]));
  const itemUnder = (target) => {
    const rect = target.closest("[role=option]");
    return items.find(({ element }) => element === rect);
  };
  body.addEventListener("pointerover", ({ target }) => point(itemUnder(target) ?? null));
  body.addEventListener("pointerleave", () => point(null));

  const element = (key, make) => {
    if (!known.has(key)) known.set(key, make());
    return known.get(key);
  };
  const rectangle = (box, layer, scene) => {
    const { piece } = box;
    const make = () =>
      h(
        "div",
        { class: "llm-model-piece", role: "option", tabindex: -1, "data-piece": piece.name },
        h("span", { class: "llm-model-label" }),
      );
    const rect = element(`${piece.name} ${layer}`, make);
    place(rect, box);
    rect.setAttribute("aria-label", scene.say(piece, layer));
    rect.toggleAttribute("data-empty", Boolean(box.empty));
    rect.firstChild.textContent = "";
    items.push({ element: rect, piece, layer, box });
    return rect;
  };
  const blockOf = (box, layer, scene) => {
    const make = () => h("div", { class: "llm-model-block", role: "group" });
    const block = element(`block ${layer}`, make);
    const number = element(`number ${layer}`, () =>
      h("span", { class: "llm-model-number llm-number", "aria-hidden": "true" }, layer),
    );
    block.setAttribute("aria-label", `Block ${layer}`);
    place(block, box);
    const rows = box.rows.filter(({ width }) => width > 0);
    keepInPlace(block, [...rows.map((row) => rectangle(row, layer, scene)), number]);
    return block;
  };

  // scene: { layout, scale, ghost: null | { width, height, label }, label, say(piece, layer),
  // amount(piece), note }; `scale` is the side of the model's square as a share of the figure's.
  const draw = (scene) => {
    const kept = items.find((item) => item.element === document.activeElement);
    const wasInNote = note.contains(document.activeElement);
    drawn = scene;
    items = [];
    body.setAttribute("aria-label", scene.label);
    place(body, { x: 0, y: 0, width: scene.scale, height: scene.scale });
    const { before, blocks, after } = scene.layout;
    const outer = (boxes) => boxes.filter(({ width }) => width > 0);
    const children = [
      ...outer(before).map((box) => rectangle(box, null, scene)),
      ...blocks.map((box, layer) => blockOf(box, layer, scene)),
      ...outer(after).map((box) => rectangle(box, null, scene)),
    ];
    keepInPlace(body, children);
    ghost.hidden = scene.ghost === null;
    if (scene.ghost) {
      place(ghost, { x: 0, y: 0, ...scene.ghost });
      ghost.firstChild.textContent = scene.ghost.label;
      ghost.toggleAttribute("data-narrow", scene.ghost.width < 0.4);
    }
    note.replaceChildren(...(scene.note ? [scene.note] : []));
    forget(known, items.length, body);
    label();
    keepFocus(kept, wasInNote);
  };

  // The keyboard stays where it was, or goes to the picture from a button that is gone.
  const keepFocus = (kept, wasInNote) => {
    if (!kept && !(wasInNote && !note.contains(document.activeElement))) return;
    const same = (i) => i.piece.name === kept?.piece.name && i.layer === kept.layer;
    const stop = (i) => i.element.tabIndex === 0;
    const next = items.find(same) ?? items.find(stop) ?? items[0];
    next.element.focus({ preventScroll: true });
  };

  const label = () => {
    if (!drawn || !root.clientWidth) return;
    const side = [root.clientWidth * drawn.scale, root.clientHeight * drawn.scale];
    const [first] = drawn.layout.blocks;
    const small = Math.min(side[0] * first.width, side[1] * first.height);
    root.dataset.size = small < 6 ? "dots" : small < 26 ? "small" : "large";
    for (const { element: rect, piece, layer, box } of items) {
      if (layer > 0) continue; // every block is like the first
      const within = layer === null ? [1, 1] : [first.width, first.height];
      const width = side[0] * within[0] * box.width;
      const height = side[1] * within[1] * box.height;
      write(rect.firstChild, width, height, LABELS[piece.name], drawn.amount(piece));
    }
  };
  const watch = new ResizeObserver(label);
  watch.observe(root);
  signal?.addEventListener("abort", () => watch.disconnect());

  // The rectangle the reader looks at, and its like in the other blocks. `at` is { piece, layer };
  // layer null for a piece of the blocks means all of them.
  const light = (at, settled) => {
    const alike = ({ piece }) => piece.name === at?.piece.name;
    const here = (item) => alike(item) && item.layer === at.layer;
    for (const item of items) {
      item.element.toggleAttribute("data-lit", alike(item));
      item.element.toggleAttribute("data-here", here(item));
    }
    if (!settled) return;
    const stop = [here, alike, () => true].map((is) => items.findIndex(is)).find((i) => i >= 0);
    if (stop !== undefined) stopAt(stop);
  };
  return { root, draw, light };
}

// Name and amount if there is room for both, in a line or in two or upright; the name alone; none.
function write(label, width, height, names = [], amount) {
  const wide = (text) => Math.max(...text.split("\n").map((line) => line.length)) * LETTER + 10;
  const high = (text) => text.split("\n").length * LINE;
  const fits = (text) => wide(text) <= width && high(text) <= height;
  const fitsUpright = (text) => wide(text) <= height && high(text) <= width;
  const full = names.flatMap((name) => [`${name} ${amount}`, `${name}\n${amount}`]);
  const texts = [...full, ...names];
  const level = texts.find(fits);
  const upright = full.includes(level) ? undefined : texts.find(fitsUpright);
  const turned = !level || (full.includes(upright) && !full.includes(level));
  label.textContent = (turned ? upright : level) ?? "";
  label.toggleAttribute("data-upright", turned);
}

// Puts the children there without taking out those that stay: what is taken out does not glide.
function keepInPlace(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}

// Elements of layers that are gone, once there are many of them.
function forget(known, used, body) {
  if (known.size < 4 * used + 100) return;
  for (const [key, element] of known) if (!body.contains(element)) known.delete(key);
}
