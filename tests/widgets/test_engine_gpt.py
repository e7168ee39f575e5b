"""The GPT that runs in the page: every intermediate as PyTorch computes it, edits included."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Error, Page
from random_gpt import base64_floats, page_config, random_tensors

from llm_lib import hooks
from llm_lib.checkpoints import load_tensors
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.storyteller_proof import proof

pytestmark = pytest.mark.browser

GPT_JS, TRACE, EDITS = "engine/gpt.js", "engine/trace.js", "engine/edits.js"
PROOF, SLICES = "engine/proof.js", "engine/slices.js"
KERNELS = ("wasm", "js")
CLOSE = 1e-4
SMALL = GPTConfig(vocab_size=37, block_size=24, n_layer=2, n_head=3, n_embd=21)  # odd everywhere
STORYTELLER = GPTConfig.from_name("storyteller")

SETUP = """() => {
  const floats = (text) => new Float32Array(
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
  const { createGPT } = book("engine/gpt.js");
  globalThis.make = (config, tensors, kernel = "auto") => createGPT({
    config, tensors: new Map(Object.entries(tensors).map(([k, v]) => [k, floats(v)])),
  }, kernel);
  globalThis.base64 = (numbers) => {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };
  globalThis.largest = (a, b) => {
    if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} numbers`);
    return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
  };
}"""
READ = """async ({ config, tensors, ids, kernels }) => {
  const traced = [];
  for (const kernel of kernels) {
    globalThis.gpt = make(config, tensors, kernel);
    const found = await book("engine/trace.js").trace(gpt, ids);
    traced.push([...found].map(([name, { data, shape }]) => [name, shape, base64(data)]));
  }
  return traced;
}"""


@pytest.fixture
def page(engine: Callable[..., Page]) -> Page:
    page = engine(GPT_JS, TRACE, EDITS, PROOF, SLICES)
    page.evaluate(SETUP)
    return page


def torch_model(config: GPTConfig, seed: int) -> tuple[GPT, dict[str, str]]:
    """A random model, and its weights as the page gets them."""
    torch.set_num_threads(1)
    tensors = random_tensors(config, seed)
    model = GPT(config)
    load_tensors(model, {name: torch.from_numpy(values) for name, values in tensors.items()})
    return model.eval(), {name: base64_floats(values) for name, values in tensors.items()}


def open_model(page: Page, config: GPTConfig = SMALL, seed: int = 0, kernel: str = "auto") -> GPT:
    """Make ``gpt`` in the page, and return the same model in PyTorch."""
    model, tensors = torch_model(config, seed)
    page.evaluate(
        "([config, tensors, kernel]) => { globalThis.gpt = make(config, tensors, kernel); }",
        [page_config(config), tensors, kernel],
    )
    return model


def random_ids(config: GPTConfig, length: int, seed: int = 0) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(config.vocab_size) for _ in range(length)]


def random_config(rng: random.Random) -> GPTConfig:
    heads = rng.choice((1, 2, 3, 4, 5))
    return GPTConfig(
        vocab_size=rng.randrange(2, 90),
        block_size=rng.randrange(1, 20),
        n_layer=rng.choice((1, 1, 2, 3)),
        n_head=heads,
        n_embd=heads * rng.choice((1, 2, 3, 5, 8, 11, 16)),
        tie_weights=rng.random() < 0.7,
        norm_eps=rng.choice((1e-5, 1e-6, 1e-3)),
    )


def assert_same(traced: list[Any], expected: dict[str, torch.Tensor], about: object) -> float:
    """Names in order, shapes, and values; returns the largest difference."""
    assert [name for name, _, _ in traced] == list(expected), about
    worst = 0.0
    for name, shape, data in traced:
        values = np.frombuffer(base64.b64decode(data), "<f4").reshape(shape)
        assert values.shape == tuple(expected[name].shape), (about, name)
        difference = float(np.abs(values - expected[name].detach().numpy()).max())
        assert difference < CLOSE, (about, name)
        worst = max(worst, difference)
    return worst


@pytest.mark.parametrize("part", range(4))
def test_every_intermediate_is_pytorchs_on_random_models_and_texts(page, part):
    rng = random.Random(part)
    for case in range(50):
        config = random_config(rng)
        model, tensors = torch_model(config, seed=rng.randrange(2**30))
        ids = random_ids(config, rng.randrange(1, config.block_size + 1), seed=case)
        asked = {"config": page_config(config), "tensors": tensors, "ids": ids, "kernels": KERNELS}
        expected = hooks.record(model, torch.tensor(ids))
        for kernel, traced in zip(KERNELS, page.evaluate(READ, asked), strict=True):
            assert_same(traced, expected, (part, case, kernel, config))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("length", [1, 33, 256])
def test_every_intermediate_is_pytorchs_at_the_storytellers_size(page, kernel, length):
    model = open_model(page, STORYTELLER, seed=length, kernel=kernel)
    assert page.evaluate("gpt.kernel.name") == kernel
    ids = random_ids(STORYTELLER, length)
    expected = hooks.record(model, torch.tensor(ids))
    found = page.evaluate(
        """async (ids) => [...await book("engine/trace.js").trace(gpt, ids)]
             .map(([name, { data, shape }]) => [name, shape, base64(data)])""",
        ids,
    )
    assert_same(found, expected, (kernel, length))


def test_reading_without_a_hook_in_any_pieces_gives_the_same(page):
    model = open_model(page)
    ids = random_ids(SMALL, SMALL.block_size)
    with torch.no_grad():
        expected = model(torch.tensor(ids))[0].flatten().tolist()
    for pieces in ([24], [1] * 24, [5, 1, 8, 10], [23, 1]):
        found = page.evaluate(
            """async ({ ids, pieces }) => {
              const [slow, fast, hooked] = [gpt.reader(), gpt.reader(), gpt.reader()];
              const rows = [[], [], []];
              let at = 0;
              for (const n of pieces) {
                const piece = ids.slice(at, at + n);
                rows[0].push(...await slow.read(piece));
                rows[1].push(...fast.readNow(piece));
                rows[2].push(...await hooked.read(piece, { hook() {} }));
                at += n;
              }
              return { rows, lengths: [slow.length, fast.length, hooked.length] };
            }""",
            {"ids": ids, "pieces": pieces},
        )
        assert found["lengths"] == [24] * 3
        for row in found["rows"]:
            assert np.abs(np.array(row) - np.array(expected)).max() < CLOSE, pieces


def test_shapes_and_values_continue_after_a_past(page):
    model = open_model(page)
    ids = random_ids(SMALL, 9)
    cache = model.new_cache()
    expected = {}
    with torch.no_grad():
        model(torch.tensor(ids[:6]), cache=cache)
        model(
            torch.tensor(ids[6:]),
            cache=cache,
            hook=lambda name, value: expected.setdefault(name, value),
        )
    found = page.evaluate(
        """(ids) => {
          const [reader, found] = [gpt.reader(), []];
          reader.readNow(ids.slice(0, 6));
          const hook = (name, data, shape) => found.push([name, shape, base64(data)]);
          reader.readNow(ids.slice(6), { hook });
          return found;
        }""",
        ids,
    )
    assert expected["blocks.0.weights"].shape == (3, 3, 9)
    assert_same(found, expected, "after a past")


def test_what_was_truncated_is_forgotten(page):
    open_model(page)
    found = page.evaluate(
        """(ids) => {
          const [reader, fresh] = [gpt.reader(), gpt.reader()];
          reader.readNow(ids);
          reader.truncate(4);
          const length = reader.length;
          const again = reader.readNow([7, 8]);
          fresh.readNow(ids.slice(0, 4));
          return { length, difference: largest(again, fresh.readNow([7, 8])),
                   other: largest(again.slice(0, 37), reader.readNow([9])) };
        }""",
        random_ids(SMALL, 10),
    )
    assert found["length"] == 4
    assert found["difference"] < 1e-6
    assert found["other"] > 0.1


def test_many_texts_at_once_do_not_mix(page):
    """More readers than the kernel has caches, in turns, sliced and at once."""
    open_model(page)
    difference = page.evaluate(
        """async ({ ids }) => {
          const texts = Array.from({ length: 7 }, (_, i) => ids.map((id) => (id + i) % 37));
          const whole = texts.map((text) => gpt.reader().readNow(text));
          const readers = texts.map(() => gpt.reader());
          const found = texts.map(() => []);
          for (let at = 0; at < ids.length; at += 3) {
            const reads = readers.map(async (reader, i) => {
              const piece = texts[i].slice(at, at + 3);
              found[i].push(...i % 2 ? await reader.read(piece, i % 3 ? { hook() {} } : {})
                                     : reader.readNow(piece));
            });
            await Promise.all(reads);
          }
          return Math.max(...found.map((rows, i) => largest(rows, whole[i])));
        }""",
        {"ids": random_ids(SMALL, 24)},
    )
    assert difference < 1e-5


def test_a_text_read_at_once_between_the_slices_of_another_harms_neither(page):
    open_model(page, STORYTELLER, kernel="js")
    found = page.evaluate(
        """async (ids) => {
          const expected = [gpt.reader().readNow(ids), gpt.reader().readNow(ids.slice(50, 59))];
          const soon = { priority: "user-blocking", delay: 1 };
          const urgent = () => scheduler.postTask(() => {}, soon);
          let between = 0;
          const worst = [0, 0];
          for (const hook of [undefined, () => {}]) {
            let done = false;
            const read = gpt.reader().read(ids, { hook }).finally(() => (done = true));
            while (!done) {
              const reader = gpt.reader();  // more of them than there are caches
              worst[1] = Math.max(worst[1],
                largest(reader.readNow(ids.slice(50, 59)), expected[1]));
              await urgent();
              between += 1;
            }
            worst[0] = Math.max(worst[0], largest(await read, expected[0]));
          }
          return { between, worst };
        }""",
        random_ids(STORYTELLER, 96),
    )
    assert found["between"] > 6  # every cache but one changed hands
    assert max(found["worst"]) < 1e-5


def edits_of(layer: int) -> list[tuple[str, Any]]:
    """The same edits for the page and for PyTorch."""
    return [
        (f"silenceHead({layer}, 1)", hooks.silence_head(layer, 1)),
        (f"silenceNeuron({layer}, 5)", hooks.silence_neuron(layer, 5)),
        (f'silencePart({layer}, "attention")', hooks.silence_part(layer, "attention")),
        (f'silencePart({layer}, "feed_forward")', hooks.silence_part(layer, "feed_forward")),
        (
            f'replace("blocks.{layer}.weights", (data) => data.map((w) => w / 2))',
            hooks.replace(f"blocks.{layer}.weights", lambda weights: weights / 2),
        ),
        (
            f'replace("blocks.{layer}.keys", (data) => data.map((k) => 2 * k))',
            hooks.replace(f"blocks.{layer}.keys", lambda keys: 2 * keys),
        ),
        (
            f'replace("blocks.{layer}.residual_mid", (data) => data.map(() => 1), -2)',
            hooks.replace(f"blocks.{layer}.residual_mid", torch.ones_like, -2),
        ),
        (
            f'replace("blocks.{layer}.residual_in", (data) => data.map((x) => -x))',
            hooks.replace(f"blocks.{layer}.residual_in", torch.neg),
        ),
        (
            f'compose(silenceHead({layer}, 0), replace("embedding", (x) => x.map((v) => 2 * v)))',
            hooks.compose(
                hooks.silence_head(layer, 0), hooks.replace("embedding", lambda x: 2 * x)
            ),
        ),
    ]


@pytest.mark.parametrize("layer", [0, 1])
def test_edits_change_what_they_change_in_python(page, layer):
    model = open_model(page)
    ids = random_ids(SMALL, 11)
    plain = hooks.record(model, torch.tensor(ids))["logits"]
    for script, hook in edits_of(layer):
        expected = hooks.record(model, torch.tensor(ids), hook=hook)
        found = page.evaluate(
            f"""async (ids) => {{
              const {{ compose, replace, silenceHead, silenceNeuron, silencePart }} =
                book("engine/edits.js");
              const found = await book("engine/trace.js").trace(gpt, ids, {{ hook: {script} }});
              return [...found].map(([name, {{ data, shape }}]) => [name, shape, base64(data)]);
            }}""",
            ids,
        )
        assert_same(found, expected, script)
        assert (expected["logits"] - plain).abs().max() > 1e-3, script


def test_an_activation_of_one_text_is_patched_into_another(page):
    model = open_model(page)
    one, two = random_ids(SMALL, 8, seed=1), random_ids(SMALL, 8, seed=2)
    name = "blocks.1.residual_in"
    found = page.evaluate(
        """async ({ one, two, name }) => {
          const { trace } = book("engine/trace.js");
          const source = await trace(gpt, one);
          const hook = book("engine/edits.js").replace(name, source.get(name).data);
          const patched = await trace(gpt, two, { hook });
          return largest(patched.get("logits").data, source.get("logits").data);
        }""",
        {"one": one, "two": two, "name": name},
    )
    assert found < 1e-6  # the whole stream replaced: all that follows is the other text's
    assert torch.tensor(one).ne(torch.tensor(two)).any() and model is not None


def test_a_hook_may_keep_what_it_is_shown(page):
    """No two intermediates share an array, and none is used again."""
    open_model(page)
    found = page.evaluate(
        """async (ids) => {
          const [kept, copied] = [new Map(), new Map()];
          const hook = (name, data) => {
            if (name === "blocks.1.residual_in") data.fill(0);
            kept.set(name, data);
            copied.set(name, data.slice());
          };
          await gpt.reader().read(ids, { hook });
          await gpt.reader().read(ids.map(() => 0), { hook() {} });
          const pairs = [...kept].map(([name, data]) => [name, largest(data, copied.get(name))]);
          return pairs.filter(([, difference]) => difference > 0);
        }""",
        random_ids(SMALL, 6),
    )
    assert found == []


WRONG_EDITS = {
    "silenceHead(0, 3)": "there is no head 3; there are 0 to 2",
    "silenceNeuron(0, 84)": "there is no neuron 84; there are 0 to 83",
    "silenceHead(7, 0)": "no intermediate is named “blocks.7.heads”",
    'silencePart(0, "head")': "part is “head”",
    'replace("norm", [1, 2])': "2 numbers do not fit in norm of shape (2, 21)",
    'replace("norm", (data) => data, 2)': "there is no position 2; there are 0 to 1",
}


def test_an_edit_that_fits_nothing_says_so(page):
    open_model(page)
    for script, message in WRONG_EDITS.items():
        with pytest.raises(Error) as caught:
            page.evaluate(
                f"""() => {{
                  const {{ replace, silenceHead, silenceNeuron, silencePart }} =
                    book("engine/edits.js");
                  gpt.reader().readNow([1, 2], {{ hook: {script} }});
                }}"""
            )
        assert message in str(caught.value), script


def test_an_edit_serves_many_readings_and_is_checked_in_each(page):
    _, shallow = torch_model(GPTConfig(37, 24, 1, 3, 21), 0)
    open_model(page)
    found = page.evaluate(
        """([config, tensors]) => {
          const hook = book("engine/edits.js").silenceHead(1, 0);
          const [first, second] = [1, 2].map(() => gpt.reader().readNow([1, 2, 3], { hook }));
          const other = make({ ...config, n_layer: 1 }, tensors).reader();
          try { other.readNow([1], { hook }); } catch (error) {
            return [largest(first, second), error.message, other.length];
          }
        }""",
        [page_config(SMALL), shallow],
    )
    assert found == [0, "no intermediate is named “blocks.1.heads”", 0]


BAD_TEXTS = {
    "[1, 37]": "token id 37 is not in the vocabulary: ids run from 0 to 36",
    "[-1]": "token id -1 is not in the vocabulary",
    "[1.5]": "token id 1.5 is not in the vocabulary",
    "['1']": "token id 1 is not in the vocabulary",
    "[undefined]": "token id undefined is not in the vocabulary",
    "[]": "there is nothing to read",
    "undefined": "there is nothing to read",
    "Array(25).fill(0)": "25 tokens from position 0 do not fit in block_size 24",
}


def test_bad_texts_are_refused_and_change_nothing(page):
    open_model(page)
    for ids, message in BAD_TEXTS.items():
        for call in (f"reader.readNow({ids})", f"await reader.read({ids})"):
            with pytest.raises(Error) as caught:
                page.evaluate(f"async () => {{ const reader = gpt.reader(); {call}; }}")
            assert message in str(caught.value), (ids, call)
    lengths = page.evaluate(
        """async () => {
          const reader = gpt.reader();
          reader.readNow(Array(20).fill(1));
          const first = await reader.read(Array(5).fill(1)).catch((error) => error.message);
          const then = reader.length;
          reader.readNow(Array(4).fill(1));
          return [first, then, reader.length];
        }"""
    )
    assert lengths == [
        "5 tokens from position 20 do not fit in block_size 24: keep the last 24 tokens, "
        "or begin again with a new reader",
        20,
        24,
    ]


def test_a_read_that_was_stopped_leaves_the_reader_as_it_was(page):
    open_model(page, STORYTELLER, kernel="js")
    found = page.evaluate(
        """async (ids) => {
          const [reader, stop] = [gpt.reader(), new AbortController()];
          reader.readNow(ids.slice(0, 3));
          const hook = (name) => name === "blocks.1.norm1" && stop.abort();
          const read = reader.read(ids.slice(3), { hook, signal: stop.signal });
          const busy = [() => reader.readNow([1]), () => reader.truncate(0)].map((call) => {
            try { call(); return "no error"; } catch (error) { return error.message; }
          });
          const stopped = await read.then(() => "not stopped", (error) => error.name);
          const broken = await reader.read([5], { hook() { throw new Error("mine"); } })
            .catch((error) => error.message);
          const { length } = reader;
          const [again, fresh] = [reader.readNow([4]), gpt.reader()];
          fresh.readNow(ids.slice(0, 3));
          return { busy, stopped, broken, length, difference: largest(again, fresh.readNow([4])) };
        }""",
        random_ids(STORYTELLER, 256),
    )
    assert found["stopped"] == "AbortError"
    assert found["broken"] == "mine"
    assert found["length"] == 3
    assert found["difference"] < 1e-6
    assert all("in the middle of a text" in message for message in found["busy"])


def test_a_truncation_out_of_reach_is_refused(page):
    open_model(page)
    for end in ("-1", "1", "0.5", "undefined"):
        with pytest.raises(Error, match="this reader holds 0 to 0 positions"):
            page.evaluate(f"() => gpt.reader().truncate({end})")


def test_logits_go_into_an_array_of_the_caller_or_a_new_one(page):
    open_model(page)
    found = page.evaluate(
        """() => {
          const [reader, into] = [gpt.reader(), new Float32Array(gpt.config.vocab_size)];
          const first = reader.readNow([1], { into });
          const kept = first.slice();
          const second = reader.readNow([2]);
          return { same: first === into, other: second !== into,
                   unchanged: largest(kept, first) === 0 };
        }"""
    )
    assert found == {"same": True, "other": True, "unchanged": True}


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_vector_of_equal_numbers_is_not_nan(page, kernel):
    """Its variance is 0: what LayerNorm adds below the root keeps the division possible."""
    model, tensors = torch_model(SMALL, 0)
    with torch.no_grad():
        model.embedding.token.weight.fill_(0.25)
        model.embedding.position.weight.fill_(-0.25)
        expected = model(torch.tensor([1, 2, 3]))[0].flatten().tolist()
    tensors["wte.weight"] = base64_floats(model.embedding.token.weight.detach().numpy())
    tensors["wpe.weight"] = base64_floats(model.embedding.position.weight.detach().numpy())
    found = page.evaluate(
        "([config, tensors, kernel]) => Array.from("
        "make(config, tensors, kernel).reader().readNow([1, 2, 3]))",
        [page_config(SMALL), tensors, kernel],
    )
    assert np.isfinite(found).all()
    assert np.abs(np.array(found) - np.array(expected)).max() < CLOSE


BAD_MODELS = {
    "config.n_head = 4": "n_embd is 21 and n_head 4: n_head must divide n_embd",
    "config.n_layer = 0": "n_layer is 0; it must be a whole number of at least 1",
    "delete tensors['h.1.ln_1.weight']": "the model lacks the tensor h.1.ln_1.weight",
    "tensors['wpe.weight'] = tensors['ln_f.bias']": "the tensor wpe.weight holds 21 numbers",
}


def test_a_model_that_does_not_fit_together_is_refused(page):
    _, tensors = torch_model(SMALL, 0)
    for change, message in BAD_MODELS.items():
        with pytest.raises(Error) as caught:
            page.evaluate(
                f"([config, tensors]) => {{ {change}; make(config, tensors); }}",
                [page_config(SMALL), tensors],
            )
        assert message in str(caught.value), change


def test_a_model_without_biases_needs_no_zeros(page):
    config = GPTConfig(20, 8, 2, 2, 8, bias=False)
    torch.manual_seed(0)
    model = GPT(config).eval()
    from llm_lib.checkpoints import to_tensors

    tensors = {
        name.removeprefix("transformer."): base64_floats(values.numpy())
        for name, values in to_tensors(model).items()
        if not name.endswith("bias")
    }
    found = page.evaluate(
        "([config, tensors]) => Array.from(make(config, tensors).reader().readNow([3, 1]))",
        [page_config(config), tensors],
    )
    with torch.no_grad():
        expected = model(torch.tensor([3, 1]))[0].flatten().tolist()
    assert np.abs(np.array(found) - np.array(expected)).max() < CLOSE


def test_the_proof_compares_with_pytorch(page):
    model = open_model(page)
    shipped = proof(model, [random_ids(SMALL, n, seed=n) for n in (1, 9, 24)])
    found = page.evaluate("(proof) => book('engine/proof.js').prove(gpt, proof)", shipped)
    kinds = {name.split(".", 2)[-1] if "blocks" in name else name for name in shipped_names(model)}
    assert {row["label"] for row in found["rows"]} == kinds
    assert len(found["rows"]) <= 24
    assert found["largest"] == max(row["difference"] for row in found["rows"])
    assert 0 < found["largest"] < found["tolerance"] == CLOSE
    assert found["against"].startswith("PyTorch 2")


def shipped_names(model: GPT) -> tuple[str, ...]:
    return hooks.intermediate_names(model.config.n_layer)


@pytest.mark.parametrize("name", ["wte.weight", "h.1.mlp.c_fc.bias", "ln_f.weight"])
def test_the_proof_finds_a_wrong_weight(page, name):
    model, tensors = torch_model(SMALL, 0)
    shipped = proof(model, [random_ids(SMALL, 24)])
    wrong = random_tensors(SMALL, 0)[name]
    tensors[name] = base64_floats(wrong * 1.01)
    largest = page.evaluate(
        """async ([config, tensors, proof]) =>
             (await book("engine/proof.js").prove(make(config, tensors), proof)).largest""",
        [page_config(SMALL), tensors, shipped],
    )
    assert largest > CLOSE


def test_a_proof_that_cannot_be_made_says_why(page):
    open_model(page)
    with pytest.raises(Error, match="shipped without numbers"):
        page.evaluate("() => book('engine/proof.js').prove(gpt, null)")
    model, _ = torch_model(GPTConfig(37, 24, 3, 3, 21), 0)
    with pytest.raises(Error, match=r"computes no blocks\.2"):
        page.evaluate(
            "(proof) => book('engine/proof.js').prove(gpt, proof)", proof(model, [[1, 2]])
        )


READ_ALL = """async ({ ids, hooked }) => {
  performance.mark("reading");
  await gpt.reader().read(ids, hooked ? { hook() {} } : {});
  performance.mark("read");
  await new Promise((resolve) => setTimeout(resolve));
}"""


def longest_task(page: Page, call: Callable[[], object]) -> float:
    """The most processor time, in milliseconds, that one task took while a text was read.

    Processor time, not time that passes: a busy machine stretches that without end.
    """
    browser = page.context.browser
    browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing"])
    call()
    events = json.loads(browser.stop_tracing())["traceEvents"]
    (begin,) = (event for event in events if event["name"] == "reading")
    (end,) = (event for event in events if event["name"] == "read")
    tasks = [
        event["tdur"] / 1000
        for event in events
        if event["name"].endswith("RunTask") and "tdur" in event
        if (event["pid"], event["tid"]) == (begin["pid"], begin["tid"])
        if begin["ts"] <= event["ts"] + event["dur"] and event["ts"] <= end["ts"]
    ]
    assert len(tasks) > 5  # it was sliced, and we have seen the slices
    return max(tasks)


@pytest.mark.parametrize("hooked", [False, True])
def test_reading_a_whole_context_never_holds_the_page(page, record_property, hooked):
    """Without WebAssembly, and the code not yet compiled: the slowest that it can be."""
    open_model(page, STORYTELLER, kernel="js")
    asked = {"ids": random_ids(STORYTELLER, 256), "hooked": hooked}
    longest = longest_task(page, lambda: page.evaluate(READ_ALL, asked))
    record_property("longest task, ms", longest)
    assert longest <= 50
