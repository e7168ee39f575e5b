"""``python -m llm_lib``: what it prints, and that mistakes cost one line and no traceback."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from llm_lib.__main__ import main
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.generation import generate
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.token_file import open_token_file
from llm_lib.tokenizers import BPETokenizer

ROOT = Path(__file__).resolve().parent.parent
TEXT = "Near the old mill lives a fox. — “Né?”\n"


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """A small model with random weights and the book's tokenizer, as a folder."""
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocab_size=600, block_size=32, n_layer=1, n_head=2, n_embd=16))
    with torch.no_grad():
        model.embedding.token.weight.mul_(20)
    folder = tmp_path_factory.mktemp("models") / "small"
    model.save_pretrained(folder, book_tokenizer(600))
    return folder


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "my.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    return path


# generate


def written(folder, prompt, n_new, **options):
    """What the library writes for this prompt, as text without the start and the end."""
    tokenizer = book_tokenizer(600)
    ids = [599, *tokenizer.encode(prompt)]
    text = generate(GPT.from_pretrained(folder), ids, n_new, stop_tokens=[599], **options)
    return tokenizer.decode(id_ for id_ in text if id_ != 599)


def test_generate_prints_the_prompt_and_what_follows(model_folder, capsys):
    code = main(["generate", "--model", str(model_folder), "--prompt", "Near the", "--seed", "3"])
    printed = capsys.readouterr().out
    assert code == 0
    assert printed == written(model_folder, "Near the", 200, seed=3) + "\n"
    assert printed.startswith("Near the")


def test_every_option_of_generate_arrives(model_folder, capsys):
    options = {
        "temperature": 0.9,
        "top_k": 50,
        "top_p": 0.95,
        "min_p": 0.01,
        "repetition_penalty": 1.2,
        "seed": 5,
    }
    arguments = ["generate", "--model", str(model_folder), "--max-new-tokens", "40"]
    for name, value in options.items():
        arguments += ["--" + name.replace("_", "-"), str(value)]
    assert main(arguments) == 0
    assert capsys.readouterr().out == written(model_folder, "", 40, **options) + "\n"
    for name in options:  # and each of them makes a difference here
        others = {key: value for key, value in options.items() if key != name}
        assert written(model_folder, "", 40, **others) != written(model_folder, "", 40, **options)


def test_generate_ends_with_the_text(model_folder, tmp_path, capsys):
    model = GPT.from_pretrained(model_folder)
    with torch.no_grad():  # every score is 0 but that of <|endoftext|>
        model.norm.weight.zero_()
        model.norm.bias.copy_(model.embedding.token.weight[599])
        model.embedding.token.weight[:599].zero_()
    model.save_pretrained(tmp_path / "brief", book_tokenizer(600))
    main(["generate", "--model", str(tmp_path / "brief"), "--prompt", "A fox.", "--temperature=0"])
    assert capsys.readouterr().out == "A fox.\n"


class Screen(io.StringIO):
    """A terminal: shows what was printed only when it is flushed."""

    shown = ""

    def flush(self):
        self.shown = self.getvalue()


def test_generate_appears_as_it_is_written(model_folder, monkeypatch):
    screen = Screen()

    def write(*args, **options):
        for n_before in range(3):
            assert screen.shown == "Near the" + n_before * "A"
            yield ord("A")

    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr("llm_lib.generation.stream", write)
    assert main(["generate", "--model", str(model_folder), "--prompt", "Near the"]) == 0
    assert screen.shown == "Near theAAA\n"


def test_a_reader_who_leaves_gets_no_traceback(model_folder):
    arguments = ["--model", model_folder, "--prompt", "Near the", "--max-new-tokens", "1000000"]
    process = subprocess.Popen(
        [sys.executable, "-m", "llm_lib", "generate", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout.read(8) == b"Near the"
        process.stdout.close()  # as `head` does
        assert process.wait(timeout=60) == 1
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere"], "nowhere"),
        (["--temperature", "-1"], "temperature is -1.0; it must be 0"),
        (["--top-p", "2"], "top_p is 2.0; it must be from 0 to 1"),
        (["--seed", "-1"], "seed is -1"),
        (["--max-new-tokens", "-5"], "max_new_tokens is -5"),
    ],
)
def test_mistakes_in_generate_cost_one_line(model_folder, arguments, message, capsys):
    if "--model" not in arguments:
        arguments = ["--model", str(model_folder), *arguments]
    assert main(["generate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("llm_lib: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_folder_without_or_with_another_tokenizer_is_refused(model_folder, tmp_path, capsys):
    model = GPT.from_pretrained(model_folder)
    model.save_pretrained(tmp_path / "bare")
    assert main(["generate", "--model", str(tmp_path / "bare")]) == 2
    assert "tokenizer.json" in capsys.readouterr().err
    book_tokenizer(700).save(tmp_path / "bare" / "tokenizer.json")
    assert main(["generate", "--model", str(tmp_path / "bare")]) == 2
    assert "700 tokens and the model knows 600" in capsys.readouterr().err


def test_a_tokenizer_without_end_of_text_needs_a_prompt(model_folder, tmp_path, capsys):
    folder = tmp_path / "plain"
    GPT.from_pretrained(model_folder).save_pretrained(folder)
    BPETokenizer.from_merges(book_tokenizer(600).merges).save(folder / "tokenizer.json")
    assert main(["generate", "--model", str(folder)]) == 2
    assert "give a --prompt" in capsys.readouterr().err
    assert main(["generate", "--model", str(folder), "--prompt", "A", "--max-new-tokens=3"]) == 0


# tokenize


def test_tokenize_shows_and_counts(text_file, capsys):
    assert main(["tokenize", str(text_file), "--show", "2", "--tokenizer", "600"]) == 0
    lines = capsys.readouterr().out.splitlines()
    ids = book_tokenizer(600).encode(TEXT)
    tokens = [book_tokenizer(600).decode([id_]) for id_ in ids]
    assert lines[0] == f"{ids[0]:>6}  {tokens[0]!r}"
    assert lines[1] == f"{ids[1]:>6}  {tokens[1]!r}"
    each = f"{len(TEXT) / len(ids):.2f}"
    assert lines[2:] == [f"{len(TEXT)} characters, {len(ids)} tokens, {each} characters each"]


def test_tokenize_shows_parts_of_characters_as_bytes(text_file, capsys):
    main(["tokenize", str(text_file), "--tokenizer", "257", "--show", "100"])
    assert "   226  bytes e2, part of a character" in capsys.readouterr().out


def test_tokenize_writes_a_token_file(text_file, tmp_path, model_folder):
    out = tmp_path / "my.tokens"
    arguments = ["--tokenizer", str(model_folder), "--out", str(out)]
    assert main(["tokenize", str(text_file), *arguments]) == 0
    tokens = open_token_file(out)
    assert tokens[:].tolist() == book_tokenizer(600).encode(TEXT)
    assert tokens.vocab_size == 600


def test_tokenize_reads_special_tokens_in_a_text_as_text(tmp_path, capsys):
    path = tmp_path / "tricky.txt"
    path.write_text("<|endoftext|>", encoding="utf-8")
    assert main(["tokenize", str(path), "--tokenizer", "257"]) == 0
    assert "13 characters, 13 tokens" in capsys.readouterr().out


def test_tokenize_an_empty_file(tmp_path, capsys):
    path = tmp_path / "empty.txt"
    path.touch()
    assert main(["tokenize", str(path)]) == 0
    assert capsys.readouterr().out == "0 characters, 0 tokens\n"
    assert main(["tokenize", str(path), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.txt"], "nowhere.txt: No such file or directory"),
        (["{text}", "--tokenizer", "12"], "vocab_size=12"),
        (["{text}", "--tokenizer", "nowhere.json"], "nowhere.json"),
        (["{text}", "--tokenizer", "{text}"], "it is not JSON"),
        (["{text}", "--show", "-1"], "--show is -1"),
        (["{text}", "--out", "/nowhere/out"], "nowhere"),
    ],
)
def test_mistakes_in_tokenize_cost_one_line(text_file, arguments, message, capsys):
    arguments = [argument.format(text=text_file) for argument in arguments]
    assert main(["tokenize", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("llm_lib: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_file_that_is_no_text_is_refused(tmp_path, capsys):
    path = tmp_path / "picture"
    path.write_bytes(b"abc\xff\xfe")
    assert main(["tokenize", str(path)]) == 2
    assert "is not UTF-8: byte 3" in capsys.readouterr().err


# The frame


@pytest.mark.parametrize("command", ["generate", "tokenize"])
def test_help_names_the_command_and_shows_examples(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    assert command in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"examples:\n  python -m llm_lib {command} " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["generate", "--seed", "x"], ["tokenize"]])
def test_unknown_commands_and_arguments_exit_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage: python -m llm_lib" in capsys.readouterr().err


def test_as_a_program_it_needs_no_torch_to_tokenize(text_file, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('there is no torch here')")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    command = [sys.executable, "-m", "llm_lib"]
    for arguments, code in ([["tokenize", text_file], 0], [["generate"], 2]):
        done = subprocess.run(
            [*command, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
    assert "there is no torch here" in done.stderr
    assert "pip install" in done.stderr


def test_interrupted_it_leaves_no_traceback(monkeypatch, text_file, capsys):
    def interrupt(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("llm_lib.commands.tokenize.run", interrupt)
    assert main(["tokenize", str(text_file)]) == 1
    assert capsys.readouterr().err == "\n"
