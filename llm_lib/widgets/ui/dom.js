// Building elements. Text goes in as text: nothing here, and nothing built on it, parses HTML, so
// whatever a reader types or pastes stays data.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "style") Object.entries(value).forEach(([k, v]) => element.style.setProperty(k, v));
    else if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// h("button", { type: "button", class: "llm-button", click: onClick }, "Step")
// Functions become listeners, true becomes an empty attribute, false and null leave it out.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// The same for SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

let counter = 0;

// An id that no other element of this page has, for aria-labelledby and label[for].
export function uniqueId(stem) {
  counter += 1;
  return `llm-${stem}-${counter}-${Math.random().toString(36).slice(2, 8)}`;
}

// Runs `action` once `delay` milliseconds have passed without another call.
export function debounce(action, delay, signal) {
  let timer = 0;
  signal?.addEventListener("abort", () => clearTimeout(timer));
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), delay);
  };
}

// Whether the reader asked for less motion.
export function prefersStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
