"""The figures of Part I prove their numbers, and notice a wrong one."""

from __future__ import annotations

import json

import pytest
import torch
from playwright.sync_api import Page, expect

from llm_lib.embeddings import sinusoidal_positions
from llm_lib.texts import data_dir
from llm_lib.widgets.batch_explorer import BatchExplorer
from llm_lib.widgets.bpe_merges import BPEMerges
from llm_lib.widgets.embedding_explorer import EmbeddingExplorer
from llm_lib.widgets.tokenizer_playground import TokenizerPlayground

EXACTLY = "The largest difference is 0; only 0 counts as equal."


def prove(page: Page) -> list[list[str]]:
    """Presses the button, waits for "Equal", and returns the table's rows."""
    page.get_by_role("button", name="Prove it").click()
    expect(page.locator(".llm-proof-verdict")).to_contain_text("Equal: computed in this page")
    rows = page.locator(".llm-proof tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def shipped(name: str) -> dict:
    return json.loads((data_dir() / "proofs" / f"{name}.json").read_text("utf-8"))


def verdict(page: Page) -> str:
    return page.locator(".llm-proof-verdict").inner_text()


def head(page: Page) -> list[str]:
    return page.locator(".llm-proof thead th").all_inner_texts()


def test_the_playground_has_the_ids_of_tiktoken(mount):
    page = mount(TokenizerPlayground(follow=False))
    rows = prove(page)
    n_texts = len(shipped("tokens")["texts"])
    n_ids = [sum(map(len, cut["ids"])) for cut in shipped("tokens")["cuts"]]
    assert rows == [
        [f"characters: how many, and the sum of their ids, in {n_texts} texts", "0"],
        [f"bytes: how many, and the sum of their ids, in {n_texts} texts", "0"],
        [f"words: {n_ids[0]} ids of {n_texts} texts", "0"],
        [f"BPE, vocabulary of 512: {n_ids[1]} ids of {n_texts} texts", "0"],
        [f"BPE, vocabulary of 1024: {n_ids[2]} ids of {n_texts} texts", "0"],
        [f"BPE, vocabulary of 2048: {n_ids[3]} ids of {n_texts} texts", "0"],
    ]
    assert "compared with tiktoken and llm_lib in 6 places. " + EXACTLY in verdict(page)
    assert head(page) == ["What", "Numbers that differ"]


def test_the_merges_are_those_of_the_library(mount):
    page = mount(BPEMerges())
    rows = prove(page)
    assert rows[:2] == [
        ["12 merges of “The lamplighter…”, ties to the greater bytes", "0"],
        ["12 merges of “The lamplighter…”, ties to the first in the text", "0"],
    ]
    assert [count for _, count in rows] == ["0"] * len(shipped("merges")["trainings"])
    assert verdict(page).endswith(EXACTLY)
    assert head(page) == ["What", "Merges that differ"]


def test_the_batches_are_those_of_pytorch(mount):
    page = mount(BatchExplorer())
    rows = prove(page)
    assert rows[0] == ["context 4, stride 4, batches of 2: 32 ids", "0"]
    assert rows[-1] == ["predictions, distinct targets, tokens left over", "0"]
    assert [count for _, count in rows] == ["0"] * (len(shipped("batches")["cases"]) + 1)
    assert "compared with PyTorch's DataLoader in 7 places. " + EXACTLY in verdict(page)


def test_the_vectors_are_read_as_pytorch_reads_them(mount):
    snapshots = [("after", torch.eye(4).tolist())]
    figure = EmbeddingExplorer(list("abcd"), snapshots, positions=sinusoidal_positions(4, 4))
    page = mount(figure)
    rows = dict(prove(page))
    exact = [name for name in rows if name.endswith(": which")]
    assert [rows[name] for name in exact] == ["0", "0"] and len(rows) == 9
    assert all("10⁻" in rows[name] for name in rows if name not in exact)
    assert "up to 10⁻⁶ counts as equal" in verdict(page)


# In each file one number, wrong by one, in the row of that name.
SPOILT = {
    "tokens": ("proveTokens", "proof.cuts[2].ids[1][0] += 1", "BPE, vocabulary of 1024"),
    "merges": ("proveMerges", "proof.trainings[1].merges[3][2] += 1", "ties to the first"),
    "batches": ("proveBatches", "proof.cases[4].batches[0][1][2][0] += 1", "shuffled with seed 0"),
    "embeddings": ("proveEmbeddings", "proof.layouts[0][2][1] += 1", "places of the tokens"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_one_wrong_number_is_noticed_where_it_is(engine, name):
    prove, spoil, label = SPOILT[name]
    module = f"engine/{name}_proof.js"
    page = engine(module, f"asset:proofs/{name}.json")
    found = page.evaluate(
        f"""() => {{
          const proof = book("asset:proofs/{name}.json").value;
          {spoil};
          return book("{module}").{prove}();
        }}"""
    )
    wrong = [row["label"] for row in found["rows"] if row["difference"] > found["tolerance"]]
    assert found["largest"] == pytest.approx(1)
    assert len(wrong) == 1 and label in wrong[0]


def test_counts_that_differ_are_written_whole(engine):
    page = engine("ui/proof.js", "ui/figure.js")
    page.evaluate(
        """() => {
          const rows = [{ label: "ids", difference: 12345 }];
          const found = { rows, largest: 12345, tolerance: 0, against: "PyTorch" };
          const { drawTable } = book("ui/figure.js");
          const { button, panel } = book("ui/proof.js").proof(async () => found, drawTable);
          document.querySelector("main").append(button, panel);
        }"""
    )
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_role("status")).to_have_text(
        "Not equal: computed in this page and compared with PyTorch in 1 place. "
        "The largest difference is 12\u202f345; only 0 counts as equal."
    )
    assert page.locator("td").inner_text() == "12\u202f345"
