// What the attention explorer draws and says of one reading, in the form that heads_view.js takes.
import { compareNext, lossOf, probabilitiesAt } from "../engine/next_tokens.js";
import { percent } from "./amounts.js";
import { changeSentence, headBrief, headSentence, lookSentence } from "./head_words.js";
import { lossWords, whole } from "./head_words.js";
import { headsTable } from "./heads_table.js";
import { grouped } from "./token_text.js";

const NEXT = 6; // tokens whose probabilities are drawn

// reading: { ids, names, cut, off, before, after, nameOf(id) }, before and after being logits, or
// null where there is no model; scene: see engine/heads_scene.js.
// Returns { draw(state, room, off), look(state, point), table(state), and sentences }.
export function headsPicture(reading, scene) {
  const { ids, names, before, after } = reading;
  const briefs = scene.scores.map((layer) => layer.map(headBrief));
  const isChanged = reading.off.length > 0;
  const V = before ? before.length / ids.length : 0;
  const losses = before ? [before, after].map((logits) => lossOf(logits, V, ids)) : [];
  const labels = new Map(); // window -> the names of its places
  let window = null; // what is drawn

  function next(query) {
    const [old, now] = [before, after].map((logits) => probabilitiesAt(logits, V, query));
    const { rows, rest } = compareNext(old, now, NEXT, ids[query + 1] ?? null);
    return { rows: rows.map((row) => ({ ...row, name: reading.nameOf(row.id) })), rest };
  }

  function nextScene(query) {
    const { rows, rest } = next(query);
    const others = { ...rest, name: `${grouped(rest.count)} others`, kind: "rest" };
    const marked = rows.map((row) => ({ ...row, note: row.isActual ? "(in your text)" : "" }));
    return {
      title: `What comes after “${names[query]}”`,
      rows: [...marked, others],
      isChanged,
      loss: lossWords(...losses, isChanged),
    };
  }

  function labelsOf(places) {
    if (!labels.has(places)) labels.set(places, places.map((place) => placeLabel(place, names)));
    return labels.get(places);
  }

  function likeliest(query) {
    const shares = probabilitiesAt(before, V, query);
    const id = shares.indexOf(Math.max(...shares));
    return { id, name: reading.nameOf(id), share: shares[id] };
  }

  // What is left of the likeliest next token where a head is off; logits: of that one place.
  function effectOf(query, logits) {
    const { id, name, share } = likeliest(query);
    const left = probabilitiesAt(logits, V, 0)[id];
    return {
      left,
      text: whole(left),
      name: `without it “${name}” has ${whole(left)} instead of ${whole(share)}`,
      isLarge: Math.abs(left - share) >= 0.1,
    };
  }

  function trialWords(query, effects) {
    const { name, share } = likeliest(query);
    const place = ([layer, head]) => `layer ${layer} head ${head}`;
    const all = effects.flatMap((row, layer) => row.map((effect, head) => [layer, head, effect]));
    const most = all.reduce((a, b) => (b[2].left < a[2].left ? b : a));
    return (
      `One head off at a time: “${name}” has ${whole(share)} with all on, and least without ` +
      `${place(most)}: ${whole(most[2].left)}.`
    );
  }

  function draw(state, room, off, effects) {
    const { layer, head, query } = state;
    window = scene.at(room, query);
    const { places, squares } = window;
    const isOff = (l, i) => off.some(([layerOff, headOff]) => l === layerOff && i === headOff);
    return {
      names,
      overview: { squares, layer, head, isOff, names: briefs, effects },
      trial: effects ? `In each square: what “${likeliest(query).name}” keeps without it.` : "",
      panel: {
        layer,
        head,
        scores: scene.scores[layer][head],
        looks: scene.sharpest(layer, head, 2),
        names,
        off,
      },
      next: before && nextScene(query),
      rows: {
        places,
        square: squares[layer][head],
        names: labelsOf(places),
        kinds: places.map(({ kind, from }) => (kind === "token" && from === 0 ? "start" : kind)),
        query,
        T: scene.T,
      },
      note: noteOf(reading, scene.T, places),
      look: look(state, null),
    };
  }

  // point: { query, key } under the pointer, or null.
  function look({ layer, head, query: chosen }, point) {
    const { places } = window;
    const query = point?.query ?? chosen;
    const shares = scene.shares(layer, head, query, places);
    const rowOf = (token) => places.findIndex(({ from, to }) => from <= token && token <= to);
    const column = point?.key ?? null;
    return {
      row: rowOf(query),
      column: column === null ? null : rowOf(column),
      chosen: rowOf(chosen),
      shares,
      isHidden: (row) => scene.causal && places[row].from > query,
      sentence:
        column === null || (scene.causal && column > query)
          ? lookWords(layer, head, query)
          : `“${names[query]}” gives “${labelsOf(places)[rowOf(column)]}” ` +
            `${percent(shares[rowOf(column)])} of its attention`,
    };
  }

  function lookWords(layer, head, query) {
    const everything = names.map((_, t) => ({ kind: "token", from: t, to: t }));
    const shares = scene.shares(layer, head, query, everything);
    return lookSentence(names[query], names.map((name, t) => ({ name, share: shares[t] })));
  }

  function table({ layer, head, query }) {
    const everything = names.map((_, t) => ({ kind: "token", from: t, to: t }));
    const shares = (l, i) => scene.shares(l, i, query, everything);
    const { layers, heads } = scene;
    const rows = before && next(query).rows;
    return headsTable({ layers, heads, layer, head, query, names, shares, next: rows });
  }

  return {
    draw,
    look,
    table,
    effectOf,
    trialWords,
    headWords: ({ layer, head }) => headSentence(scene.scores[layer][head], scene.T),
    lookWords: ({ layer, head, query }) => lookWords(layer, head, query),
    changeWords: ({ query }) =>
      isChanged ? changeSentence(next(query).rows, reading.off) : "All heads are on again.",
  };
}

const placeLabel = ({ kind, from, to }, names) =>
  kind === "token" ? names[from] : `${grouped(to - from + 1)} earlier`;

// What of a long text is not drawn, or not even read.
function noteOf({ cut }, T, places) {
  const words = [];
  if (places.length < T) {
    const to = places[places.length - 1].to;
    const pinned = places[1].kind === "earlier" ? 2 : 0;
    const from = places[pinned].from;
    words.push(`Drawn: tokens ${grouped(from)} to ${grouped(to)} of ${grouped(T)}.`);
  }
  if (cut) words.push(`The text is long: its first ${grouped(cut)} tokens are left out.`);
  return words.join(" ");
}
