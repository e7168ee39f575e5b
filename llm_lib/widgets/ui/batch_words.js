// What the batch explorer says in words: the title of a batch, the account of all tokens.
import { h } from "./dom.js";
import { grouped } from "./token_text.js";

const count = (n, noun, nouns = `${noun}s`) => `${grouped(n)} ${n === 1 ? noun : nouns}`;

export function batchTitle({ plan, batch }) {
  if (plan.windowCount === 0) return "No batch";
  if (batch >= plan.batchCount) return `Batch ${batch} is not full, so it is dropped`;
  return `Batch ${batch}, of ${plan.batchCount} in an epoch`;
}

export function tooShort({ tokens, plan }) {
  const there = count(tokens.length, "token");
  const rule = `a window of ${count(plan.contextSize, "input")} needs ${plan.contextSize + 1}`;
  return `No window fits: ${rule}, and here ${tokens.length === 1 ? "is" : "are"} ${there}.`;
}

// The result of a change in one sentence, for the live region.
export function summary(plan, sums) {
  const batches = count(plan.batchCount, "batch", "batches");
  const made = `${count(plan.windowCount, "window")} in ${batches}`;
  const lost = [
    sums.droppedWindows.length && `${count(sums.droppedWindows.length, "window")} dropped`,
    sums.skipped && `${count(sums.skipped, "token")} skipped`,
    sums.leftOver && `${count(sums.leftOver, "token")} left over`,
    sums.readAgain && `${count(sums.readAgain, "token")} read more than once`,
  ].filter(Boolean);
  return `${made}; ${lost.join(", ") || "nothing lost, nothing twice"}.`;
}

// The account as pairs of <dt> and <dd>, each with the reason beside the number.
export function drawSums(plan, sums) {
  return lines(plan, sums).map(([name, number, why]) =>
    h(
      "div",
      { "data-empty": number === 0 },
      h("dt", {}, name),
      h("dd", {}, h("span", { class: "llm-number" }, grouped(number)), ` ${why}`),
    ),
  );
}

function lines(plan, sums) {
  const { length, contextSize, stride, batchSize } = plan;
  const dropped = sums.droppedWindows.length;
  return [
    ["Windows", plan.windowCount, `= (${length} − 1 − ${contextSize}) // ${stride} + 1`],
    ["Batches", plan.batchCount, `of ${batchSize}${dropped ? "" : ", none dropped"}`],
    ["Predictions", sums.predictions, predictionsWhy(plan, sums)],
    ["Dropped", dropped, dropped ? droppedWhy(sums) : "windows"],
    ["Read again", sums.readAgain, `tokens are inputs more than once${overlap(plan)}`],
    ["Skipped", sums.skipped, "tokens between two windows"],
    ["Left over", sums.leftOver, leftOverWhy(plan, sums)],
  ];
}

const droppedWhy = ({ droppedWindows, dropped }) =>
  `${droppedWindows.length === 1 ? "window" : "windows"} without a full batch, ` +
  `with ${count(dropped, "token")} seen nowhere else`;

const predictionsWhy = ({ length }, { distinctTargets }) =>
  `in an epoch, of ${distinctTargets} of the ${Math.max(0, length - 1)} possible targets`;

const overlap = ({ stride, contextSize }) =>
  stride < contextSize ? `: neighbours share ${contextSize - stride}` : "";

function leftOverWhy({ length, contextSize }, { leftOver }) {
  if (leftOver === 0) return "tokens at the end";
  const last = length - 1;
  const which = leftOver === 1 ? `token ${last}` : `tokens ${length - leftOver} to ${last}`;
  return `at the end, ${which}: too few for another window of ${contextSize} + 1`;
}
