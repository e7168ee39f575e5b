"""The files that figures compare with are what the command makes, and what they say."""

from __future__ import annotations

import json

import pytest
import torch
import torch.nn.functional as F

from llm_lib.proofs import attention, batches, embeddings, merges, model_map, tokens
from llm_lib.proofs.__main__ import main
from llm_lib.texts import data_dir
from llm_lib.tokenizers import BPETokenizer
from llm_lib.widgets.embedding_explorer import unpack
from llm_lib.widgets.tokenizer_playground import TokenizerPlayground

FOLDER = data_dir() / "proofs"
LARGEST = 20_000  # bytes in all: pages ship them


def shipped(module) -> dict:
    return json.loads((FOLDER / module.FILE).read_text("utf-8"))


@pytest.mark.parametrize("module", [tokens, merges, batches, attention, model_map])
def test_the_shipped_counts_are_what_the_command_makes(module):
    kept = shipped(module)
    assert kept.pop("about") == "made by: python -m llm_lib.proofs"
    assert kept == json.loads(json.dumps(module.build()))


def test_the_shipped_vectors_are_what_the_command_makes():
    kept, made = shipped(embeddings), json.loads(json.dumps(embeddings.build()))
    assert kept["inputs"] == made["inputs"]
    for name in ("layouts", "shares", "positions", "position_shares", "sums"):
        # Another version of PyTorch may differ in the last bit, and so in the last digit kept.
        torch.testing.assert_close(
            torch.tensor(kept[name], dtype=torch.float64),
            torch.tensor(made[name], dtype=torch.float64),
            atol=2e-8,
            rtol=0,
        )
    for ours, theirs in zip(kept["nearest"], made["nearest"], strict=True):
        assert ours["ids"] == theirs["ids"]
        torch.testing.assert_close(
            torch.tensor(ours["cosines"]), torch.tensor(theirs["cosines"]), atol=2e-7, rtol=0
        )


def test_the_command_writes_all_files_and_they_stay_small(tmp_path):
    main(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in FOLDER.iterdir())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < LARGEST


def test_the_texts_are_cut_into_every_vocabulary_that_the_figure_offers():
    sizes = [cut["size"] for cut in shipped(tokens)["cuts"] if cut["unit"] == "bpe"]
    assert sizes == TokenizerPlayground().vocab_sizes


def test_the_trained_merges_are_those_of_the_tokenizer():
    for training in shipped(merges)["trainings"]:
        text = merges.TEXTS[training["text"]]
        size = 256 + len(training["merges"])
        learned = BPETokenizer.train(text, size, tie_break=training["tie_break"])
        pairs = [(learned.vocab[a], learned.vocab[b]) for a, b, *_ in training["merges"]]
        assert pairs == learned.merges


def test_the_batches_show_a_drop_a_rest_a_gap_an_overlap_and_two_shuffles():
    kept = shipped(batches)["cases"]
    rows = [[len(inputs) for inputs, _ in case["batches"]] for case in kept]
    assert any(len(set(sizes)) > 1 for sizes in rows)  # a last batch that is not full, kept
    assert any(case["sums"]["leftOver"] for case in kept)
    settings = [case["setting"] for case in kept]
    assert any(s["stride"] > s["context_size"] for s in settings)
    assert any(s["stride"] < s["context_size"] for s in settings)
    assert len({s["seed"] for s in settings if s["shuffle"]}) == 2


def test_the_cosines_are_pytorchs_own():
    kept = shipped(embeddings)
    for snapshot, nearest in zip(kept["inputs"]["snapshots"], kept["nearest"], strict=True):
        rows = torch.from_numpy(unpack(snapshot))
        own = F.cosine_similarity(rows[:, None], rows[None], dim=-1)
        for i, (ids, cosines) in enumerate(zip(nearest["ids"], nearest["cosines"], strict=True)):
            assert own[i, ids].tolist() == pytest.approx(cosines, abs=1e-8)
