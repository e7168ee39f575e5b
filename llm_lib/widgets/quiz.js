// Questions, choices, and why each wrong one is wrong. Remembered on this device, sent nowhere.
import { h, uniqueId } from "./ui/dom.js";
import { recall, remember } from "./ui/storage.js";

function restore(chapter, questions) {
  try {
    const stored = JSON.parse(recall(`quiz:${chapter}`));
    if (!Array.isArray(stored)) return null;
    return questions.map(({ options }, i) => (options[stored[i]] ? stored[i] : null));
  } catch {
    return null; // not ours, or from an older version of the quiz
  }
}

function drawQuestion({ question, options }, number, answer, choose) {
  const verdict = h("p", { class: "llm-quiz-why", role: "status" });
  const name = uniqueId("quiz");
  const radios = options.map(({ text }, i) => {
    const radio = h("input", { type: "radio", name, value: i, change: () => pick(i) });
    return { radio, label: h("label", { class: "llm-quiz-option" }, radio, h("span", {}, text)) };
  });
  const pick = (i) => {
    explain(i);
    choose(i);
  };
  const explain = (chosen) => {
    radios.forEach(({ radio, label }, i) => {
      radio.checked = i === chosen;
      label.dataset.verdict = i !== chosen ? "" : options[i].right ? "right" : "wrong";
    });
    const option = options[chosen];
    verdict.textContent = option ? `${option.right ? "Yes." : "Not quite."} ${option.why}` : "";
  };
  explain(answer);
  const root = h(
    "fieldset",
    { class: "llm-quiz-question" },
    h("legend", {}, `${number}. ${question}`),
    ...radios.map(({ label }) => label),
    verdict,
  );
  return { root, explain };
}

export default {
  render({ model, el }) {
    const chapter = model.get("chapter");
    const questions = model.get("questions");
    let answers = restore(chapter, questions) ?? questions.map(() => null);
    const score = h("p", { class: "llm-status", role: "status" });

    const settle = () => {
      const right = answers.filter((a, i) => a !== null && questions[i].options[a].right).length;
      const given = answers.filter((a) => a !== null).length;
      score.textContent = given === 0 ? "" : `${right} of ${questions.length} right so far.`;
      model.set("answers", [...answers]);
      model.save_changes();
    };
    const drawn = questions.map((question, i) =>
      drawQuestion(question, i + 1, answers[i], (chosen) => {
        answers[i] = chosen;
        remember(`quiz:${chapter}`, JSON.stringify(answers));
        settle();
      }),
    );
    const startOver = () => {
      answers = questions.map(() => null);
      remember(`quiz:${chapter}`, null);
      drawn.forEach(({ explain }) => explain(null));
      settle();
    };
    el.append(
      h(
        "section",
        { class: "llm-figure llm-quiz", "aria-label": "Quiz" },
        ...drawn.map(({ root }) => root),
        score,
        h("button", { type: "button", class: "llm-quiet", click: startOver }, "Start over"),
      ),
    );
    settle();
  },
};
