// The seed of all chance: a whole number, and a button for the next one.
import { button } from "./controls.js";
import { h, uniqueId } from "./dom.js";

const MOST = Number.MAX_SAFE_INTEGER;

// Returns { root, set(seed) }; input(seed) hears, of whole numbers from 0 up to 2⁵³ - 1 only.
export function seedField(input) {
  const id = uniqueId("seed");
  const field = h("input", { id, type: "number", min: 0, max: MOST, step: 1, class: "llm-number" });
  const next = button("Next seed", () => input(current < MOST ? current + 1 : 0));
  const root = h("div", { class: "llm-lab-seed" }, h("label", { for: id }, "Seed"), field, next);
  let current = 0;
  field.addEventListener("input", () => {
    const seed = Number(field.value);
    const fits = field.value !== "" && Number.isSafeInteger(seed) && seed >= 0;
    field.toggleAttribute("aria-invalid", !fits);
    if (fits) input(seed);
  });
  field.addEventListener("change", () => set(current)); // what did not fit goes back

  function set(seed) {
    current = seed;
    field.removeAttribute("aria-invalid");
    if (Number(field.value) !== seed || field.value === "") field.value = seed;
  }
  return { root, set };
}
