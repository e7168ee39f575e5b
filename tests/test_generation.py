"""llm_lib.generation: same seed, same text, whatever the batch, the cache and the context."""

import numpy as np
import pytest
import torch
from small_gpt import add_hook, random_gpt

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.generation import generate, stream, text_of
from llm_lib.sampling import SamplingOptions, next_token_probabilities, sample, tokens_seen
from llm_lib.uniform import Uniform

PROMPT = [3, 1, 4, 1, 5]
OPTIONS = [
    {"temperature": 0},
    {},
    {"temperature": 1.4, "top_k": 20},
    {"top_p": 0.9, "min_p": 0.02},
    {"temperature": 0.8, "repetition_penalty": 1.5},
    {"temperature": 0, "repetition_penalty": 1.3},
]


def naive(model, ids, n_new, seed=0, **options):
    """The definition, slowly, for texts that fit in the context."""
    options, numbers, ids = SamplingOptions(**options), Uniform(seed), list(ids)
    for _ in range(n_new):
        with torch.no_grad():
            logits = model(torch.tensor(ids))[0][-1]
        seen = tokens_seen(torch.tensor(ids), len(logits))
        probabilities = next_token_probabilities(logits, options, seen)
        ids.append(sample(probabilities, numbers.next()).item())
    return ids


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("use_cache", [True, False])
def test_equal_to_the_definition(options, use_cache):
    model = random_gpt()
    expected = naive(model, PROMPT, 15, seed=7, **options)
    assert generate(model, PROMPT, 15, seed=7, use_cache=use_cache, **options) == expected


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("block_size", [1, 2, 7, 16])
def test_the_cache_changes_nothing_beyond_the_context(options, block_size):
    model = random_gpt(block_size=block_size)
    batch = [PROMPT, [9], list(range(30))]  # the last prompt is itself longer than the context
    with_cache = generate(model, batch, 40, seed=2, **options)
    assert with_cache == generate(model, batch, 40, seed=2, use_cache=False, **options)
    assert [len(row) for row in with_cache] == [45, 41, 70]


def test_greedy_equals_transformers(tmp_path):
    from transformers import GPT2LMHeadModel

    model = random_gpt()
    model.save_pretrained(tmp_path / "model")
    peer = GPT2LMHeadModel.from_pretrained(tmp_path / "model").eval()
    peer.generation_config.eos_token_id = None
    ids = torch.tensor([PROMPT])
    expected = peer.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=18, do_sample=False, pad_token_id=0
    )
    assert generate(model, PROMPT, 18, temperature=0) == expected[0].tolist()


def test_a_text_can_be_written_in_parts():
    model = random_gpt(block_size=10)
    whole = generate(model, PROMPT, 40, temperature=0)
    part = generate(model, PROMPT, 17, temperature=0)
    assert generate(model, part, 23, temperature=0) == whole


# Seeds and batches


def test_the_seed_decides():
    model = random_gpt()
    texts = [generate(model, PROMPT, 15, seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_nobody_elses_chance_is_touched():
    torch.manual_seed(5)
    expected = torch.rand(3)
    model = random_gpt()
    torch.manual_seed(5)
    generate(model, PROMPT, 5)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_first_row_is_written_as_if_alone(options):
    model = random_gpt()
    alone = generate(model, PROMPT, 12, seed=3, **options)
    for neighbours in ([[8]], [[8, 9, 10, 11, 12, 13, 14], [2]]):
        batch = generate(model, [PROMPT, *neighbours], 12, seed=3, **options)
        assert batch[0] == alone


def test_a_row_depends_on_its_place_and_not_on_its_neighbours():
    model = random_gpt()
    first = generate(model, [[8], PROMPT, [1, 2]], 12)
    second = generate(model, [list(range(11)), PROMPT, [50]], 12)
    assert first[1] == second[1]
    assert generate(model, [PROMPT, PROMPT], 12)[0] != generate(model, [PROMPT, PROMPT], 12)[1]


def test_rows_end_at_different_times():
    model = random_gpt()
    batch = [PROMPT, [7], [8, 9], [10, 11, 12]]
    endless = generate(model, batch, 18)
    stops = {endless[1][6], endless[3][9]}
    expected = []
    for prompt, row in zip(batch, endless, strict=True):
        end = next((i for i in range(len(prompt), len(row)) if row[i] in stops), len(row))
        expected.append(row[: end + 1])
    assert len({len(row) - len(prompt) for prompt, row in zip(batch, expected, strict=True)}) > 1
    for use_cache in (True, False):
        assert generate(model, batch, 18, stop_tokens=stops, use_cache=use_cache) == expected


def test_a_stop_token_in_the_prompt_stops_nothing():
    model = random_gpt()
    text = generate(model, PROMPT, 6, temperature=0)
    unwritten = next(id_ for id_ in range(61) if id_ not in text)
    prompt = [unwritten, *PROMPT]
    assert len(generate(model, prompt, 1, temperature=0, stop_tokens={unwritten})) == 7


# What is given and what comes back


@pytest.mark.parametrize("form", [torch.tensor, np.array, tuple, list])
def test_every_form_of_a_prompt(form):
    model = random_gpt()
    expected = generate(model, PROMPT, 4)
    assert generate(model, form(PROMPT), 4) == expected
    assert generate(model, [form(PROMPT), form([1])], 4)[0] == expected
    assert all(type(id_) is int for id_ in expected)


def test_a_tensor_of_rows_is_a_batch():
    model = random_gpt()
    rows = [[1, 2], [3, 4]]
    assert generate(model, torch.tensor(rows), 4) == generate(model, rows, 4)


def test_the_prompt_given_is_left_alone():
    prompts = [[1, 2], [3]]
    generate(random_gpt(), prompts, 3)
    assert prompts == [[1, 2], [3]]


def test_no_new_tokens_give_the_prompt():
    model = random_gpt()
    assert generate(model, PROMPT, 0) == PROMPT
    assert generate(model, [[1, 2], [3]], 0) == [[1, 2], [3]]
    assert list(stream(model, PROMPT, 0)) == []


def test_the_model_keeps_its_mode_and_gets_no_gradient():
    model = random_gpt(dropout=0.5)
    expected = generate(model, PROMPT, 15)
    model.train()
    assert generate(model, PROMPT, 15) == expected
    assert model.training
    assert model.blocks[0].training
    assert all(parameter.grad is None for parameter in model.parameters())
    model(torch.tensor(PROMPT))[0].sum().backward()  # and it can still be trained


def test_weights_that_change_are_noticed():
    model = random_gpt()
    before = generate(model, PROMPT, 15, temperature=0)
    model.load_state_dict(random_gpt(seed=1).state_dict())
    after = generate(model, PROMPT, 15, temperature=0)
    assert after != before
    assert after == generate(random_gpt(seed=1), PROMPT, 15, temperature=0)


def test_a_model_with_hooks_writes_what_the_hooks_make_of_it():
    model = random_gpt()
    plain = generate(model, PROMPT, 15, temperature=0)
    add_hook(model)
    hooked = generate(model, PROMPT, 15, temperature=0)
    assert hooked != plain
    assert hooked == naive(model, PROMPT, 15, temperature=0)


def test_the_model_has_it_as_a_method():
    model = random_gpt()
    assert model.generate(PROMPT, 5, top_k=3, seed=4) == generate(model, PROMPT, 5, top_k=3, seed=4)


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([], ValueError, "the prompt is empty"),
        (torch.empty(0), ValueError, "the prompt is empty"),
        ([[1], []], ValueError, "prompt 1 is empty"),
        ([61], IndexError, "token id 61, and ids run from 0 to 60"),
        ([[1], [2, -1]], IndexError, "token id -1"),
        ([1.5], TypeError, "token ids, which are whole numbers"),
        ("Near the", TypeError, "tokenizer.encode"),
        (["Near"], TypeError, "tokenizer.encode"),
        ([[1], 2], TypeError, "prompt 1 is '2'"),
        (5, TypeError, "the prompt is '5'"),
        (torch.zeros(1, 1, 1, dtype=torch.long), TypeError, "prompt 0"),
        (torch.tensor([1.0]), TypeError, "whole numbers"),
    ],
)
def test_bad_prompts_are_refused(ids, error, message):
    with pytest.raises(error, match=message):
        generate(random_gpt(), ids, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_new_tokens": -1}, "max_new_tokens is -1; it must be 0 or more"),
        ({"max_new_tokens": 1.0}, "max_new_tokens is 1.0"),
        ({"top_p": 2}, "top_p is 2"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_bad_options_are_refused_at_once(options, message):
    model = random_gpt()
    options = {"max_new_tokens": 3, **options}
    with pytest.raises(ValueError, match=message):
        generate(model, PROMPT, **options)
    with pytest.raises(ValueError, match=message):
        stream(model, PROMPT, **options)  # not only when the first token is asked for


def test_a_model_gone_wrong_says_so():
    model = random_gpt()
    with torch.no_grad():
        model.norm.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="logits hold NaN"):
        generate(model, PROMPT, 3)


# Streams


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_stream_gives_what_generate_adds(options):
    model = random_gpt(block_size=16)
    text = generate(model, PROMPT, 20, seed=5, **options)
    assert list(stream(model, PROMPT, 20, seed=5, **options)) == text[5:]
    stop = text[12]
    stopped = list(stream(model, PROMPT, 20, seed=5, stop_tokens=[stop], **options))
    assert stopped == text[5 : text.index(stop, 5) + 1]


def test_a_stream_waits_for_whoever_reads_it():
    model = random_gpt()
    tokens = stream(model, PROMPT, 5)
    first = next(tokens)
    with torch.enable_grad():  # nothing of the writer's own modes leaks out between tokens
        assert not torch.is_inference_mode_enabled()
        assert model(torch.tensor(PROMPT))[0].requires_grad
    assert [first, *tokens] == generate(model, PROMPT, 5)[5:]


def test_a_stream_is_of_one_text():
    with pytest.raises(ValueError, match="stream writes one text"):
        stream(random_gpt(), [[1], [2]], 3)


def test_text_comes_in_whole_characters():
    tokenizer = book_tokenizer(257)  # bytes alone
    text = "fox — 🦊, né."
    pieces = list(text_of(tokenizer, iter(tokenizer.encode(text))))
    assert pieces == list(text)


def test_text_of_any_ids_is_what_decode_says():
    tokenizer = book_tokenizer(300)
    draw = torch.Generator().manual_seed(0)
    for _ in range(300):
        ids = torch.randint(300, (9,), generator=draw).tolist()
        assert "".join(text_of(tokenizer, ids)) == tokenizer.decode(ids)
    assert list(text_of(tokenizer, [0xF0, 0x9F])) == ["\ufffd"]  # a character that never ends
