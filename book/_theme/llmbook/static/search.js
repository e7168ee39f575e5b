// Sphinx searches; here its summaries leave out what surrounds the text of a page.
(() => {
  "use strict";
  const AROUND = ".eyebrow, .run-links, .turn-page, .page-tools, .front-map, .llm-widget, svg";
  const plain = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const element of page.querySelectorAll(AROUND)) element.remove();
    return plain(page.documentElement.outerHTML, anchor);
  };
  // Summaries are fetched from the pages found, which a browser refuses on file://.
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
})();
