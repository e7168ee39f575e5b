// Mounts widgets on a static page: no kernel, no server. Each widget module gets what anywidget
// would give it, { model, el, signal }, and never learns the difference.
(() => {
  "use strict";

  // A model without a kernel: values live here, save_changes has nobody to tell.
  function createModel(props) {
    const values = { ...props };
    const listeners = new Map();
    const emit = (event) => {
      for (const listener of [...(listeners.get(event) ?? [])]) listener();
    };
    return {
      get: (name) => values[name],
      set(name, value) {
        if (Object.is(values[name], value)) return;
        values[name] = value;
        emit(`change:${name}`);
        emit("change");
      },
      on(event, listener) {
        if (!listeners.has(event)) listeners.set(event, new Set());
        listeners.get(event).add(listener);
      },
      off: (event, listener) => listeners.get(event)?.delete(listener),
      save_changes() {},
    };
  }

  function explain(mount, error) {
    const message = document.createElement("p");
    message.className = "llm-broken";
    message.setAttribute("role", "status");
    message.textContent =
      `This figure could not start (${error?.message ?? error}). What you see is its still form; ` +
      "the text does not depend on it. Reloading the page may help.";
    mount.append(message);
    console.warn(`[${mount.dataset.llmWidget}]`, error);
  }

  function readProps(mount) {
    try {
      return JSON.parse(mount.dataset.llmProps);
    } catch (error) {
      throw new Error("its inputs on this page are damaged", { cause: error });
    }
  }

  async function start(mount) {
    const still = [...mount.childNodes];
    const stage = document.createElement("div");
    stage.className = "llm-stage";
    const lifetime = new AbortController();
    try {
      if (!globalThis.llmBook) throw new Error("the script that loads the figures is missing");
      const widget = globalThis.llmBook.widget(mount.dataset.llmWidget);
      const model = createModel(readProps(mount));
      mount.prepend(stage);
      // A figure that waits for something, such as a model, leaves its still form to the reader.
      await widget.render({ model, el: stage, signal: lifetime.signal });
      for (const node of still) node.remove();
      mount.dataset.llmState = "live";
    } catch (error) {
      lifetime.abort();
      mount.replaceChildren(...still);
      mount.dataset.llmState = "broken";
      explain(mount, error);
    }
  }

  // Figures start as they come near, so a long page opens as fast as a short one.
  function startOnSight(mounts) {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          observer.unobserve(target);
          start(target);
        }
      },
      { rootMargin: "600px 0px" },
    );
    mounts.forEach((mount) => observer.observe(mount));
  }

  startOnSight(document.querySelectorAll("[data-llm-widget]"));
})();
