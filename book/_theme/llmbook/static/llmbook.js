// The theme button, the copy buttons and the map's manners. The pages read well without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const THEMES = ["auto", "light", "dark"];

  const storage = {
    get: () => { try { return localStorage.getItem("llm-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("llm-theme", value); } catch { /* private mode */ } },
  };

  function showTheme(button, theme) {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.querySelector(".theme-name").textContent = theme[0].toUpperCase() + theme.slice(1);
    button.setAttribute("aria-label", `Theme: ${theme}`);
    root.dispatchEvent(new CustomEvent("llm-theme", { bubbles: true, detail: theme }));
  }

  function setUpTheme() {
    const button = document.querySelector(".theme-button");
    if (!button) return;
    let theme = THEMES.includes(storage.get()) ? storage.get() : "auto";
    button.hidden = false;
    showTheme(button, theme);
    button.addEventListener("click", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      storage.set(theme);
      showTheme(button, theme);
    });
  }

  // The code of a cell without prompts (`>>> `, `... `, `$ `) and without printed lines between them.
  function codeOf(pre) {
    const text = pre.textContent.replace(/\n$/, "");
    const prompt = /^(>>> ?|\.\.\. ?|\$ )/;
    const lines = text.split("\n");
    if (!prompt.test(lines[0])) return text;
    return lines.filter((line) => prompt.test(line)).map((line) => line.replace(prompt, "")).join("\n");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // file:// and plain http have no clipboard
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      if (!done) throw new Error("copying was refused");
    }
  }

  function setUpCopying() {
    const news = document.createElement("p");
    news.className = "visually-hidden";
    news.setAttribute("role", "status");
    document.body.append(news);
    const blocks = "main .cell_input div.highlight, main > article div[class*=highlight-]:not(.output) > div.highlight";
    for (const block of document.querySelectorAll(blocks)) {
      if (block.closest(".cell_output") || block.querySelector(".copy-button")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy-button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy this code");
      button.addEventListener("click", async () => {
        let said = "Copied";
        try { await copy(codeOf(block.querySelector("pre"))); } catch { said = "Select and copy by hand"; }
        button.textContent = said;
        news.textContent = said;
        setTimeout(() => { button.textContent = "Copy"; news.textContent = ""; }, 2000);
      });
      block.append(button);
    }
  }

  // What scrolls sideways must be reachable by keyboard; what does not should not be a tab stop.
  function setUpScrolling() {
    const watch = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      }
    });
    for (const block of document.querySelectorAll("pre, .maths-scroll, .pst-scrollable-table-container, .text_html, .cell_output")) {
      watch.observe(block);
    }
  }

  // The map opens where the reader is; choosing a page's own link closes it.
  function setUpMap() {
    const map = document.getElementById("book-map");
    const here = map?.querySelector("[aria-current=page]");
    const reveal = () => {
      if (here) map.scrollTop = here.offsetTop - map.clientHeight / 2;
    };
    reveal();
    map?.addEventListener("toggle", reveal);
    here?.addEventListener("click", () => map.hidePopover?.());
  }

  // Lights the section being read in "On this page".
  function setUpSections() {
    const links = new Map();
    for (const link of document.querySelectorAll(".on-this-page a[href^='#']")) {
      const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const heading = section?.querySelector("h2, h3, h4");
      if (heading) links.set(heading, link);
    }
    if (!links.size) return;
    const rail = document.querySelector(".on-this-page");
    const light = () => {
      let current = null;
      for (const [heading, link] of links) {
        link.removeAttribute("aria-current");
        if (heading.getBoundingClientRect().top < innerHeight / 4) current = link;
      }
      if (!current) return;
      current.setAttribute("aria-current", "location");
      const { top, bottom } = current.getBoundingClientRect();
      const frame = rail.getBoundingClientRect();
      if (top < frame.top || bottom > frame.bottom) rail.scrollTop += top - frame.top - frame.height / 2;
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; light(); });
    }, { passive: true });
    light();
  }

  setUpTheme();
  setUpCopying();
  setUpScrolling();
  setUpMap();
  setUpSections();
})();
