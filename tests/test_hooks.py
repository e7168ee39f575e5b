"""llm_lib.hooks and llm_lib.attribution: every intermediate read, changed, and accounted for."""

import pytest
import torch

from llm_lib.attribution import logit_attribution
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.hooks import (
    compose,
    intermediate_names,
    record,
    replace,
    silence_head,
    silence_neuron,
    silence_part,
)

CONFIG = GPTConfig(vocab_size=30, block_size=16, n_layer=2, n_head=3, n_embd=12)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = GPT(CONFIG)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model.eval()


def random_ids(*shape, seed=0):
    return torch.randint(30, shape, generator=torch.Generator().manual_seed(seed))


def close(a, b):
    torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


# Reading


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_record_has_every_documented_name_and_shape_in_order(model, leading):
    found = record(model, random_ids(*leading, 5))
    assert tuple(found) == intermediate_names(2)
    wide, stream = (*leading, 3, 5, 4), (*leading, 5, 12)
    shapes = {
        "embedding.position": (5, 12),
        "logits": (*leading, 5, 30),
        **dict.fromkeys(("queries", "keys", "values", "heads"), wide),
        **dict.fromkeys(("scores", "weights"), (*leading, 3, 5, 5)),
        **dict.fromkeys(("hidden", "active"), (*leading, 5, 48)),
    }
    for name, value in found.items():
        short = name if name.startswith("embedding") else name.split(".")[-1]
        assert value.shape == shapes.get(short, stream), name


def test_the_docstring_lists_the_names():
    import llm_lib.hooks

    for name in intermediate_names(1):
        if name not in ("blocks.0.keys", "blocks.0.values"):
            assert f"``{name}``" in llm_lib.hooks.__doc__, name


def test_what_is_recorded_fits_together(model):
    found = record(model, random_ids(6))
    close(found["embedding"], found["embedding.token"] + found["embedding.position"])
    for i in range(2):
        at = {n.removeprefix(f"blocks.{i}."): v for n, v in found.items()}
        close(at["residual_mid"], at["residual_in"] + at["attention"])
        close(at["residual_out"], at["residual_mid"] + at["feed_forward"])
        close(at["norm1"], model.blocks[i].norm1(at["residual_in"]))
        close(at["scores"], at["queries"] @ at["keys"].mT / 2)
        close(at["heads"], at["weights"] @ at["values"])
        assert (at["weights"].triu(1) == 0).all() and (at["scores"].triu(1) != 0).any()
    close(found["logits"], model(random_ids(6))[0])


def test_record_keeps_the_named_ones_only(model):
    found = record(model, random_ids(5), ["logits", "blocks.*.weights"])
    assert set(found) == {"logits", "blocks.0.weights", "blocks.1.weights"}
    assert set(record(model, random_ids(5), "norm")) == {"norm"}


def test_record_leaves_the_model_as_it_was_and_keeps_no_graph():
    model = GPT(GPTConfig.from_name("tiny", dropout=0.5)).train()
    first, second = (record(model, random_ids(5), "logits")["logits"] for _ in range(2))
    assert torch.equal(first, second) and not first.requires_grad
    assert model.training
    with pytest.raises(IndexError):
        record(model, torch.tensor([10_000]))
    assert model.training
    model.eval()
    record(model, random_ids(5))
    assert not model.training


@pytest.mark.parametrize("wrong", ["blocks.2.heads", "blocks.0.head", "logit", "*.nothing"])
def test_an_unknown_name_lists_what_exists(model, wrong):
    message = (
        r"no intermediate is named '.*'. There are embedding.token, .*, logits; and "
        r"blocks.i.residual_in, .norm1, .* with i from 0 to 1."
    )
    with pytest.raises(ValueError, match=message):
        record(model, random_ids(5), [wrong])
    edit = replace(wrong, torch.zeros(()))
    for _ in range(2):  # it complains every time
        with pytest.raises(ValueError, match=message):
            model(random_ids(5), hook=edit)


def test_an_edit_complains_at_each_model_anew(model):
    edit = silence_head(1, 0)
    model(random_ids(5), hook=edit)
    shallow = GPT(GPTConfig(vocab_size=30, block_size=16, n_layer=1, n_head=3, n_embd=12))
    with pytest.raises(ValueError, match=r"no intermediate is named 'blocks.1.heads'"):
        shallow(random_ids(5), hook=edit)


# Changing


def test_silencing_a_head_equals_cutting_its_columns_off(model):
    ids = random_ids(2, 6)
    silenced = model(ids, hook=silence_head(1, 2))[0]
    assert not torch.allclose(silenced, model(ids)[0])
    with torch.no_grad():
        model.blocks[1].attention.projection.weight[:, 8:12] = 0
    close(silenced, model(ids)[0])


def test_silencing_a_neuron_equals_cutting_what_it_writes(model):
    ids = random_ids(2, 6)
    silenced = model(ids, hook=silence_neuron(0, 47))[0]
    assert not torch.allclose(silenced, model(ids)[0])
    with torch.no_grad():
        model.blocks[0].feed_forward.projection.weight[:, 47] = 0
    close(silenced, model(ids)[0])


@pytest.mark.parametrize("part", ["attention", "feed_forward"])
def test_silencing_a_part_leaves_the_stream_alone(model, part):
    found = record(model, random_ids(6), hook=silence_part(1, part))
    before, after = {
        "attention": ("residual_in", "residual_mid"),
        "feed_forward": ("residual_mid", "residual_out"),
    }[part]
    assert torch.equal(found[f"blocks.1.{before}"], found[f"blocks.1.{after}"])
    assert (found[f"blocks.1.{part}"] == 0).all()
    whole = record(model, random_ids(6))
    close(found["blocks.1.residual_in"], whole["blocks.1.residual_in"])
    assert not torch.allclose(found["logits"], whole["logits"])


def test_an_edit_does_not_touch_what_was_recorded_before(model):
    before = record(model, random_ids(6))
    copies = {name: value.clone() for name, value in before.items()}
    for edit in (
        silence_head(0, 0),
        silence_neuron(0, 0),
        silence_part(0, "attention"),
        replace("norm", torch.zeros(()), position=2),
    ):
        changed = edit(edit.name, before[edit.name])
        assert not torch.equal(changed, before[edit.name])
    assert all(torch.equal(before[name], copies[name]) for name in before)


@pytest.mark.parametrize("name", intermediate_names(2))
def test_every_intermediate_can_be_patched_from_one_run_into_another(model, name):
    ids, other = random_ids(6), random_ids(6, seed=1)
    source, plain = record(model, other), record(model, ids)
    patched = record(model, ids, hook=replace(name, source[name]))
    assert torch.equal(patched[name], source[name])
    same = name == "embedding.position"  # of every text
    assert torch.allclose(patched["logits"], plain["logits"]) == same
    rest = ("residual_out", "norm", "logits")
    if name == "embedding" or name.endswith(rest):  # all that comes after depends on it alone
        close(patched["logits"], source["logits"])


def test_replace_by_a_function_and_at_one_position(model):
    ids, other = random_ids(2, 6), random_ids(2, 6, seed=1)
    source, plain = record(model, other), record(model, ids)
    doubled = record(model, ids, hook=replace("blocks.0.attention", lambda x: 2 * x))
    close(doubled["blocks.0.attention"], 2 * plain["blocks.0.attention"])
    for position in (2, -4):
        name = "blocks.0.residual_out"
        patched = record(model, ids, hook=replace(name, source[name], position))
        assert torch.equal(patched[name][:, 2], source[name][:, 2])
        assert torch.equal(patched[name][:, [0, 1, 3, 4, 5]], plain[name][:, [0, 1, 3, 4, 5]])
        close(patched["logits"][:, :2], plain["logits"][:, :2])
        assert not torch.allclose(patched["logits"][:, 3:], plain["logits"][:, 3:])


def test_replace_broadcasts_over_a_batch(model):
    weights = torch.full((6, 6), 1 / 6).tril()
    found = record(model, random_ids(2, 6), hook=replace("blocks.0.weights", weights))
    assert torch.equal(found["blocks.0.weights"], weights.expand(2, 3, 6, 6))


def test_compose_applies_in_order(model):
    first, second = silence_head(0, 1), silence_neuron(1, 5)
    both = record(model, random_ids(6), hook=compose(first, second))
    assert (both["blocks.0.heads"][1] == 0).all() and (both["blocks.1.active"][:, 5] == 0).all()
    steps = compose(replace("norm", lambda x: x + 1), replace("norm", lambda x: x * 10))
    assert steps("norm", torch.tensor([[2.0]])).item() == 30
    close(record(model, random_ids(6), hook=compose())["logits"], model(random_ids(6))[0])


def test_edits_that_do_not_fit(model):
    ids = random_ids(6)
    with pytest.raises(ValueError, match=r"blocks.0.heads has no head 3: they are 0 to 2"):
        model(ids, hook=silence_head(0, 3))
    with pytest.raises(ValueError, match=r"blocks.0.active has no neuron -1: they are 0 to 47"):
        model(ids, hook=silence_neuron(0, -1))
    with pytest.raises(ValueError, match=r"no intermediate is named 'blocks.7.heads'"):
        model(ids, hook=silence_head(7, 0))
    with pytest.raises(ValueError, match="part is 'norm1'; a block has 'attention' and 'feed_f"):
        silence_part(0, "norm1")
    for value in (torch.zeros(5, 12), lambda x: x[:-1]):
        with pytest.raises(ValueError, match=r"norm has shape \(6, 12\); the replacement \(5, 12"):
            model(ids, hook=replace("norm", value))
    with pytest.raises(ValueError, match="position is 6; norm has 6 positions"):
        model(ids, hook=replace("norm", torch.zeros(()), position=6))


def test_edits_work_with_a_cache(model):
    ids, edit = random_ids(6), silence_head(0, 1)
    whole = model(ids, hook=edit)[0]
    cache = model.new_cache()
    pieces = [model(piece, cache=cache, hook=edit)[0] for piece in (ids[:4], ids[4:])]
    assert cache.length == 6
    close(torch.cat(pieces), whole)


def test_gradients_reach_an_intermediate_through_a_hook(model):
    found = {}

    def keep(name, value):
        if name == "blocks.0.heads":
            value.retain_grad()
            found[name] = value
        return value

    model(random_ids(6), random_ids(6, seed=1), hook=keep)[1].backward()
    assert found["blocks.0.heads"].grad.shape == (3, 6, 4)


# Attribution


@pytest.mark.parametrize("bias", [True, False])
def test_the_shares_of_a_logit_add_up_to_it(bias):
    torch.manual_seed(0)
    model = GPT(GPTConfig.from_name("tiny", bias=bias)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    found = record(model, random_ids(2, 6))
    shares = logit_attribution(model, found, token_id=17)
    assert list(shares) == [
        "embedding",
        *(f"blocks.{i}.{part}" for i in range(2) for part in ("attention", "feed_forward")),
        "norm.bias",
    ]
    torch.testing.assert_close(
        torch.stack(list(shares.values())).sum(0), found["logits"][..., 17], atol=1e-4, rtol=1e-4
    )
