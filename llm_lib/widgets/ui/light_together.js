// Whatever shows the same token lights together: data-lit on the root names the token under the
// pointer, else the one that has the keyboard; the style lights every [data-token] of that name.
export function lightTogether(root) {
  const tokenOf = (element) => element?.closest?.("[data-token]")?.dataset.token;
  const light = (token) => {
    if (token === undefined) delete root.dataset.lit;
    else root.dataset.lit = token;
  };
  const focused = () => (root.contains(document.activeElement) ? document.activeElement : null);
  const lightUnder = ({ target }) => light(tokenOf(target) ?? tokenOf(focused()));
  root.addEventListener("pointerover", lightUnder);
  root.addEventListener("pointerleave", () => light(tokenOf(focused())));
  root.addEventListener("focusin", ({ target }) => light(tokenOf(target)));
  root.addEventListener("focusout", () => light(undefined));
}
