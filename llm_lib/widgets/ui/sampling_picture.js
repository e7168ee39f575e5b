// What the sampling lab shows of the place that is looked at, as numbers and words for its view.
import { alternatives, LEVELS } from "../engine/alternatives.js";
import { compareCounts, countDraws } from "../engine/draws.js";
import { distribution, KEPT } from "../engine/sampling.js";
import { arithmetic, barsScene, choices, curveScene, tally } from "../engine/sampling_scene.js";
import { percent } from "./amounts.js";
import { drawsTable, nextTable, treeTable } from "./sampling_tables.js";
import {
  barNumbers,
  barWords,
  curveWords,
  doubtWords,
  drawsWords,
  heldWords,
  limit,
  pathWords,
  placeWords,
  pythonWords,
  quoted,
  restName,
  share,
  sumLines,
  takeWords,
  tallyWords,
  TREE_FULL,
  TREE_WAIT,
} from "./sampling_words.js";
import { grouped } from "./token_text.js";

const BARS = 12;
const PATHS = 12; // of the tree, below each other
const NARROW = 560; // pixels: below this a level of the tree has no room

// lab: { state, place, logits, isOver, isWriting, canUndo } of the pen, { text, story, settings,
// view, draws, mostDraws, tree, hasTreeRoom, size, nameOf, pieceOf }, and `chosen`, null for the
// likeliest token.
// Returns { chosen, idOfRank, pathWords, table, draw(view) }.
export function samplingPicture(lab) {
  const { logits, settings, nameOf } = lab;
  const found = distribution(logits, settings);
  const chosen = lab.chosen ?? found.order[0];
  let drawn = null; // what the table of the view repeats

  function draw(view) {
    view.show(lab.view);
    drawWriting(view, lab);
    view.say({ place: placeWords({ ...lab, name: stepName(lab) }) });
    drawn = DRAW[lab.view](view, { ...lab, found, chosen });
  }

  return {
    chosen,
    idOfRank: (rank) => found.order[rank],
    pathWords: (node) => pathWords(node, nameOf),
    table: () => drawn(),
    draw,
  };
}

const DRAW = { next: drawNextToken, draws: drawDraws, tree: drawTree };

const stepName = ({ state, place, nameOf }) => state.steps[place] && nameOf(state.steps[place].id);

function drawWriting(view, lab) {
  const { state, place, settings, nameOf, pieceOf, isOver } = lab;
  const key = JSON.stringify(settings);
  const tokens = state.steps.map(({ id, share: p, by }) => ({
    key: `${id} ${p} ${by === "hand"}`,
    text: pieceOf(id) ?? nameOf(id),
    isEnd: pieceOf(id) === null,
    share: p,
    isByHand: by === "hand",
    say: `${quoted(nameOf(id))}, ${by === "hand" ? "chosen by hand" : "drawn"}, ${share(p)}`,
  }));
  const next = isOver === "end" ? null : "the next token";
  view.written.draw({ text: lab.text, cut: lab.story.cut, tokens, at: place, next });
  const canReplay = state.steps.length > 0;
  view.buttons.draw({ ...lab, isOver: isOver !== null, canReplay });
  const isFaithful = state.steps.every(({ by }) => by === key);
  const most = lab.size - state.prompt.length;
  view.say({ doubts: doubtWords(tokens.length, lab.story.cut) });
  view.sayPython(pythonWords({ settings, most, isFaithful, count: tokens.length, isOver }));
}

function drawNextToken(view, { found, logits, settings, chosen, nameOf, ...lab }) {
  const { rows, rest, limits } = barsScene(found, BARS, settings);
  const numbersOfRest = barNumbers({ ...rest, fate: KEPT });
  view.bars.draw({
    chosen,
    rows: rows.map((row) => ({
      ...row,
      ...barNumbers(row),
      name: nameOf(row.id),
      isCut: row.fate !== KEPT,
      say: barWords(row, nameOf(row.id)),
    })),
    rest: { ...rest, ...numbersOfRest, name: restName(rest.count) },
    marks: marksOf(limits, settings),
  });
  const sum = arithmetic(found, logits, chosen, settings);
  const verb = takeWords({ ...lab, id: chosen, name: nameOf(chosen), isKept: sum.fate === KEPT });
  view.sum.draw({ name: nameOf(chosen), lines: sumLines(sum), verb });
  view.curve.draw({
    ...curveScene(found),
    rank: found.rank[chosen],
    count: found.order.length,
    minP: limits.minP,
    say: curveWords(sum, nameOf(chosen)),
  });
  const open = choices(found.probabilities);
  view.say({ tally: tallyWords(tally(found), found.order.length, open) });
  return () => nextTable(found, logits, nameOf);
}

function marksOf({ topP, minP }, settings) {
  const mark = (at, words) => (at === null ? null : { at, words });
  return {
    topP: mark(topP, `top-p ${topP === null ? "" : limit(topP)}`),
    minP: mark(minP, `min-p: ${settings.min_p} of the likeliest`),
  };
}

// Tokens that cannot come up are among the others: a row says something only where there is chance.
function drawDraws(view, { found, settings, draws, mostDraws, nameOf }) {
  const { probabilities, order, fates } = found;
  const counts = countDraws(probabilities, settings.seed, draws);
  const top = order.subarray(0, BARS).filter((id) => fates[id] === KEPT);
  const others = order.subarray(top.length);
  const sum = (numbers) => others.reduce((total, id) => total + numbers[id], 0);
  const all = [
    ...Array.from(top, (id) => [nameOf(id), probabilities[id], counts[id]]),
    [restName(others.length), sum(probabilities), sum(counts)],
  ];
  // The axis suits the single tokens; the others together may reach beyond it.
  const most = roundUp(Math.max(...all.slice(0, -1).flatMap(([, p, n]) => [p, n / draws])));
  const rows = all.map(([name, p, count], i) => ({
    name,
    probability: p,
    bar: count / draws / most,
    goal: p / most,
    count: grouped(count),
    expected: expectation(p * draws),
    isRest: i === all.length - 1,
  }));
  const tick = (share) => grouped(Math.round(share * draws));
  const ticks = ["0", tick(most / 2), `${tick(most)} draws`];
  const words = drawsWords(compareCounts(counts, probabilities));
  view.draws.draw({ rows, ticks, words, canMore: draws < mostDraws, isFirst: draws <= 1000 });
  return () => drawsTable(rows, draws);
}

// The end of an axis on which a share has room.
const roundUp = (share) => [0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8].find((end) => share <= end) ?? 1;

const expectation = (number) =>
  number < 99.95 ? number.toFixed(1) : grouped(Math.round(number));

function drawTree(view, { tree, hasTreeRoom, settings, nameOf }) {
  const levels = view.root.clientWidth < NARROW ? LEVELS - 1 : LEVELS;
  if (!tree) {
    view.tree.draw({ nodes: [], levels });
    view.say({ path: hasTreeRoom ? TREE_WAIT : TREE_FULL, held: "" });
    return () => treeTable({ nodes: [] }, nameOf);
  }
  const scene = alternatives(tree, settings, { rows: PATHS, levels });
  const say = (node) => pathWords(node, nameOf);
  view.tree.draw({ ...scene, levels, nameOf, percent, say });
  view.say({ path: say(scene.nodes[0]), held: heldWords(scene) });
  return () => treeTable(scene, nameOf);
}
