"""The quiz: answers explained, said once, remembered here, and safe from whatever storage holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from llm_lib.widgets import quiz as quiz_module
from llm_lib.widgets.quiz import Quiz, load_questions

QUIZZES = sorted((Path(quiz_module.__file__).parent / "quizzes").glob("*.json"))
CHAPTER = "01_text_into_tokens"


@pytest.fixture
def quizzes(tmp_path, monkeypatch):
    """A folder of quizzes of our own, so that no test depends on a chapter's wording."""
    monkeypatch.setattr(quiz_module, "_FOLDER", tmp_path)
    load_questions.cache_clear()

    def write(name: str, *questions: tuple[str, str]) -> Quiz:
        """One right and one wrong option for each (question, right answer)."""
        content = [
            {
                "question": question,
                "options": [
                    {"text": "no", "right": False, "why": f"why not {right}"},
                    {"text": right, "right": True, "why": f"because {right}"},
                ],
            }
            for question, right in questions
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps(content), "utf-8")
        return Quiz(name)

    yield write
    load_questions.cache_clear()


def option(page: Page, name: str, nth: int = 0):
    return page.get_by_role("button", name=name, exact=True).nth(nth)


def test_every_quiz_keeps_the_schema():
    assert QUIZZES
    for file in QUIZZES:
        questions = json.loads(file.read_text("utf-8"))
        assert len(questions) >= 3, file.name
        assert len({question["question"] for question in questions}) == len(questions)
        for question in questions:
            assert set(question) == {"question", "options"}
            options = question["options"]
            assert 3 <= len(options) <= 4, question["question"]
            assert [set(option) for option in options] == [{"text", "right", "why"}] * len(options)
            assert sum(option["right"] is True for option in options) == 1, question["question"]
            assert len({option["text"] for option in options}) == len(options)
            assert all(len(option["why"]) >= 40 for option in options), "explain every option"
            marks = [
                text.count("`") for option in options for text in (option["text"], option["why"])
            ]
            assert all(count % 2 == 0 for count in marks), "a backtick without its partner"


def test_the_right_answer_is_not_always_in_the_same_place():
    for file in QUIZZES:
        questions = json.loads(file.read_text("utf-8"))
        places = {[o["right"] for o in question["options"]].index(True) for question in questions}
        assert len(places) > 1, file.name


def test_each_answer_is_explained_by_mouse(mount):
    questions = load_questions(CHAPTER)
    page = mount(Quiz(CHAPTER))
    for i, option in enumerate(questions[0]["options"]):
        page.locator(".llm-quiz-option").nth(i).click()
        shown = page.locator(".llm-quiz-why:visible")
        said = "Right." if option["right"] else "Not quite."
        expect(shown).to_have_text(f"{said} {option['why'].replace('`', '')}")
        right = f"{int(option['right'])} of {len(questions)} right."
        expect(page.locator(".llm-quiz-score")).to_have_text(right)
    assert page.witness.errors == []


def test_the_keyboard_reaches_each_option_and_answers_only_when_asked(quizzes, mount):
    page = mount(quizzes("a", ("One?", "yes"), ("Two?", "ja")))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(option(page, "yes")).to_be_focused()
    assert page.locator("[aria-pressed=true]").count() == 0  # moving does not answer
    page.keyboard.press("Enter")
    expect(option(page, "yes")).to_have_attribute("aria-pressed", "true")
    expect(option(page, "yes")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(option(page, "no")).to_have_attribute("aria-pressed", "true")
    expect(option(page, "yes")).to_have_attribute("aria-pressed", "false")


def test_questions_are_named_groups_and_a_result_is_said_once(quizzes, mount):
    page = mount(quizzes("03_x", ("One `a`?", "yes")))
    expect(page.get_by_role("region", name="Quiz of chapter 3")).to_be_visible()
    expect(page.get_by_role("group", name="1. One a?")).to_be_visible()
    expect(page.locator("legend code")).to_have_text("a")
    page.evaluate(
        "globalThis.said = []; for (const live of document.querySelectorAll('[role=status],"
        " [aria-live]')) new MutationObserver(() => said.push(live.textContent))"
        ".observe(live, { childList: true, characterData: true, subtree: true })"
    )
    option(page, "no").click()
    option(page, "yes").click()
    assert page.evaluate("said") == [
        "Not quite. why not yes 0 of 1 right.",
        "Right. because yes 1 of 1 right.",
    ]
    expect(option(page, "yes")).to_have_accessible_description("Right. because yes")


def test_answers_are_remembered_and_nothing_is_said_on_return(quizzes, mount):
    page = mount(quizzes("a", ("One?", "yes"), ("Two?", "ja")))
    option(page, "ja").click()
    page.reload()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    expect(page.locator(".llm-quiz-score")).to_have_text("1 of 2 right.")
    expect(page.get_by_role("status")).to_have_text("")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('llm-book:quiz:a')") is None
    page.reload()
    expect(page.get_by_role("button", name="Start over")).to_be_visible()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)


def test_an_edited_quiz_never_shows_an_answer_the_reader_did_not_give(quizzes, mount):
    page = mount(quizzes("a", ("One?", "yes"), ("Two?", "ja")))
    option(page, "yes").click()
    option(page, "ja").click()
    load_questions.cache_clear()
    page.evaluate("globalThis.kept = localStorage.getItem('llm-book:quiz:a')")
    kept = page.evaluate("kept")
    edited = quizzes("a", ("Two?", "ja"), ("One?", "indeed"))
    page = mount(edited)
    page.evaluate("(kept) => localStorage.setItem('llm-book:quiz:a', kept)", kept)
    page.reload()
    expect(option(page, "ja")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)


GARBAGE = ["", "null", "7", "[", '["length"]', '{"One?":"__proto__"}', '{"__proto__":1}', "[0,0]",
           '{"One?":1}', "\\u0000", '"x"']  # fmt: skip


@pytest.mark.parametrize("stored", GARBAGE)
def test_garbage_in_storage_is_no_answer(quizzes, mount, stored):
    page = mount(quizzes("a", ("One?", "yes")))
    page.evaluate("(stored) => localStorage.setItem('llm-book:quiz:a', stored)", stored)
    page.reload()
    expect(option(page, "yes")).to_be_visible()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    option(page, "yes").click()
    expect(page.locator(".llm-quiz-score")).to_have_text("1 of 1 right.")
    assert page.witness.errors == []


@pytest.mark.parametrize(
    "refusal",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('full') }",
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } })",
    ],
)
def test_full_or_forbidden_storage_does_not_stop_the_quiz(quizzes, mount, refusal):
    page = mount(quizzes("a", ("One?", "yes")))
    page.context.add_init_script(refusal)
    page.reload()
    option(page, "yes").click()
    expect(page.locator(".llm-quiz-score")).to_have_text("1 of 1 right.")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    assert page.witness.errors == []


def test_two_quizzes_of_a_page_keep_their_answers_apart(quizzes, mount):
    page = mount(quizzes("01_a", ("One?", "yes")), quizzes("02_b", ("One?", "yes")))
    option(page, "yes", 1).click()
    scores = page.locator(".llm-quiz-score").all_text_contents()
    assert scores == ["", "1 of 1 right."]
    page.reload()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    assert page.evaluate("localStorage.getItem('llm-book:quiz:01_a')") is None


def test_python_sees_the_answers_and_can_set_them(quizzes, engine):
    widget = quizzes("a", ("One?", "yes"), ("Two?", "ja"))
    page = engine("quiz.js")
    page.evaluate(
        """(props) => {
          const heard = new Set();
          globalThis.model = {
            get: (name) => props[name],
            set(name, value) { props[name] = value; heard.forEach((listener) => listener()); },
            on: (event, listener) => heard.add(listener),
            off: (event, listener) => heard.delete(listener),
            save_changes: () => (globalThis.saved = props.answers),
          };
          book("quiz.js").default.render({ model, el: document.querySelector("main") });
        }""",
        widget.props(),
    )
    option(page, "ja").click()
    assert page.evaluate("saved") == [None, 1]
    page.evaluate("model.set('answers', [0, 'length'])")
    expect(option(page, "no")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    option(page, "yes").click()
    assert page.evaluate("saved") == [1, None]
    page.evaluate("model.set('answers', null)")
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    assert page.witness.errors == []


def test_text_that_looks_like_html_is_text(quizzes, mount):
    nasty = "</script><!--<img src=x onerror=alert(1)> & ' שלום 👩‍👩‍👧"
    widget = quizzes("a", (nasty, nasty))
    page = mount(widget, width=320)
    expect(page.locator("legend")).to_have_text(f"1. {nasty}")
    option(page, nasty).click()
    expect(page.locator(".llm-quiz-why:visible")).to_have_text(f"Right. because {nasty}")
    assert page.locator("main img, main script").count() == 0
    assert "<img" not in widget.still()


def test_a_quiz_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(ValueError, match=r"no quiz for the chapter 'x'; there are .*01_text"):
        Quiz("x")


def test_the_still_form_folds_the_answers_away(mount):
    page = mount(Quiz(CHAPTER), javascript=False)
    why = load_questions(CHAPTER)[0]["options"][0]["why"][:40]
    expect(page.get_by_text(why)).to_be_hidden()
    page.get_by_text("Answers").first.click()
    expect(page.get_by_text(why)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_a_phone_needs_no_sideways_scroll(mount, theme):
    page = mount(Quiz(CHAPTER), theme=theme, width=320)
    page.locator(".llm-quiz-option").nth(0).click()
    page.locator(".llm-quiz-option").nth(5).click()
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    heights = page.eval_on_selector_all("button", "all => all.map((b) => b.offsetHeight)")
    assert min(heights) >= 44
