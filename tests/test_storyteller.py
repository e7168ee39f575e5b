"""Storyteller as it is shipped: what its card says is so, and others can load it."""

import csv
import json

import pytest
import tokenizers
import torch
from transformers import GPT2LMHeadModel

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.gpt2_tensors import to_tensors
from llm_lib.gpt_config import GPTConfig
from llm_lib.tales import texts
from llm_lib.texts import data_dir
from llm_lib.tokenizers import BPETokenizer
from llm_lib.training.evaluation import WholeStories, grade_tales
from llm_lib.training.replay import load_replay, quantized_weights
from llm_lib.training.storyteller import REPLAY, Recipe
from llm_lib.widgets.models import model_script

FOLDER = data_dir() / "storyteller"
TOKENIZER = book_tokenizer(1024)


@pytest.fixture(scope="module")
def storyteller() -> GPT:
    return GPT.from_pretrained(FOLDER)


@pytest.fixture(scope="module")
def card() -> dict:
    return json.loads((FOLDER / "card.json").read_text())


def test_it_is_the_config_of_that_name(storyteller):
    assert storyteller.config == GPTConfig.from_name("storyteller")


def test_it_is_within_5_percent_of_the_floor_on_whole_stories(storyteller, card):
    stories = WholeStories(TOKENIZER, storyteller.config.block_size, n=100, split="test", seed=7)
    assert stories.floor < stories.loss(storyteller) < 1.05 * stories.floor
    for split in ("validation", "test"):
        assert 1 < card[split]["ratio"] < 1.05
        assert card[split]["ratio"] == pytest.approx(
            card[split]["loss"] / card[split]["floor"], 1e-3
        )


def test_95_of_100_tales_keep_their_facts_straight(storyteller, card):
    found = card["temperature_1.0"]
    assert found["written"] == 1000
    assert found["straight"] >= 950
    # Another seed than the card's. Of a hundred tales at 0.95, fewer than 87 are straight once in
    # two thousand times.
    assert grade_tales(storyteller, TOKENIZER, n=100, seed=5000).straight >= 87


def test_the_snapshots_are_those_of_the_curve(card):
    """Loaded again, the model of each snapshot has the loss that the log has for its step."""
    with (FOLDER / "log.csv").open() as file:
        logged = {int(row["step"]): float(row["validation_loss"]) for row in csv.DictReader(file)}
    stories = WholeStories(TOKENIZER, 256, n=40)
    losses = [
        stories.loss(load_replay(FOLDER, step, GPTConfig.from_name("storyteller")))
        for step in REPLAY
    ]
    # Forty stories, not the log's five hundred, and one byte for each weight.
    assert losses == pytest.approx([logged[step] for step in REPLAY], rel=0.1)
    assert losses == sorted(losses, reverse=True)


def test_the_card_names_the_recipe_of_the_command(card):
    assert card["recipe"] == vars(Recipe())


def test_transformers_and_tokenizers_load_it_unchanged(storyteller):
    theirs = GPT2LMHeadModel.from_pretrained(FOLDER).eval()
    tokenizer = tokenizers.Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    for text in texts(3, seed=3, split="test"):
        ids = tokenizer.encode(text).ids
        assert ids == TOKENIZER.encode(text)
        row = torch.tensor([[1023, *ids]])
        with torch.inference_mode():
            difference = storyteller(row)[0] - theirs(row).logits
        assert difference.abs().max() < 1e-4


def test_its_tokenizer_is_the_books(storyteller):
    tokenizer = BPETokenizer.load(FOLDER / "tokenizer.json")
    assert tokenizer.vocab == TOKENIZER.vocab
    assert tokenizer.to_tiktoken().n_vocab == storyteller.config.vocab_size


def test_its_weights_are_those_of_the_page(storyteller):
    for name, tensor in quantized_weights(storyteller).tensors().items():
        assert torch.allclose(tensor, to_tensors(storyteller)[name], rtol=1e-6, atol=0), name


def test_it_fits_in_2_megabytes_of_page():
    assert len(model_script("storyteller", FOLDER)) <= 2_000_000


def test_the_log_ends_at_the_last_step_of_the_recipe():
    with open(FOLDER / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert int(rows[0]["step"]) == 0
    assert int(rows[-1]["step"]) == Recipe().steps
    assert float(rows[-1]["validation_loss"]) < 1.05 * float(rows[-1]["floor"])
