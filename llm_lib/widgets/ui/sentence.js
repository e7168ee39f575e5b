// "Your sentence": what the reader typed once, wherever they go next. It lives in local storage,
// every figure of the page hears of a change, and a link can carry it (#say=…).
import { onOtherTab, recall, remember } from "./storage.js";

const KEY = "sentence";
const EVENT = "llm-book:sentence";
const LONGEST = 2000; // in UTF-16 units: a sentence, not a book

function fromLink() {
  const match = /^#say=(.*)$/s.exec(location.hash);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1]).slice(0, LONGEST);
  } catch {
    return null; // not valid percent-encoding: somebody mangled the link
  }
}

// The sentence to start from: the link's, else the remembered one, else `authored`.
export function currentSentence(authored) {
  return fromLink() ?? recall(KEY) ?? authored;
}

export function rememberSentence(text, source) {
  remember(KEY, text.slice(0, LONGEST));
  if (fromLink() !== null) history.replaceState(null, "", `${location.pathname}${location.search}`);
  dispatchEvent(new CustomEvent(EVENT, { detail: { text, source } }));
}

// Back to the authored sentence, everywhere.
export function forgetSentence() {
  remember(KEY, null);
  if (fromLink() !== null) history.replaceState(null, "", `${location.pathname}${location.search}`);
}

// Calls `listener(text)` when another figure (not `source`) or another tab changes the sentence.
export function onSentence(listener, source, signal) {
  const heard = (event) => {
    if (event.detail.source !== source) listener(event.detail.text);
  };
  addEventListener(EVENT, heard, { signal });
  onOtherTab(KEY, (text) => text !== null && listener(text), signal);
}

// A link to this page that opens with `text` as the sentence.
export function sentenceLink(text) {
  const page = location.href.split("#")[0];
  return `${page}#say=${encodeURIComponent(text.slice(0, LONGEST).toWellFormed?.() ?? text)}`;
}
