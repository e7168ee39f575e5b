"""Tales told with their odds, as targets of training."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.tales import texts
from llm_lib.tales.odds import TokenOdds
from llm_lib.tales.splits import story_seed
from llm_lib.training.told import ToldTales, ToldWindows, emphasized
from llm_lib.training.windows import StoryWindows

TOKENIZER = book_tokenizer(1024)
END = 1023


@pytest.fixture(scope="module")
def told() -> ToldTales:
    return ToldTales(TOKENIZER, 30, seed=1, emphasis={"place": 7})


def test_the_tokens_are_those_of_the_texts(told):
    assert told.tokens.dtype == torch.uint16
    tales = TOKENIZER.decode(told.tokens.long().tolist()).split("<|endoftext|>")
    assert tales == [*texts(30, seed=1, split="train"), ""]


def test_targets_are_the_odds_of_the_grammar_times_their_emphasis(told):
    teller = TokenOdds(TOKENIZER.encode, TOKENIZER.decode)
    first = teller.tell(story_seed(1, 0))
    length = len(first.ids)
    targets = told.targets(torch.arange(length + 1))  # (T, V)
    counts = [*emphasized(first, {"place": 7}), 1]
    for at, token in enumerate([*first.ids, END]):
        odds = first.odds.get(at, ((token, 1.0),))
        wanted = torch.zeros(1024)
        for other, share in odds:
            wanted[other] = share * counts[at]
        assert torch.allclose(targets[at], wanted), at
    assert set(counts) == {1, 7}
    assert len(first.odds) > 10


def test_what_names_a_place_counts_as_often_as_asked():
    teller = TokenOdds(TOKENIZER.encode, TOKENIZER.decode)
    seen = 0
    for seed in range(20):
        tale = teller.tell(seed)
        counts = emphasized(tale, {"place": 7, "name": 2})
        for said in tale.tale.mentions:
            covering = [
                int(count)
                for start, token, count in zip(tale.starts, tale.ids, counts, strict=True)
                if start < said.end and start + len(TOKENIZER.decode([token])) > said.start
            ]
            if said.kind in ("place", "name"):
                assert min(covering) >= {"place": 7, "name": 2}[said.kind]
                seen += 1
    assert seen > 40
    assert (emphasized(tale, {}) == 1).all()


def test_windows_pair_inputs_with_what_could_follow(told):
    windows = StoryWindows(told.tokens, context_size=40, batch_size=3, separator=END, seed=0)
    inputs, targets = ToldWindows(windows, told).batch(5)
    same, following = windows.batch(5)
    assert torch.equal(inputs, same)
    assert targets.shape == (3, 40, 1024)
    came = targets.gather(-1, following[..., None])[..., 0]
    assert (came > 0).all(), "what came was possible"
    sums = targets.sum(dim=-1)
    assert torch.allclose(sums, sums.round())
    assert sums.max() == 7


def test_a_gpt_takes_shares_for_targets():
    torch.manual_seed(0)
    model = GPT(GPTConfig.from_name("tiny"))
    ids, targets = torch.randint(0, 64, (2, 3, 8))
    logits, loss = model(ids, targets)
    shares = F.one_hot(targets, model.config.vocab_size).float()
    assert torch.allclose(model(ids, shares)[1], loss)
    assert torch.allclose(model(ids, 2 * shares)[1], 2 * loss)
    halves = (shares + shares.roll(1, dims=-1)) / 2
    nats = -(halves * logits.log_softmax(-1)).sum(-1).mean()
    assert torch.allclose(model(ids, halves)[1], nats)
    with pytest.raises(ValueError, match="a probability for every token"):
        model(ids, shares[..., :-1])


def test_nothing_is_drawn_twice_for_another_seed():
    one, other = (ToldTales(TOKENIZER, 3, seed, {}).tokens.numpy() for seed in (1, 2))
    assert not np.array_equal(one[:50], other[:50])


@pytest.mark.parametrize("count", [0, 256, 1.5])
def test_an_emphasis_that_cannot_be_counted_is_refused(count):
    with pytest.raises(ValueError, match=r"emphasis\['place'\]"):
        ToldTales(TOKENIZER, 1, 0, {"place": count})
