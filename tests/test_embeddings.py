"""llm_lib.embeddings against nn.Embedding, one-hot products, numpy and the paper's formula."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from llm_lib.embeddings import (
    InputEmbedding,
    PositionalEmbedding,
    TokenEmbedding,
    nearest_neighbours,
    pca,
    sinusoidal_positions,
)

LEADING = [(), (3,), (2, 3)]


def random_ids(*shape, vocab_size=11):
    return torch.randint(vocab_size, shape, generator=torch.Generator().manual_seed(0))


# Tokens


@pytest.mark.parametrize("leading", LEADING)
@pytest.mark.parametrize("dtype", [torch.int64, torch.int32])
def test_token_embedding_equals_nn_embedding_and_a_one_hot_product(leading, dtype):
    embedding = TokenEmbedding(11, 4)
    reference = nn.Embedding.from_pretrained(embedding.weight.detach().clone(), freeze=False)
    ids = random_ids(*leading, 5)
    vectors = embedding(ids.to(dtype))
    assert vectors.shape == (*leading, 5, 4)
    assert torch.equal(vectors, reference(ids))
    assert torch.allclose(vectors, F.one_hot(ids, 11).float() @ embedding.weight)


def test_token_embedding_has_the_gradient_of_nn_embedding():
    embedding = TokenEmbedding(11, 4)
    reference = nn.Embedding.from_pretrained(embedding.weight.detach().clone(), freeze=False)
    ids = torch.tensor([[1, 1, 3]])
    embedding(ids).square().sum().backward()
    reference(ids).square().sum().backward()
    assert torch.equal(embedding.weight.grad, reference.weight.grad)


def test_initial_scales_are_those_of_gpt2():
    torch.manual_seed(0)
    embedding = InputEmbedding(1000, 1000, 50)
    assert embedding.token.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert embedding.position.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert abs(embedding.token.weight.mean().item()) < 1e-3


@pytest.mark.parametrize("wrong", [-1, 11, 10**9])
def test_an_id_out_of_range_is_named(wrong):
    with pytest.raises(IndexError, match=rf"token id {wrong} .* ids run from 0 to 10\. Use"):
        TokenEmbedding(11, 4)(torch.tensor([[0, 10], [wrong, 3]]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.uint16])
def test_ids_of_the_wrong_type(dtype):
    with pytest.raises(TypeError, match=rf"ids has dtype {dtype}; .* pass ids.long\(\)"):
        TokenEmbedding(11, 4)(torch.ones(3).to(dtype))


def test_the_range_check_never_reads_the_ids():
    # On the meta device there are no values: reading one, as a check on a GPU would, raises.
    with torch.device("meta"):
        embedding = InputEmbedding(11, 8, 4)
        assert embedding(torch.zeros(2, 5, dtype=torch.long)).shape == (2, 5, 4)


def test_one_graph_under_compile():
    embedding = InputEmbedding(11, 8, 4)
    compiled = torch.compile(embedding, backend="eager", fullgraph=True)
    ids = random_ids(2, 5)
    assert torch.equal(compiled(ids), embedding(ids))


# Positions and the sum


def test_positions_equal_nn_embedding_of_a_range():
    embedding = PositionalEmbedding(8, 4)
    reference = nn.Embedding.from_pretrained(embedding.weight.detach())
    assert torch.equal(embedding(5), reference(torch.arange(5)))
    assert torch.equal(embedding(5, start=3), reference(torch.arange(3, 8)))


@pytest.mark.parametrize("leading", LEADING)
def test_input_embedding_is_the_sum(leading):
    embedding = InputEmbedding(11, 8, 4)
    ids = random_ids(*leading, 5)
    x = embedding(ids)
    assert x.shape == (*leading, 5, 4)
    assert torch.equal(x, embedding.token.weight[ids] + embedding.position.weight[:5])


def test_reading_in_pieces_equals_reading_at_once():
    embedding = InputEmbedding(11, 8, 4)
    ids = random_ids(2, 8)
    pieces = [embedding(ids[:, :3]), embedding(ids[:, 3:], start=3)]
    assert torch.equal(torch.cat(pieces, dim=1), embedding(ids))


def test_dropout_only_while_training():
    embedding = InputEmbedding(11, 8, 4, dropout=0.5)
    ids = random_ids(8)
    assert (embedding(ids) == 0).any()
    assert not (embedding.eval()(ids) == 0).any()


@pytest.mark.parametrize(("length", "start"), [(9, 0), (5, 4), (1, 8), (2, -1)])
def test_positions_that_the_table_lacks(length, start):
    with pytest.raises(
        ValueError,
        match=rf"{length} tokens from position {start} do not fit in block_size 8",
    ):
        InputEmbedding(11, 8, 4)(torch.zeros(2, length, dtype=torch.long), start)


@pytest.mark.parametrize("value", [0, -3, 1.5, True])
@pytest.mark.parametrize("name", ["vocab_size", "block_size", "n_embd"])
def test_sizes_below_one_or_not_whole(name, value):
    with pytest.raises(ValueError, match=rf"{name} is {value}; it must be a whole number"):
        InputEmbedding(**{"vocab_size": 11, "block_size": 8, "n_embd": 4, name: value})


def test_repr_shows_the_sizes():
    assert "(token): TokenEmbedding(vocab_size=11, n_embd=4)" in repr(InputEmbedding(11, 8, 4))
    assert repr(PositionalEmbedding(8, 4)) == "PositionalEmbedding(block_size=8, n_embd=4)"


def test_sinusoidal_positions_equal_the_formula_of_the_paper():
    table = sinusoidal_positions(2000, 6)
    assert table.shape == (2000, 6) and table.dtype == torch.float32
    for position in (0, 1, 1999):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert table[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert table[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_a_step_is_a_rotation_wherever_it_starts():
    # The reason the authors give for the choice: position + k is a linear function of position.
    table = sinusoidal_positions(64, 8).double()
    step = torch.linalg.lstsq(table[:-5], table[5:]).solution  # (C, C)
    assert torch.allclose(table[:-5] @ step, table[5:], atol=1e-5)


def test_sinusoidal_positions_need_an_even_width():
    with pytest.raises(ValueError, match=r"n_embd is 7; it must be even.*use 8"):
        sinusoidal_positions(4, 7)


# Looking at a trained table


def test_nearest_neighbours_equal_cosine_similarity():
    weight = nn.Parameter(torch.randn(30, 5, generator=torch.Generator().manual_seed(1)))
    cosines = F.cosine_similarity(weight[None], weight[7:8, None], dim=-1)[0].detach()
    cosines[7] = -2
    expected = cosines.topk(4)
    found = nearest_neighbours(weight, 7, k=4)
    assert [i for i, _ in found] == expected.indices.tolist()
    assert [c for _, c in found] == pytest.approx(expected.values.tolist(), abs=1e-6)


def test_neighbours_by_direction_not_length_and_ties_by_id():
    weight = torch.tensor([[1.0, 0.0], [0.0, 0.0], [9.0, 0.0], [3.0, 0.0], [-1.0, 0.0], [1.0, 1.0]])
    found = nearest_neighbours(weight, 0, k=5)
    assert [i for i, _ in found] == [2, 3, 5, 1, 4]
    assert [c for _, c in found] == pytest.approx([1, 1, math.sqrt(0.5), 0, -1])
    assert [i for i, _ in nearest_neighbours(torch.ones(2000, 1), 5, k=4)] == [0, 1, 2, 3]


def test_neighbours_out_of_range():
    weight = torch.eye(4)
    with pytest.raises(IndexError, match=r"token id 4 .* from 0 to 3"):
        nearest_neighbours(weight, 4)
    for k in (0, 4):
        with pytest.raises(ValueError, match=f"k is {k}; with 4 rows it must be from 1 to 3"):
            nearest_neighbours(weight, 0, k=k)


def test_pca_equals_the_eigenvectors_of_the_covariance():
    weight = torch.randn(50, 6, generator=torch.Generator().manual_seed(2))
    weight[:, 3] += 4 * weight[:, 1]
    result = pca(weight, n_components=3)
    values, vectors = np.linalg.eigh(np.cov(weight.double().numpy(), rowvar=False))
    expected = vectors[:, ::-1][:, :3].T
    overlap = (result.components.numpy() * expected).sum(axis=1)
    assert np.abs(overlap) == pytest.approx([1, 1, 1])
    assert result.variance_share.tolist() == pytest.approx(values[::-1][:3] / values.sum())
    centred = weight.double() - weight.double().mean(0)
    assert torch.allclose(result.coordinates, centred @ result.components.T)
    assert result.coordinates.var(0).tolist() == pytest.approx(values[::-1][:3])


def test_the_sign_of_a_component_is_fixed():
    weight = torch.randn(50, 6, generator=torch.Generator().manual_seed(3))
    result, mirrored = pca(weight, 6), pca(-weight, 6)
    assert torch.allclose(result.components, mirrored.components)
    assert torch.allclose(result.coordinates, -mirrored.coordinates)
    for component in result.components:
        assert component[component.abs().argmax()] > 0


def test_pca_of_points_that_do_not_differ():
    result = pca(nn.Parameter(torch.ones(4, 3)))
    assert not result.coordinates.requires_grad
    assert result.coordinates.abs().max() == 0
    assert result.variance_share.tolist() == [0, 0]


@pytest.mark.parametrize("n_components", [0, 4])
def test_pca_with_more_components_than_the_points_allow(n_components):
    with pytest.raises(ValueError, match=rf"n_components is {n_components}; \(3, 8\) .* 1 to 3"):
        pca(torch.randn(3, 8), n_components)
