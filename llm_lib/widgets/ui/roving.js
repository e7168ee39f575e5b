// Many items behind one stop of the Tab key: arrows move among them, along the text and from line
// to line. items() gives the elements in order; choose(index) hears of the one that gets the focus.
export function roving(root, items, choose) {
  const find = (target) => items().findIndex((item) => item.contains(target));
  root.addEventListener("focusin", ({ target }) => find(target) >= 0 && choose(find(target)));
  root.addEventListener("click", ({ target }) => items()[find(target)]?.focus());
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = items();
    const at = all.indexOf(event.target);
    const to = at < 0 ? null : destination(event.key, at, all, root.dir);
    if (to === null) return;
    event.preventDefault();
    all[to].focus();
  });
  // Makes the item at `index` the one that Tab reaches; returns it.
  return (index) => {
    items().forEach((item, i) => {
      item.tabIndex = i === index ? 0 : -1;
      item.setAttribute("aria-selected", String(i === index));
    });
    return items()[index];
  };
}

// Where a key leads from the item at `at`: along the text, or to the nearest item of the line above
// or below. Null for a key that leads nowhere.
export function destination(key, at, items, dir) {
  const last = items.length - 1;
  const [back, forward] = dir === "rtl" ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
  const moves = {
    [forward]: () => Math.min(at + 1, last),
    [back]: () => Math.max(at - 1, 0),
    Home: () => 0,
    End: () => last,
    ArrowDown: () => nearestInLine(items, at, 1),
    ArrowUp: () => nearestInLine(items, at, -1),
  };
  return moves[key]?.() ?? null;
}

function nearestInLine(items, at, step) {
  const middle = ({ offsetLeft, offsetWidth }) => offsetLeft + offsetWidth / 2;
  const distance = (i) => Math.abs(middle(items[i]) - middle(items[at]));
  let i = at;
  while (items[i]?.offsetTop === items[at].offsetTop) i += step;
  if (!items[i]) return at;
  const line = items[i].offsetTop;
  let best = i;
  for (; items[i]?.offsetTop === line; i += step) if (distance(i) < distance(best)) best = i;
  return best;
}
