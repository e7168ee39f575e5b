"""The exercises of chapter 8, *GPT-2*."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import torch
from torch import Tensor, nn

from llm_lib.checks import gpt_answers as answers
from llm_lib.checks.answers import Answer, call, require_type
from llm_lib.checks.exercise import Exercise, Mistake, WrongAnswer
from llm_lib.checks.tensor_answers import close
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig


def _number(got: Any, given: str) -> float:
    if isinstance(got, Tensor) and got.numel() == 1:
        got = got.item()
    if isinstance(got, bool) or not isinstance(got, Real):
        raise Mistake(f"for {given} you return a {type(got).__name__}; a number is asked for")
    return float(got)


# --- gpt.parameters --------------------------------------------------------------------------


def _grade_parameters(answer: Answer) -> None:
    for name, tied in (("gpt2", True), ("storyteller", True), ("gpt2", False)):
        config = GPTConfig.from_name(name, tie_weights=tied)
        given = f'"{name}", {"tied" if tied else "not tied"},'
        got = _number(call(answer, given, config), given)
        if got == answers.parameters(config):
            continue
        for wrong, words in (
            (
                "always_a_head",
                "the head is counted, and it is tied: the token table was counted before",
            ),
            ("never_a_head", "the head is missing, and here it is a matrix of its own"),
            ("without_positions", "the table of positions is missing"),
            ("without_last_norm", "the norm after the last block is missing"),
            ("of_matrices", "the blocks have biases and norms as well: 13 C each"),
            ("of_one_block", "you count one block, and there are n_layer of them"),
        ):
            if got == getattr(answers, f"parameters_{wrong}")(config):
                raise Mistake(f"for {given} you say {got:,.0f}: {words}")
        way = "too many" if got > answers.parameters(config) else "too few"
        raise Mistake(f"for {given} you say {got:,.0f}, and that is {way}")


# --- gpt.initial_std -------------------------------------------------------------------------

_LAYERS = (
    *("attention.qkv", "attention.projection"),
    *("feed_forward.expand", "feed_forward.projection"),
)


def _grade_initial_std(answer: Answer) -> None:
    for n_layer in (12, 48):
        for name in ("embedding.token", *(f"blocks.3.{layer}" for layer in _LAYERS)):
            given = f'"{name}" of {n_layer} layers'
            _judge_std(_number(call(answer, given, name, n_layer), given), name, n_layer, given)
    given = '"embedding.position"'
    if not math.isclose(_number(call(answer, given, "embedding.position", 12), given), 0.01):
        raise Mistake(f"for {given} your number is not 0.01: places start half as large as tokens")


def _judge_std(got: float, name: str, n_layer: int, given: str) -> None:
    right = answers.initial_std(name, n_layer)
    if math.isclose(got, right, rel_tol=1e-6):
        return
    if not name.endswith("projection"):
        small = math.isclose(got, 0.02 / math.sqrt(2 * n_layer), rel_tol=1e-6)
        words = "it does not write to the stream, and need not start smaller" if small else ""
        raise Mistake(f"for {given} you say {got:.4g}: {words or 'the usual start is 0.02'}")
    for wrong, words in (
        (0.02, "it writes to the stream, and starts as large as any other"),
        (answers.initial_std_once_a_block(name, n_layer), "a block adds to the stream twice"),
        (
            answers.initial_std_not_rooted(name, n_layer),
            "variances add up, not standard deviations: the sum stays too small",
        ),
        (
            answers.initial_std_by_place(name, n_layer),
            "it depends on where the block stands; all n_layer blocks are to start alike",
        ),
    ):
        if math.isclose(got, wrong, rel_tol=1e-6):
            raise Mistake(f"for {given} you say {got:.4g}: {words}")
    raise Mistake(f"for {given} you say {got:.4g}, which does not keep the sum of all additions")


# --- gpt.tie ---------------------------------------------------------------------------------


def _model(seed: int = 0) -> GPT:
    """A small model whose tokens, places and targets all matter, with a head of its own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT(GPTConfig(24, 12, 2, 2, 16, tie_weights=False))
        for parameter in model.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.5)
    return model.eval()


def _grade_tie(answer: Answer) -> None:
    model = _model()
    table, parameters = model.embedding.token.weight.detach().clone(), _size(model)
    own_head = model.head.weight
    given = "a model with a head of its own"
    tied = call(answer, given, model)
    require_type(tied, GPT, "the model")
    head, token = tied.head.weight, tied.embedding.token.weight
    if head is token:
        if not (torch.equal(token, table) or torch.equal(token, _model().head.weight)):
            raise Mistake("head and table are one, but what the model had learned is gone")
        return
    if head.data_ptr() == token.data_ptr():
        raise Mistake(
            f"the two share their numbers but are two parameters: the model still counts "
            f"{parameters:,}, each has a gradient of its own, and an optimizer moves both"
        )
    if torch.equal(head, token):
        what = "still a parameter of its own, filled with" if head is own_head else "a copy of"
        raise Mistake(f"the head is {what} the table: equal now, and different after one step")
    raise Mistake("the numbers of the head are not those of the table")


def _size(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


# --- gpt.loss --------------------------------------------------------------------------------


def _grade_loss(answer: Answer) -> None:
    model = _model()
    ids = torch.randint(24, (3, 9), generator=torch.Generator().manual_seed(1))  # (B, T + 1)
    given = "ids of shape (3, 9)"
    with torch.no_grad():
        got = call(answer, given, model, ids)
        require_type(got, Tensor, "the loss, a tensor with one number")
        if got.ndim:
            raise Mistake(f"for {given} your shape is {tuple(got.shape)}; one number is asked for")
        for wrong, words in (
            ("not_shifted", "the target of each token is the token itself: it is asked to repeat"),
            ("of_the_past", "the targets are the tokens before, and the model has read those"),
            ("rolled", "the last token of a text has the first one as its target"),
            ("two_ahead", "the targets are two tokens ahead"),
            ("summed", "you sum over the predictions; a mean can be compared across batches"),
            ("across_texts", "the target of the last token of a text is the next text's first"),
        ):
            if close(got, getattr(answers, f"loss_{wrong}")(model, ids)):
                raise Mistake(f"for {given}: {words}")
        if not close(got, answers.loss(model, ids)):
            raise Mistake(f"for {given} your loss is not that of the next tokens")


# --- gpt.load --------------------------------------------------------------------------------


def _grade_load(answer: Answer) -> None:
    for name, shape in (
        ("h.0.ln_1.weight", (4,)),
        ("h.0.attn.c_attn.weight", (4, 12)),
        ("h.0.mlp.c_proj.weight", (16, 4)),
        ("h.0.attn.c_proj.weight", (4, 4)),
        ("wte.weight", (9, 4)),
        ("wpe.weight", (4, 4)),
        ("lm_head.weight", (9, 4)),
    ):
        tensor = torch.arange(float(math.prod(shape))).reshape(shape)
        given = f"{name} of shape {shape}"
        got = call(answer, given, name, tensor)
        require_type(got, Tensor, "a tensor")
        if not close(got, answers.load(name, tensor)):
            raise Mistake(f"for {given} {_fault_of_load(got, name, tensor)}")


def _fault_of_load(got: Tensor, name: str, tensor: Tensor) -> str:
    if name.startswith(("wte", "wpe", "lm_head")):
        return "you turn a table: its rows are tokens or places, here and there"
    if close(got, tensor) and tensor.shape[0] == tensor.shape[1]:
        return "you leave it as it is: a square fits both ways, and only one of them is right"
    if close(got, tensor):
        return "you leave it as it is: nn.Linear keeps (outputs, inputs)"
    if got.shape == tensor.T.shape:
        return "the shape is right and the numbers are in the wrong places: that is no transpose"
    return f"your shape is {tuple(got.shape)}"


EXERCISES = {
    "parameters": Exercise(
        task="The number of parameters of any GPT-2, from its config.",
        grade=_grade_parameters,
        reference=answers.parameters,
        wrong=(
            WrongAnswer(answers.parameters_always_a_head, "the head is counted"),
            WrongAnswer(answers.parameters_never_a_head, "the head is missing"),
            WrongAnswer(answers.parameters_without_positions, "the table of positions"),
            WrongAnswer(answers.parameters_without_last_norm, "the norm after the last block"),
            WrongAnswer(answers.parameters_of_matrices, "13 C each"),
            WrongAnswer(answers.parameters_of_one_block, "you count one block"),
        ),
        well_done="to the last number, tied or not.",
    ),
    "initial_std": Exercise(
        task="The standard deviation of a matrix at the start, by its name.",
        grade=_grade_initial_std,
        reference=answers.initial_std,
        wrong=(
            WrongAnswer(
                answers.initial_std_alike, 'attention.projection" of 12 layers you say 0.02'
            ),
            WrongAnswer(answers.initial_std_all_small, "need not start smaller"),
            WrongAnswer(answers.initial_std_once_a_block, "adds to the stream twice"),
            WrongAnswer(answers.initial_std_not_rooted, "variances add up"),
            WrongAnswer(answers.initial_std_by_place, "are to start alike"),
            WrongAnswer(
                answers.initial_std_attention_only,
                'feed_forward.projection" of 12 layers you say 0.02',
            ),
        ),
        well_done="however deep the model, its stream starts at one size.",
    ),
    "tie": Exercise(
        task="Let the head be the token table.",
        grade=_grade_tie,
        reference=answers.tie,
        wrong=(
            WrongAnswer(answers.tie_not_at_all, "are not those of the table"),
            WrongAnswer(answers.tie_copied, "a copy of"),
            WrongAnswer(answers.tie_filled, "filled with"),
            WrongAnswer(answers.tie_same_memory, "two parameters"),
            WrongAnswer(answers.tie_to_nothing, "is gone"),
        ),
        well_done="one tensor under two names, and one gradient from both ends.",
    ),
    "loss": Exercise(
        task="The loss of a model on whole texts.",
        grade=_grade_loss,
        reference=answers.loss,
        wrong=(
            WrongAnswer(answers.loss_not_shifted, "asked to repeat"),
            WrongAnswer(answers.loss_of_the_past, "the tokens before"),
            WrongAnswer(answers.loss_rolled, "the first one as its target"),
            WrongAnswer(answers.loss_two_ahead, "two tokens ahead"),
            WrongAnswer(answers.loss_summed, "you sum"),
            WrongAnswer(answers.loss_across_texts, "the next text's first"),
        ),
        well_done="each token is asked for the one that follows it, and for no other.",
    ),
    "load": Exercise(
        task="A tensor of GPT-2's file, as our layers keep it.",
        grade=_grade_load,
        reference=answers.load,
        wrong=(
            WrongAnswer(answers.load_as_it_is, "nn.Linear keeps (outputs, inputs)"),
            WrongAnswer(answers.load_all_turned, "you turn a table"),
            WrongAnswer(answers.load_where_it_shows, "a square fits both ways"),
            WrongAnswer(answers.load_reshaped, "that is no transpose"),
        ),
        well_done="squares too. Nothing but a comparison of logits would have told.",
    ),
}
