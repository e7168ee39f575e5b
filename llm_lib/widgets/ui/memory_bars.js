// Memory as bars on one axis, with lines for how much common machines have.
import { h } from "./dom.js";
import { roving } from "./roving.js";

const LETTER = 7.6; // about the width of a letter of a label, in pixels

// Returns { root, draw, light }. choose(key) and point(key or null) hear where the reader looks.
export function memoryBars({ choose, point, signal }) {
  const marks = h("div", { class: "llm-memory-marks", "aria-hidden": "true" });
  const rows = h("div", { class: "llm-memory-rows", role: "listbox" });
  const plot = h("div", { class: "llm-memory-plot" }, marks, rows);
  const beyond = h("p", { class: "llm-memory-beyond" });
  const root = h("div", { class: "llm-memory" }, plot, beyond);
  let [segments, drawn] = [[], null];
  const stopAt = roving(rows, () => segments.map((s) => s.root), (i) => choose(segments[i].key));
  const under = (target) => segments.find((s) => s.root.contains(target))?.key ?? null;
  rows.addEventListener("pointerover", ({ target }) => point(under(target)));
  rows.addEventListener("pointerleave", () => point(null));

  // scene: { label, most, bars: [{ name, amount, ghost: null | { value, label }, parts: [{ key,
  // name, value, say }] }], marks: [{ value, label }], beyond }
  const draw = (scene) => {
    drawn = scene;
    rows.setAttribute("aria-label", scene.label);
    const focused = segments.find((s) => s.root === document.activeElement);
    segments = [];
    rows.replaceChildren(...scene.bars.map(drawBar));
    marks.replaceChildren(...scene.marks.map(drawMark));
    plot.style.setProperty("--marks", String(scene.marks.length));
    beyond.textContent = scene.beyond;
    label();
    if (focused) {
      const like = (s) => s.key === focused.key && s.bar === focused.bar;
      segments.find(like)?.root.focus({ preventScroll: true });
    }
    if (!segments.some((s) => s.root.tabIndex === 0)) stopAt(0);
  };
  const drawBar = ({ name, amount, ghost, parts }, bar) => {
    const own = parts.map(({ key, name: text, value, say }) => {
      const segment = h("span", { class: "llm-memory-part", role: "option", tabindex: -1 });
      segment.append(h("span", { class: "llm-model-label" }));
      segment.dataset.piece = key;
      segment.setAttribute("aria-label", say);
      segment.style.width = `${(100 * value) / drawn.most}%`;
      segments.push({ root: segment, key, bar, text, share: value / drawn.most });
      return segment;
    });
    const outline = h("span", { class: "llm-memory-ghost" });
    outline.hidden = ghost === null;
    if (ghost) {
      outline.style.width = `${(100 * ghost.value) / drawn.most}%`;
      outline.append(h("span", {}, ghost.label));
    }
    return h(
      "div",
      { class: "llm-memory-row", role: "group", "aria-label": `${name}: ${amount}` },
      h("p", { class: "llm-memory-name" }, h("span", {}, `${name} `, h("strong", {}, amount))),
      h("div", { class: "llm-memory-bar" }, ...own),
      outline,
    );
  };
  const drawMark = ({ value, label: text }, row) => {
    const share = value / drawn.most;
    const mark = h("span", { class: "llm-memory-mark" }, h("span", {}, text));
    mark.style.setProperty("--row", String(row)); // a line of text each: labels never meet
    mark.style.left = `${100 * share}%`;
    mark.dataset.side = share > 0.6 ? "left" : "right";
    return mark;
  };
  const label = () => {
    for (const { root: segment, text, share } of segments) {
      const fits = LETTER * text.length + 10 <= share * rows.clientWidth;
      segment.firstChild.textContent = fits ? text : "";
    }
  };
  const watch = new ResizeObserver(label);
  watch.observe(root);
  signal?.addEventListener("abort", () => watch.disconnect());

  const light = (key, settled) => {
    segments.forEach((s) => s.root.toggleAttribute("data-here", s.key === key));
    if (!settled) return;
    const focused = segments.findIndex((s) => s.key === key && s.root === document.activeElement);
    stopAt(focused >= 0 ? focused : segments.findIndex((s) => s.key === key));
  };
  return { root, draw, light };
}
