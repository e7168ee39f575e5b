"""Training, first form: the schedule, the windows, the loop, the measures, the snapshots."""

import json
import math

import numpy as np
import pytest
import torch

from llm_lib.__main__ import main
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.gpt2_tensors import to_tensors
from llm_lib.gpt_config import GPTConfig
from llm_lib.tales import stories
from llm_lib.training.evaluation import WholeStories, grade_tales, padded
from llm_lib.training.loop import training_steps
from llm_lib.training.optimizer import create_optimizer
from llm_lib.training.replay import load_replay, quantized_weights, round_weights, save_replay
from llm_lib.training.schedule import Schedule
from llm_lib.training.storyteller import Recipe, train_storyteller
from llm_lib.training.windows import Phases, RandomWindows, StoryWindows


def tiny(**changes: object) -> GPT:
    torch.manual_seed(0)
    return GPT(GPTConfig.from_name("tiny", **changes))


def test_the_schedule_rises_stays_and_falls():
    schedule = Schedule(peak=1.0, warmup=4, steps=20, decay=3)
    assert [schedule(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert {schedule(step) for step in range(3, 17)} == {1.0}
    falling = [1 - math.sqrt(share) for share in (0.25, 0.5, 0.75)]
    assert [schedule(step) for step in range(17, 20)] == pytest.approx(falling)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peak": 0.0}, "must be above 0"),
        ({"peak": math.inf}, "must be above 0"),
        ({"warmup": 9}, r"warmup \(9\) and decay \(2\) together are longer than the 10 steps"),
        ({"steps": 0}, "at least 1 step"),
        ({"decay": -1}, "no stage can be shorter than 0"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Schedule(**{"peak": 1.0, "warmup": 2, "steps": 10, "decay": 2, **change})


def test_windows_come_from_anywhere_and_depend_on_seed_and_step_alone():
    tokens = torch.arange(100, dtype=torch.uint8)
    windows = RandomWindows(tokens, context_size=10, batch_size=4, seed=7)
    inputs, targets = windows.batch(3)
    assert inputs.shape == targets.shape == (4, 10)
    assert inputs.dtype == torch.int64
    assert torch.equal(inputs[:, 1:], targets[:, :-1])
    assert torch.equal(targets - inputs, torch.ones(4, 10, dtype=torch.int64))
    again = RandomWindows(tokens, context_size=10, batch_size=4, seed=7)
    again.batch(0)
    assert torch.equal(again.batch(3)[0], inputs)
    first = {int(windows.batch(step)[0][0, 0]) for step in range(2000)}
    assert first == set(range(90))  # every place, the last included


def test_story_windows_begin_with_the_separator():
    tokens = torch.tensor([9, 1, 2, 9, 3, 4, 5, 9, 6, 9, 7])
    windows = StoryWindows(tokens, context_size=4, batch_size=3, separator=9, seed=0)
    seen = {tuple(row.tolist()) for step in range(50) for row in windows.batch(step)[0]}
    assert seen == {(9, 1, 2, 9), (9, 3, 4, 5)}  # the 9 at place 7 has too little after it
    with pytest.raises(ValueError, match="no window of context_size 4 begins with the token 8"):
        StoryWindows(tokens, 4, 3, separator=8)


def test_phases_change_over_at_the_switch():
    zeros = RandomWindows(torch.zeros(20, dtype=torch.int64), 4, 2)
    ones = RandomWindows(torch.ones(20, dtype=torch.int64), 4, 2)
    phases = Phases(zeros, ones, switch=3)
    assert [int(phases.batch(step)[0].max()) for step in range(5)] == [0, 0, 0, 1, 1]


def test_too_little_text_is_refused():
    with pytest.raises(ValueError, match="the text has 4 tokens; a window of context_size 4"):
        RandomWindows(torch.arange(4), context_size=4, batch_size=1)
    with pytest.raises(ValueError, match="batch_size 0"):
        RandomWindows(torch.arange(9), context_size=4, batch_size=0)


def test_the_optimizer_decays_the_matrices_of_the_blocks_and_nothing_else():
    model = tiny()
    optimizer = create_optimizer(model, lr=1e-3, weight_decay=0.5)
    decayed, others = optimizer.param_groups
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.5, 0.0)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    assert {names[id(p)].rsplit(".", 1)[1] for p in decayed["params"]} == {"weight"}
    assert all(names[id(p)].startswith("blocks.") for p in decayed["params"])
    assert all(".norm" not in names[id(p)] for p in decayed["params"])
    assert len(decayed["params"]) + len(others["params"]) == len(names)


def test_the_loop_learns_a_text_by_heart():
    model = tiny()
    text = torch.arange(40) * 7 % 512
    windows = RandomWindows(text, context_size=16, batch_size=8)
    optimizer = create_optimizer(model, lr=1e-2)
    schedule = Schedule(1e-2, 5, 60, 10)
    steps = list(training_steps(model, windows, optimizer, schedule))
    assert [step.number for step in steps] == list(range(60))
    assert steps[0].loss == pytest.approx(math.log(512), abs=0.3)
    assert steps[-1].loss < 0.5
    assert optimizer.param_groups[0]["lr"] == schedule(59)


def test_a_loss_that_is_not_finite_stops_the_loop_and_leaves_the_weights():
    model = tiny()
    with torch.no_grad():
        model.norm.weight[0] = math.nan
    before = {name: value.clone() for name, value in model.state_dict().items()}
    windows = RandomWindows(torch.arange(40), context_size=16, batch_size=2)
    steps = training_steps(model, windows, create_optimizer(model, 0.1), Schedule(0.1, 0, 9, 0))
    with pytest.raises(RuntimeError, match="the loss is nan at step 0: lower the learning rate"):
        next(steps)
    for name, value in model.state_dict().items():
        assert torch.equal(value.nan_to_num(7.0), before[name].nan_to_num(7.0)), name


def test_padding_counts_nothing():
    inputs, targets = padded([torch.tensor([5, 1, 2, 5]), torch.tensor([5, 3, 5])])
    assert inputs.tolist() == [[5, 1, 2], [5, 3, 0]]
    assert targets.tolist() == [[1, 2, 5], [3, 5, -1]]


def test_whole_stories_are_those_that_fit_with_their_own_floor():
    tokenizer = book_tokenizer(1024)
    all_of_them = WholeStories(tokenizer, block_size=300, n=60)
    assert len(all_of_them.rows) == 60
    nats = -sum(tale.log_prob for tale in stories(60, 0, "validation"))
    tokens = sum(len(row) - 1 for row in all_of_them.rows)
    assert all_of_them.floor == pytest.approx(nats / tokens)
    short = WholeStories(tokenizer, block_size=190, n=60)
    assert 0 < len(short.rows) < 60
    assert max(len(row) for row in short.rows) <= 191


def test_the_loss_of_a_model_that_knows_nothing_is_that_of_a_uniform_guess():
    tokenizer = book_tokenizer(512)
    stories_ = WholeStories(tokenizer, block_size=400, n=20)
    model = tiny(block_size=400)
    with torch.no_grad():
        model.embedding.token.weight.zero_()  # the head too: they are tied
    assert stories_.loss(model, batch_size=7) == pytest.approx(math.log(512), abs=1e-4)
    assert model.training


def test_grading_counts_tales_and_faults():
    tokenizer = book_tokenizer(512)
    grade = grade_tales(tiny(), tokenizer, n=5, seed=3)
    assert (grade.written, grade.straight, grade.share) == (5, 0, 0.0)
    assert sum(grade.faults.values()) >= 5


def test_snapshots_come_back_as_rounded(tmp_path):
    model = tiny()
    save_replay(model, tmp_path, 100)
    back = load_replay(tmp_path, 100, model.config)
    for name, value in back.state_dict().items():
        step = model.state_dict()[name].abs().max() / 127
        assert (value - model.state_dict()[name]).abs().max() <= step / 2 + 1e-7, name
    round_weights(model)
    for name, value in back.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    with pytest.raises(FileNotFoundError, match=r"no snapshot after 7 steps .* \[100\]"):
        load_replay(tmp_path, 7, model.config)


def test_rounded_weights_take_one_byte_and_round_to_themselves():
    model = tiny()
    round_weights(model)
    once = quantized_weights(model)
    back = once.tensors()
    assert once.n_bytes < 0.4 * sum(tensor.nbytes for tensor in back.values())
    for name, array in quantized_weights(model).arrays.items():
        if array.dtype == np.int8:
            assert np.array_equal(array, once.arrays[name]), name


def test_the_whole_recipe_runs_small(tmp_path):
    small = {"steps": 4, "batch_size": 2, "warmup": 1, "decay": 1, "anywhere": 2, "tales": 30}
    card = train_storyteller(tmp_path, Recipe(**small, evaluate_every=2), graded=2)
    model = GPT.from_pretrained(tmp_path)
    for name, tensor in quantized_weights(model).tensors().items():
        assert torch.allclose(tensor, to_tensors(model)[name], rtol=1e-6, atol=0), name
    assert {path.name for path in tmp_path.iterdir()} >= {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "log.csv",
        "card.json",
        "replay",
    }
    assert json.loads((tmp_path / "card.json").read_text()) == card
    assert card["validation"]["loss"] > card["validation"]["floor"]
    log = (tmp_path / "log.csv").read_text().splitlines()
    assert log[0] == "step,tokens,seconds,validation_loss,floor"
    assert [row.split(",")[0] for row in log[1:]] == ["0", "2", "4"]


def test_a_shorter_run_keeps_its_proportions():
    short = Recipe().shortened(Recipe().steps // 10)
    assert (short.steps, short.warmup, short.decay, short.anywhere) == (1400, 10, 1150, 150)
    assert short.lr == Recipe().lr
    assert Recipe().shortened(Recipe().steps) == Recipe()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "0"], "--steps is 0; it must be at least 1"),
        (["--threads", "-1"], "--threads is -1"),
        (["--graded", "0"], "--graded is 0"),
    ],
)
def test_the_command_refuses_numbers_that_make_no_sense(arguments, message, tmp_path, capsys):
    assert main(["train", "tales", "--out", str(tmp_path / "new"), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_the_command_refuses_a_file_for_a_folder(tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("mine")
    assert main(["train", "tales", "--out", str(file)]) == 2
    assert "is a file; give a folder" in capsys.readouterr().err
    assert file.read_text() == "mine"
