// Questions, choices, and why each wrong one is wrong. Remembered on this device, sent nowhere.
import { h, uniqueId } from "./ui/dom.js";
import { recall, remember } from "./ui/storage.js";

// An answer is stored as the words that were chosen, so an edited quiz never shows another choice.
function restore(key, questions) {
  let stored = null;
  try {
    stored = JSON.parse(recall(key));
  } catch {
    // not ours: nothing is remembered
  }
  return questions.map(({ question, options }) => {
    const chosen = options.findIndex(({ text }) => text === stored?.[question]);
    return chosen < 0 ? null : chosen;
  });
}

function store(key, questions, answers) {
  const given = questions.flatMap(({ question, options }, i) =>
    answers[i] === null ? [] : [[question, options[answers[i]].text]],
  );
  remember(key, given.length ? JSON.stringify(Object.fromEntries(given)) : null);
}

// `code` between backticks, everything else as it stands.
function inline(text) {
  return text.split("`").map((part, i) => (i % 2 ? h("code", {}, part) : part));
}

const plain = (text) => text.replaceAll("`", "");
const verdict = (option) => (option.right ? "Right." : "Not quite.");

// Buttons, not radio buttons: arrow keys among radio buttons would answer on the way.
function drawOption(option, choose) {
  const mark = h("span", { class: "llm-quiz-mark", "aria-hidden": "true" });
  const id = uniqueId("why");
  const why = h("p", { class: "llm-quiz-why", id });
  const button = h(
    "button",
    { type: "button", class: "llm-quiz-option", click: choose },
    mark,
    h("span", {}, ...inline(option.text)),
  );
  const show = (isChosen) => {
    button.setAttribute("aria-pressed", String(isChosen));
    button.dataset.verdict = isChosen ? (option.right ? "right" : "wrong") : "";
    mark.textContent = isChosen ? (option.right ? "✓" : "✗") : "";
    why.hidden = !isChosen;
    why.replaceChildren(...(isChosen ? [`${verdict(option)} `, ...inline(option.why)] : []));
    if (isChosen) button.setAttribute("aria-describedby", id);
    else button.removeAttribute("aria-describedby");
  };
  return { nodes: [button, why], show };
}

function drawQuestion({ question, options }, number, choose) {
  const drawn = options.map((option, i) => drawOption(option, () => choose(i)));
  const root = h(
    "fieldset",
    { class: "llm-quiz-question" },
    h("legend", {}, `${number}. `, ...inline(question)),
    ...drawn.flatMap(({ nodes }) => nodes),
  );
  return { root, show: (answer) => drawn.forEach(({ show }, i) => show(i === answer)) };
}

export default {
  render({ model, el, signal }) {
    const chapter = model.get("chapter");
    const questions = model.get("questions");
    const key = `quiz:${chapter}`;
    const given = () =>
      questions.map(({ options }, i) => {
        const answer = model.get("answers")?.[i];
        return Number.isInteger(answer) && options[answer] ? answer : null;
      });
    const score = h("p", { class: "llm-quiz-score" });
    const spoken = h("p", { class: "llm-hidden", role: "status" }); // says each result once

    const draw = () => {
      const answers = given();
      drawn.forEach(({ show }, i) => show(answers[i]));
      const right = answers.filter((answer, i) => questions[i].options[answer]?.right).length;
      const answered = answers.some((answer) => answer !== null);
      score.textContent = answered ? `${right} of ${questions.length} right.` : "";
    };
    const answerAll = (answers) => {
      store(key, questions, answers);
      model.set("answers", answers);
      model.save_changes();
      draw();
    };
    const choose = (number, chosen) => {
      answerAll(given().map((answer, i) => (i === number ? chosen : answer)));
      const option = questions[number].options[chosen];
      spoken.textContent = `${verdict(option)} ${plain(option.why)} ${score.textContent}`;
    };
    const drawn = questions.map((question, number) =>
      drawQuestion(question, number + 1, (chosen) => choose(number, chosen)),
    );
    const startOver = () => {
      answerAll(questions.map(() => null));
      spoken.textContent = "All answers taken back.";
    };
    const chapterNumber = /^\d+/.exec(chapter)?.[0];
    const title = chapterNumber ? `Quiz of chapter ${Number(chapterNumber)}` : `Quiz: ${chapter}`;
    el.append(
      h(
        "section",
        { class: "llm-figure llm-quiz", "aria-label": title },
        ...drawn.map(({ root }) => root),
        h(
          "div",
          { class: "llm-foot" },
          score,
          h("button", { type: "button", class: "llm-quiet", click: startOver }, "Start over"),
        ),
        spoken,
      ),
    );
    if (given().every((answer) => answer === null)) model.set("answers", restore(key, questions));
    draw();
    model.on("change:answers", draw);
    signal?.addEventListener("abort", () => model.off("change:answers", draw));
  },
};
