"""The exercises of chapter 7, *The block*."""

from __future__ import annotations

import torch
from torch import Tensor

from llm_lib.checks import block_answers as answers
from llm_lib.checks.answers import Answer, call
from llm_lib.checks.exercise import Exercise, Mistake, wrong_answers
from llm_lib.checks.tensor_answers import close, require_tensor, seeded

MOST_NEURONS = 4


# --- block.layer_norm ------------------------------------------------------------------------


def _grade_layer_norm(answer: Answer) -> None:
    x = 3 * seeded(4, 4, 4) + 2  # (B, T, C), all alike: a wrong axis is not found out by shape
    weight, bias, eps = seeded(4, seed=1), seeded(4, seed=2), 1e-5
    given = "x of shape (4, 4, 4)"
    got = require_tensor(call(answer, given, x, weight, bias, eps), given, (4, 4, 4))
    for name, words in (
        ("over_all", "one mean serves all tokens: each vector of C numbers has its own"),
        ("over_tokens", "the mean is taken over T, so tokens of a text change each other"),
        ("over_batch", "the mean is taken over the batch, so texts change each other"),
        ("unbiased", "your variance is divided by C - 1; layer norm divides by C"),
        ("without_weight", "mean 0 and variance 1 are right; weight and bias have no effect"),
        ("not_rooted", "you divide by the variance, not by the standard deviation"),
    ):
        wrong = getattr(answers, f"layer_norm_{name}")
        if close(got, wrong(x, weight, bias, eps)):
            raise Mistake(f"for {given} {words}")
    if not close(got, answers.layer_norm(x, weight, bias, eps)):
        raise Mistake(f"for {given} your numbers are not those of layer norm")
    _grade_small_vectors(answer, weight, bias)


def _grade_small_vectors(answer: Answer, weight: Tensor, bias: Tensor) -> None:
    equal, small = torch.ones(1, 1, 4), torch.tensor([[[0.001, 0.002, 0.003, 0.004]]])
    given = "four equal numbers"
    got = require_tensor(call(answer, given, equal, weight, bias, 1e-5), given, (1, 1, 4))
    if not torch.isfinite(got).all():
        raise Mistake(f"for {given} you divide 0 by 0: eps is there for this")
    got = torch.as_tensor(answer(small, weight, bias, 1e-5))
    if not close(got, answers.layer_norm(small, weight, bias, 1e-5)):
        raise Mistake(
            "for numbers as small as 0.001 your result is too small or too large: eps is added to "
            "the variance, before the root"
        )


# --- block.parameters ------------------------------------------------------------------------


def _grade_parameters(answer: Answer) -> None:
    for width in (64, 768):
        given = f"n_embd = {width}"
        got = call(answer, given, width)
        if isinstance(got, bool) or not isinstance(got, (int, float)):
            raise Mistake(f"for {given} you return a {type(got).__name__}; a number is asked for")
        right = answers.parameters(width)
        near = {
            12 * width**2: "the matrices are all there; biases and norms are not",
            12 * width**2 + 9 * width: "matrices and biases are right; the norms are missing",
            12 * width**2 + 4 * width: "matrices and norms are right; the biases are missing",
            12 * width**2 + 11 * width: "one norm is missing: a block has two",
            12 * width**2 + 12 * width: "some biases are missing: a linear layer has one for each "
            "of its outputs",
            9 * width**2: "attention has four matrices: its projection is missing",
        }
        if got == right:
            continue
        words = near.get(got, f"the block has {'more' if got < right else 'fewer'}")
        raise Mistake(f"for {given} you say {got:,}: {words}")


# --- block.residual --------------------------------------------------------------------------


def _grade_residual(answer: Answer) -> None:
    x = 3 * seeded(2, 5, 8) + 1  # (B, T, C)
    kept = x.clone()
    matrix = seeded(8, 8, seed=1) / 3
    given = "x of shape (2, 5, 8), a layer norm and a linear part"
    got = require_tensor(call(answer, given, x, _norm, lambda y: y @ matrix), given, (2, 5, 8))
    if not torch.equal(x, kept):
        raise Mistake(f"for {given} you changed x itself: its owner may still need it")
    for wrong, words in (
        (answers.residual_of_normed, "the stream itself is normed: what came in is not in the sum"),
        (answers.residual_post_norm, "that is post-norm: the sum is normed, and not the branch"),
        (answers.residual_none, "what came in is lost: your result is the part's alone"),
        (answers.residual_no_norm, "the part reads the stream as it is, without a norm"),
        (answers.residual_norm_after, "you norm what the part says, not what it reads"),
    ):
        if close(got, wrong(kept, _norm, lambda y: y @ matrix)):
            raise Mistake(f"for {given} {words}")
    if not close(got, answers.residual(kept, _norm, lambda y: y @ matrix)):
        raise Mistake(f"for {given} your sum is not that of a pre-norm block")


def _norm(x: Tensor) -> Tensor:
    return torch.nn.functional.layer_norm(x, x.shape[-1:])


# --- block.larger ----------------------------------------------------------------------------


def _grade_larger(answer: Answer) -> None:
    first, threshold, second = _weights(answer)
    pairs = torch.tensor(
        [
            *[[1.0, 2.0], [2.0, 1.0], [3.0, 3.0], [0.0, 5.0], [-1.0, 2.0], [2.0, -1.0]],
            *[[-1.0, -2.0], [-2.0, -1.0], [40.0, 50.0], [-50.0, -40.0], [0.25, -0.25]],
        ]
    )
    got = ((pairs @ first + threshold).relu() @ second)[:, 0]
    off = (got - pairs.amax(dim=1)).abs() > 1e-4
    if not off.any():
        return
    negative = (pairs < 0).any(dim=1)
    (a, b), said = pairs[off][0].tolist(), got[off][0].item()
    if not off[~negative].any():
        raise Mistake(
            f"right for numbers from 0 up, but for ({a:g}, {b:g}) your layer gives {said:g}: "
            "a negative number does not come through your neurons"
        )
    mean = pairs.mean(dim=1)
    if torch.allclose(got[~negative], mean[~negative]):
        raise Mistake(f"for ({a:g}, {b:g}) your layer gives {said:g}, the mean of the two")
    raise Mistake(f"for ({a:g}, {b:g}) your layer gives {said:g}")


def _weights(answer: Answer) -> tuple[Tensor, Tensor, Tensor]:
    got = call(answer, "larger()")
    if not isinstance(got, tuple) or len(got) != 3:
        raise Mistake("return three tensors: first, threshold, second")
    first, threshold, second = (torch.as_tensor(part, dtype=torch.float32) for part in got)
    n = threshold.numel()
    shapes = f"{tuple(first.shape)}, {tuple(threshold.shape)}, {tuple(second.shape)}"
    if (first.shape, threshold.shape, second.shape) != ((2, n), (n,), (n, 1)):
        raise Mistake(f"your shapes are {shapes}; (2, n), (n,), (n, 1) are asked for")
    if n > MOST_NEURONS:
        raise Mistake(f"your layer has {n} neurons; {MOST_NEURONS} are allowed, and fewer will do")
    return first, threshold, second


EXERCISES = {
    "layer_norm": Exercise(
        task="Norm each vector by itself, then stretch and shift it.",
        grade=_grade_layer_norm,
        reference=answers.layer_norm,
        wrong=wrong_answers(
            (answers.layer_norm_over_all, "one mean serves all tokens"),
            (answers.layer_norm_over_tokens, "taken over T"),
            (answers.layer_norm_over_batch, "taken over the batch"),
            (answers.layer_norm_unbiased, "divided by C - 1"),
            (answers.layer_norm_without_weight, "have no effect"),
            (answers.layer_norm_not_rooted, "not by the standard deviation"),
            (answers.layer_norm_eps_outside, "before the root"),
            (answers.layer_norm_no_eps, "divide 0 by 0"),
        ),
        well_done="each token by itself, divided by C, with eps in its place.",
    ),
    "parameters": Exercise(
        task="Count what a block of width C learns, exactly.",
        grade=_grade_parameters,
        reference=answers.parameters,
        wrong=wrong_answers(
            (answers.parameters_matrices, "biases and norms are not"),
            (answers.parameters_no_norms, "the norms are missing"),
            (answers.parameters_no_biases, "the biases are missing"),
            (answers.parameters_one_norm, "one norm is missing"),
            (answers.parameters_no_projection, "the block has more"),
        ),
        well_done="exact, and two thirds of it are the feed-forward layer.",
    ),
    "residual": Exercise(
        task="Let a part read a normed copy of the stream and add its result.",
        grade=_grade_residual,
        reference=answers.residual,
        wrong=wrong_answers(
            (answers.residual_of_normed, "what came in is not in the sum"),
            (answers.residual_post_norm, "that is post-norm"),
            (answers.residual_none, "what came in is lost"),
            (answers.residual_no_norm, "without a norm"),
            (answers.residual_norm_after, "not what it reads"),
            (answers.residual_in_place, "you changed x itself"),
        ),
        well_done="the norm is on the branch, and the stream goes straight on.",
    ),
    "larger": Exercise(
        task="Choose the weights of a feed-forward layer that gives the larger of two numbers.",
        grade=_grade_larger,
        reference=answers.larger,
        wrong=wrong_answers(
            (answers.larger_mean, "the mean of the two"),
            (answers.larger_positive_only, "does not come through your neurons"),
            (answers.larger_too_wide, "fewer will do"),
            (answers.larger_transposed, "are asked for"),
        ),
        well_done="any two numbers: your neurons compare, and none of them was trained.",
    ),
}
