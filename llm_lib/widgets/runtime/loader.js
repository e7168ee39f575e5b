// The loader behind every widget: modules are defined by id, evaluated once, on first use.
// One registry for the whole page: a model's weights, loaded by one widget, serve them all.
(() => {
  "use strict";
  if (globalThis.llmBook) return;

  const defined = new Map(); // id -> { imports, factory }
  const evaluated = new Map(); // id -> exports
  const failed = new Map(); // id -> the error its evaluation ended with
  const widgets = new Map(); // widget name -> module id
  const models = new Map(); // model name -> { address } or { payload }

  function define(id, imports, factory) {
    if (!defined.has(id)) defined.set(id, { imports, factory });
    const widget = /^([a-z0-9_]+)\.js@/.exec(id); // widgets stand at the top, the rest in folders
    if (widget) widgets.set(widget[1], id);
  }

  function load(id) {
    if (evaluated.has(id)) return evaluated.get(id);
    if (failed.has(id)) throw failed.get(id); // evaluated once, also where that went wrong
    const module = defined.get(id);
    if (!module) throw new Error(`the module ${id} did not load`);
    const exports = {};
    try {
      module.factory(exports, load, id);
    } catch (error) {
      failed.set(id, error);
      throw error;
    }
    evaluated.set(id, exports);
    return exports;
  }

  function widget(name) {
    if (!widgets.has(name)) throw new Error(`the widget “${name}” did not load`);
    const { default: found } = load(widgets.get(name));
    if (typeof found?.render !== "function") throw new Error(`“${name}” has no render function`);
    return found;
  }

  // Where the script lies that defines a model, beside the script that says so. It is not fetched
  // before a figure asks for it.
  function modelAt(name, file) {
    const here = document.currentScript?.src || document.baseURI;
    if (!models.has(name)) models.set(name, { address: new URL(file, here).href });
  }

  const defineModel = (name, payload) => models.set(name, { payload });

  const model = (name) => models.get(name) ?? {};

  function closure(id, seen = new Set()) {
    if (seen.has(id)) return seen;
    const module = defined.get(id);
    if (!module) throw new Error(`the module ${id} did not load`);
    for (const imported of module.imports) closure(imported, seen);
    return seen.add(id);
  }

  // What a Worker needs of this loader. It travels as text, so it must stand alone.
  function install() {
    const modules = new Map();
    const ready = new Map();
    const load = (id) => {
      if (!ready.has(id)) {
        const exports = {};
        modules.get(id)(exports, load, id);
        ready.set(id, exports);
      }
      return ready.get(id);
    };
    globalThis.llmBook = { define: (id, imports, factory) => modules.set(id, factory), load };
  }

  // Starts a Worker on one of our modules, which must export serve(scope). A module names itself
  // by the constant moduleId, in scope everywhere. A Worker made from a Blob starts on file:// too,
  // where a Worker made from a URL does not.
  function worker(id) {
    const parts = [`(${install})();`];
    for (const name of closure(id)) {
      parts.push(`llmBook.define(${JSON.stringify(name)}, [], ${defined.get(name).factory});`);
    }
    parts.push(`llmBook.load(${JSON.stringify(id)}).serve(self);`);
    const url = URL.createObjectURL(new Blob([parts.join("\n")], { type: "text/javascript" }));
    const started = new Worker(url);
    // Not at once: some browsers read the Blob only after this turn.
    started.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
    return started;
  }

  // A widget for a live kernel, where nobody else tells the reader that a figure did not start.
  function live(widget) {
    const render = async (context) => {
      try {
        return await widget.render(context);
      } catch (error) {
        const message = document.createElement("p");
        message.className = "llm-broken";
        message.setAttribute("role", "status");
        message.textContent = `This figure could not start: ${error?.message ?? error}.`;
        context.el.replaceChildren(message);
        console.warn(error);
        return undefined;
      }
    };
    return { ...widget, render };
  }

  globalThis.llmBook = { define, load, live, widget, worker, modelAt, defineModel, model };
})();
