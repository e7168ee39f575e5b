"""llm_lib.bigram: what is learned is what is counted, and nothing beats the counts."""

import math
from collections import Counter
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from llm_lib import bigram
from llm_lib.bigram import (
    BigramModel,
    bigram_entropy,
    bigram_probabilities,
    count_bigrams,
    fit,
)
from llm_lib.datasets import create_dataloader
from llm_lib.token_file import write_token_file

V = 5
BOTH = pytest.mark.parametrize("n_embd", [None, 3])


def some_ids(n=400):
    """A text with strong habits: mostly the token after, at times any."""
    generator = torch.Generator().manual_seed(0)
    ids = [0]
    for jump, anywhere in zip(
        torch.rand(n - 1, generator=generator).tolist(),
        torch.randint(V, (n - 1,), generator=generator).tolist(),
        strict=True,
    ):
        ids.append(anywhere if jump < 0.4 else (ids[-1] + 1) % V)
    return torch.tensor(ids)


# The model


@BOTH
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_shapes(n_embd, leading):
    model = BigramModel(V, n_embd)
    ids = torch.zeros(*leading, 7, dtype=torch.long)
    logits, loss = model(ids)
    assert logits.shape == (*leading, 7, V)
    assert loss is None
    assert model(ids, ids)[1].shape == ()


def test_number_of_parameters():
    def count(model):
        return sum(p.numel() for p in model.parameters())

    assert count(BigramModel(100)) == 100 * 100
    assert count(BigramModel(100, 8)) == 2 * 100 * 8 + 100


def test_logits_are_rows_of_the_table_or_a_low_rank_product():
    ids = torch.tensor([[0, 3, 3]])
    table = BigramModel(V)
    assert torch.equal(table(ids)[0], table.token_embedding.weight[ids])
    low_rank = BigramModel(V, 2)
    whole = low_rank.token_embedding.weight @ low_rank.head.weight.T + low_rank.head.bias
    assert torch.allclose(low_rank(ids)[0], whole[ids])


@BOTH
def test_only_the_current_token_counts(n_embd):
    model = BigramModel(V, n_embd)
    one, other = model(torch.tensor([[0, 1, 2], [4, 4, 2]]))[0]
    assert torch.equal(one[2], other[2])
    assert not torch.equal(one[1], other[1])


@BOTH
def test_loss_by_hand(n_embd):
    model = BigramModel(V, n_embd)
    ids, targets = torch.tensor([[0, 1], [4, 2]]), torch.tensor([[1, 4], [2, 0]])
    logits, loss = model(ids, targets)
    by_hand = 0.0
    for row, answers in zip(logits.tolist(), targets.tolist(), strict=True):
        for scores, answer in zip(row, answers, strict=True):
            by_hand -= math.log(math.exp(scores[answer]) / sum(math.exp(s) for s in scores)) / 4
    assert loss.item() == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("n_embd", [None, 32])
def test_an_untrained_model_is_as_good_as_a_uniform_guess(n_embd):
    torch.manual_seed(0)
    ids = torch.randint(512, (4, 500))
    _, loss = BigramModel(512, n_embd)(ids[:, :-1], ids[:, 1:])
    assert loss.item() == pytest.approx(math.log(512), abs=0.03)


def test_targets_of_another_shape():
    with pytest.raises(ValueError, match=r"targets has shape \(2,\) and ids \(3,\)"):
        BigramModel(V)(torch.tensor([0, 1, 2]), torch.tensor([1, 2]))


# Writing


@BOTH
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_generate_continues_every_row(n_embd, leading):
    ids = torch.ones(*leading, 4, dtype=torch.long)
    written = BigramModel(V, n_embd).generate(ids, 6)
    assert written.shape == (*leading, 10)
    assert torch.equal(written[..., :4], ids)
    assert written.min() >= 0 and written.max() < V


def test_the_generator_decides():
    model = BigramModel(V)

    def write(seed):
        generator = torch.Generator().manual_seed(seed)
        return model.generate(torch.zeros(1, dtype=torch.long), 40, generator=generator)

    torch.manual_seed(1)
    first = write(7)
    torch.manual_seed(2)
    assert torch.equal(write(7), first)
    assert not torch.equal(write(8), first)


def circle_model(strength):
    """Token a is followed by a + 1, the more surely the greater the strength."""
    model = BigramModel(V)
    with torch.no_grad():
        model.token_embedding.weight.copy_(strength * torch.eye(V).roll(1, dims=1))
    return model


def test_temperature_zero_takes_the_likeliest_token():
    written = circle_model(0.1).generate(torch.tensor([0]), 6, temperature=0)
    assert written.tolist() == [0, 1, 2, 3, 4, 0, 1]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_draws_follow_the_distribution(temperature):
    generator = torch.Generator().manual_seed(0)
    starts = torch.zeros(20_000, 1, dtype=torch.long)
    drawn = circle_model(1.0).generate(starts, 1, temperature, generator)[:, 1]
    share = (drawn == 1).double().mean().item()
    weight = math.exp(1 / temperature)
    assert share == pytest.approx(weight / (weight + V - 1), abs=0.015)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.empty(2, 0, dtype=torch.long), 1), "ids is empty; .* needs a token to start from"),
        ((torch.tensor(3), 1), "ids is empty"),
        ((torch.tensor([0]), -1), "max_new_tokens is -1; it must be 0 or more"),
        ((torch.tensor([0]), 1, -0.5), "temperature is -0.5; it must be 0"),
        ((torch.tensor([0]), 1, math.nan), "temperature is nan"),
    ],
)
def test_generate_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        BigramModel(V).generate(*arguments)


# Learning


def test_the_table_learns_the_counts():
    ids = some_ids()
    model = BigramModel(V)
    history = fit(model, [(ids[:-1], ids[1:])], steps=200, lr=0.1)
    counts = count_bigrams(ids, V)
    learned = F.softmax(model(torch.arange(V))[0], dim=-1).double()
    assert torch.allclose(learned, bigram_probabilities(counts), atol=2e-3)
    floor = bigram_entropy(counts)
    assert floor - 1e-6 <= history[-1][1] < floor + 1e-3


def test_low_rank_comes_near_and_stays_above_the_floor():
    ids = some_ids()
    torch.manual_seed(0)
    history = fit(BigramModel(V, 2), [(ids[:-1], ids[1:])], steps=200, lr=0.1)
    floor = bigram_entropy(count_bigrams(ids, V))
    assert floor < history[-1][1] < math.log(V) - 0.2


def test_history_is_every_so_many_steps_and_the_last():
    ids = some_ids()
    batch = (ids[:-1], ids[1:])
    model = BigramModel(V)
    before = model(*batch)[1].item()
    history = fit(model, [batch], steps=12, log_every=5)
    assert [step for step, _ in history] == [0, 5, 10, 11]
    assert history[0][1] == before
    assert history[-1][1] < before


def test_the_learning_rate_falls_in_a_straight_line(monkeypatch):
    rates = []

    class Recorder(torch.optim.AdamW):
        def step(self, closure=None):
            rates.append(self.param_groups[0]["lr"])
            return super().step(closure)

    monkeypatch.setattr(torch.optim, "AdamW", Recorder)
    fit(BigramModel(V), [(torch.tensor([0]), torch.tensor([1]))], steps=4, lr=0.8)
    assert rates == pytest.approx([0.8, 0.6, 0.4, 0.2])


def test_a_loader_is_gone_through_again_and_the_seed_decides():
    def train(seed):
        torch.manual_seed(0)
        loader = create_dataloader(some_ids(), 8, batch_size=4, seed=seed)  # 12 batches
        return fit(BigramModel(V, 2), loader, steps=30, log_every=10)

    assert train(1) == train(1)
    assert train(1) != train(2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be a whole number"),
        ({"steps": 1, "lr": 0}, "lr is 0; it must be above 0"),
        ({"steps": 1, "lr": math.inf}, "lr is inf; it must be above 0"),
        ({"steps": 1, "batches": []}, "batches is empty"),
        ({"steps": 3, "batches": iter([(torch.tensor([0]), torch.tensor([1]))])}, "used up"),
    ],
)
def test_fit_refuses(options, message):
    batches = [(torch.tensor([0]), torch.tensor([1]))]
    with pytest.raises(ValueError, match=message):
        fit(BigramModel(V), **{"batches": batches, **options})


def test_a_loss_that_is_not_finite_stops_the_run():
    model = BigramModel(V)
    with torch.no_grad():
        model.token_embedding.weight[0, 0] = math.nan
    with pytest.raises(RuntimeError, match="the loss is nan at step 0: lower lr"):
        fit(model, [(torch.tensor([0]), torch.tensor([1]))], steps=1)


# Counting


def test_counts_by_hand():
    counts = count_bigrams([0, 1, 1, 0, 1], vocab_size=3)
    assert counts.tolist() == [[0, 2, 0], [1, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize("form", ["list", "range", "tensor", "file"])
def test_counts_in_chunks_equal_a_counter(form, chunk, tmp_path, monkeypatch):
    monkeypatch.setattr(bigram, "CHUNK", chunk)
    ids = list(range(9)) if form == "range" else some_ids(100).tolist()
    tokens = {
        "list": lambda: ids,
        "range": lambda: range(9),
        "tensor": lambda: torch.tensor(ids, dtype=torch.int32),
        "file": lambda: write_token_file(tmp_path / "tokens", ids, 9),
    }[form]()
    counts = count_bigrams(tokens, vocab_size=9)
    expected = Counter(pairwise(ids))
    assert {(a, b): counts[a, b].item() for a, b in expected} == expected
    assert counts.sum() == len(ids) - 1


@pytest.mark.parametrize("chunk", [2, 1 << 20])
def test_pairs_do_not_cross_rows(chunk, monkeypatch):
    monkeypatch.setattr(bigram, "CHUNK", chunk)
    rows = torch.tensor([[[0, 1, 0, 1], [2, 2, 2, 2]]])
    assert count_bigrams(rows, 3).tolist() == [[0, 2, 0], [1, 0, 0], [0, 0, 3]]


@pytest.mark.parametrize("wrong", [-1, 3])
def test_counting_an_id_out_of_range(wrong):
    with pytest.raises(ValueError, match=f"token id {wrong} is not in the vocabulary.* 0 to 2"):
        count_bigrams([0, wrong, 1], 3)


def test_counting_needs_a_pair_and_a_table_that_fits():
    for ids in ([], [1]):
        with pytest.raises(ValueError, match=f"{len(ids)} tokens make no pair"):
            count_bigrams(ids, 3)
    with pytest.raises(ValueError, match=r"vocab_size is 50257: .* 2,525,766,049 numbers"):
        count_bigrams([0, 1], 50_257)


# Entropy


def test_entropy_by_hand():
    # After 0 comes 1 (twice of two: no doubt); after 1 comes 0 or 1, evenly: ln 2.
    counts = torch.tensor([[0, 2], [1, 1]])
    assert bigram_entropy(counts) == pytest.approx(math.log(2) / 2)


def test_entropy_is_the_loss_of_the_counted_table():
    ids = some_ids()
    counts = count_bigrams(ids, V)
    log_probabilities = bigram_probabilities(counts, smoothing=0.5).log()
    loss = F.cross_entropy(log_probabilities[ids[:-1]], ids[1:]).item()
    assert bigram_entropy(counts, smoothing=0.5) == pytest.approx(loss)
    assert bigram_entropy(counts, smoothing=0.5) > bigram_entropy(counts)


def test_no_other_table_beats_the_counts():
    counts = count_bigrams(some_ids(), V)
    best = bigram_probabilities(counts)
    for seed in range(20):
        noise = torch.rand(V, V, generator=torch.Generator().manual_seed(seed), dtype=torch.double)
        other = best * 0.9 + 0.1 * noise / noise.sum(1, keepdim=True)
        loss = -(counts * other.log()).sum() / counts.sum()
        assert loss.item() > bigram_entropy(counts)


def test_probabilities():
    counts = torch.tensor([[3, 1], [0, 0]])
    assert bigram_probabilities(counts).tolist() == [[0.75, 0.25], [0.5, 0.5]]
    assert bigram_probabilities(counts, 1).tolist() == [[4 / 6, 2 / 6], [0.5, 0.5]]


def test_held_out_text():
    counts, held_out = torch.tensor([[3, 1], [0, 2]]), torch.tensor([[1, 1], [0, 2]])
    by_hand = -(math.log(0.75) + math.log(0.25)) / 4
    assert bigram_entropy(counts, held_out=held_out) == pytest.approx(by_hand)


def test_a_pair_never_seen_costs_everything_without_smoothing():
    counts, held_out = torch.tensor([[3, 1], [0, 2]]), torch.tensor([[0, 0], [1, 0]])
    assert bigram_entropy(counts, held_out=held_out) == math.inf
    assert bigram_entropy(counts, 1, held_out) == pytest.approx(math.log(4))


def test_entropy_refuses():
    counts = torch.ones(2, 2)
    with pytest.raises(ValueError, match="all counts are 0"):
        bigram_entropy(torch.zeros(2, 2))
    with pytest.raises(ValueError, match=r"held_out has shape \(3, 3\) and counts \(2, 2\)"):
        bigram_entropy(counts, held_out=torch.ones(3, 3))
    for smoothing in (-1, math.nan):
        with pytest.raises(ValueError, match=f"smoothing is {smoothing}; it must be 0 or more"):
            bigram_entropy(counts, smoothing)
