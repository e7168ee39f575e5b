// Listens to inputs of a widget until the figure ends. heard: name -> listener.
export function onChanges(model, heard, signal) {
  for (const [name, listener] of Object.entries(heard)) model.on(`change:${name}`, listener);
  signal?.addEventListener("abort", () => {
    for (const [name, listener] of Object.entries(heard)) model.off(`change:${name}`, listener);
  });
}
