"""The page's arithmetic against numpy in float64; the same bits each time; what runs where."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wasmtime
from playwright.sync_api import Error, Page

from llm_lib.widgets import kernel_build, modules

pytestmark = pytest.mark.browser

KERNEL = "engine/kernel.js"
CHOICES = ["wasm", "js"]
WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 31, 32, 33, 50, 128]
ROWS = [1, 2, 3, 4, 5, 8, 11]

# A job is [operation, arguments]; an argument that is text holds float32 numbers. The answer is
# what the first array holds afterwards. `times` repeats the call: later ones run optimised.
RUN = """([choice, jobs, times]) => {
  const decode = (text) =>
    new Float32Array(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)).buffer);
  const encode = ({ buffer, byteOffset, byteLength }) => {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  };
  return jobs.map(([operation, args]) => {
    const values = args.map((arg) => (typeof arg === "string" ? decode(arg) : arg));
    const needed = values.reduce((sum, value) => sum + (value?.length ?? 0) + 4, 0);
    const kernel = book("engine/kernel.js").createKernel(needed, choice);
    const placed = values.map((value) => {
      if (!(value instanceof Float32Array)) return value;
      const array = kernel.floats(value.length);
      array.set(value);
      return array;
    });
    for (let i = 0; i < times; i += 1) kernel[operation](...placed);
    return encode(placed[0]);
  });
}"""

Job = tuple[str, Sequence[Any]]


@pytest.fixture
def page(engine: Callable[..., Page]) -> Page:
    return engine(KERNEL)


def run(page: Page, choice: str, jobs: Sequence[Job], times: int = 1) -> list[np.ndarray]:
    """What each job leaves in its first array, in that array's shape."""

    def encoded(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        return base64.b64encode(value.astype(np.float32).tobytes()).decode()

    sent = [[name, [encoded(value) for value in arguments]] for name, arguments in jobs]
    answers = page.evaluate(RUN, [choice, sent, times])
    return [
        np.frombuffer(base64.b64decode(answer), np.float32).reshape(arguments[0].shape)
        for answer, (_, arguments) in zip(answers, jobs, strict=True)
    ]


def random_numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32).astype(np.float64)


def linear_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    rows, n_in, n_out = rng.choice(ROWS), *rng.choice(WIDTHS, 2)
    x, weight = random_numbers(rng, rows, n_in), random_numbers(rng, n_in, n_out)
    bias = random_numbers(rng, n_out) if rng.random() < 0.7 else None
    expected = x @ weight + (0 if bias is None else bias)
    sizes = map(int, (rows, n_in, n_out))
    return ("linear", [np.full((rows, n_out), 7.0), x, weight, bias, *sizes]), expected


def transposed_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    rows, n_in, n_out = rng.choice(ROWS), *rng.choice(WIDTHS, 2)
    x, table = random_numbers(rng, rows, n_in), random_numbers(rng, n_out, n_in)
    sizes = map(int, (rows, n_in, n_out))
    return ("linearTransposed", [np.full((rows, n_out), 7.0), x, table, *sizes]), x @ table.T


def norm_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    rows, width = int(rng.choice(ROWS)), int(rng.choice(WIDTHS))
    x, weight = random_numbers(rng, rows, width) + 2, random_numbers(rng, width)
    bias = random_numbers(rng, width) if rng.random() < 0.7 else None
    moved = x - x.mean(-1, keepdims=True)
    expected = moved / np.sqrt((moved**2).mean(-1, keepdims=True) + 1e-5) * weight
    expected = expected if bias is None else expected + bias
    return ("layerNorm", [np.zeros_like(x), x, weight, bias, rows, width, 1e-5]), expected


def gelu_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    x = random_numbers(rng, int(rng.choice(WIDTHS))) * 4
    return ("gelu", [np.zeros_like(x), x, len(x)]), gelu(x)


def add_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    y, x = random_numbers(rng, 2, int(rng.choice(WIDTHS)))
    return ("add", [y, x, len(x)]), y + x


def softmax_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    rows, width, visible = (int(rng.choice(sizes)) for sizes in (ROWS, WIDTHS, WIDTHS))
    x = random_numbers(rng, rows, width) * 5
    seen = np.minimum(visible + np.arange(rows), width)
    return ("softmaxRows", [np.full_like(x, 7.0), x, rows, width, visible]), softmax(x, seen)


def attend_job(rng: np.random.Generator) -> tuple[Job, np.ndarray]:
    heads, size, rows = int(rng.integers(1, 5)), int(rng.choice(WIDTHS[:13])), int(rng.choice(ROWS))
    past = int(rng.integers(0, 40))
    capacity, width = past + rows + 3, heads * size
    stride = 3 * width  # queries, keys and values of a row side by side, as the model has them
    queries = random_numbers(rng, rows, stride)
    keys, values = random_numbers(rng, 2, heads, capacity, size)
    sizes = [rows, past, heads, size, stride, capacity]
    arrays = [np.zeros((rows, width)), queries, keys, values, np.zeros(capacity)]
    seen = past + 1 + np.arange(rows)
    mixed = [
        softmax(queries[:, h * size : (h + 1) * size] @ keys[h].T / math.sqrt(size), seen)
        @ values[h]
        for h in range(heads)
    ]
    return ("attend", [*arrays, *sizes]), np.concatenate(mixed, axis=1)


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softmax(x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Softmax of the first seen[r] numbers of row r, 0 elsewhere."""
    masked = np.where(np.arange(x.shape[1]) < seen[:, None], x, -np.inf)
    weights = np.exp(masked - masked.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, in units of the largest expected number (at least 1)."""
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


OPERATIONS = {
    "linear": linear_job,
    "linearTransposed": transposed_job,
    "layerNorm": norm_job,
    "gelu": gelu_job,
    "add": add_job,
    "softmaxRows": softmax_job,
    "attend": attend_job,
}


def jobs_of(operation: str, n: int, seed: int = 5) -> tuple[list[Job], list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    jobs, expected = zip(*(OPERATIONS[operation](rng) for _ in range(n)), strict=True)
    return list(jobs), list(expected)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_both_kernels_compute_what_numpy_does(page: Page, operation: str) -> None:
    jobs, expected = jobs_of(operation, 150)
    wasm, plain = (run(page, choice, jobs) for choice in CHOICES)
    for job, a, b, truth in zip(jobs, wasm, plain, expected, strict=True):
        sizes = job[1][3:]
        assert difference(a, truth) < 1e-5, ("wasm", sizes)
        assert difference(b, truth) < 1e-5, ("js", sizes)
        assert difference(a, b) < 1e-5, ("wasm and js", sizes)


def test_every_way_through_the_tiles_is_taken() -> None:
    """The random sizes hold what the kernels tell apart: few, whole and odd rows and columns."""
    jobs, _ = jobs_of("linear", 150)
    rows, n_in, n_out = np.array([job[1][-3:] for job in jobs]).T
    assert {1, 4, 5} <= set(rows) and {0, 1, 2, 3} == set(n_in % 4)
    for few in (True, False):
        chosen = n_out[(rows < 4) == few]
        assert chosen.min() < 8 < chosen.max() and {1, 3, 5, 7} <= set(chosen % 8)


@pytest.mark.parametrize("choice", CHOICES)
def test_nothing_is_written_beyond_the_result(page: Page, choice: str) -> None:
    jobs = []
    for operation in OPERATIONS:
        for name, (y, *rest) in jobs_of(operation, 30)[0]:
            jobs.append((name, [np.concatenate([y.ravel(), np.full(9, 7.0)]), *rest]))
    for (name, _), y in zip(jobs, run(page, choice, jobs), strict=True):
        assert (y[-9:] == 7).all(), name


@pytest.mark.parametrize("choice", CHOICES)
def test_nothing_of_nothing_is_nothing(page: Page, choice: str) -> None:
    y, x = np.full((3, 9), 7.0), np.ones((3, 9))
    jobs: list[Job] = [
        ("linear", [y, x, np.ones((9, 9)), None, 0, 9, 9]),
        ("linear", [y, x, x, None, 3, 9, 0]),
        ("linearTransposed", [y, x, np.ones((9, 9)), 0, 9, 9]),
        ("linearTransposed", [y, x, x, 3, 9, 0]),
        ("layerNorm", [y, x, x, x, 0, 9, 1e-5]),
        ("gelu", [y, x, 0]),
        ("add", [y, x, 0]),
        ("softmaxRows", [y, x, 0, 9, 9]),
        ("attend", [y, x, x, x, x, 0, 0, 1, 9, 9, 1]),
        ("attend", [y, x, x, x, x, 3, 0, 0, 9, 9, 3]),
    ]
    for (name, _), found in zip(jobs, run(page, choice, jobs), strict=True):
        assert (found == 7).all(), name


@pytest.mark.parametrize("choice", CHOICES)
def test_the_first_array_may_be_a_bias(page: Page, choice: str) -> None:
    script = """(choice) => {
      const kernel = book("engine/kernel.js").createKernel(16, choice);
      const [bias, y, x, weight] = [1, 1, 1, 1].map((n) => kernel.floats(n));
      bias[0] = 5;
      kernel.linear(y, x, weight, bias, 1, 1, 1);
      return y[0];
    }"""
    assert page.evaluate(script, choice) == 5


@pytest.mark.parametrize("operation", ["gelu", "layerNorm", "softmaxRows"])
def test_a_result_may_take_the_place_of_its_input(page: Page, operation: str) -> None:
    script = """([choice, name, x, more]) => {
      const kernel = book("engine/kernel.js").createKernel(1000, choice);
      const [y, weight, bias] = [x.length, 13, 13].map((n) => kernel.floats(n));
      y.set(x);
      weight.fill(1);
      kernel[name](y, y, ...(name === "layerNorm" ? [weight, bias] : []), ...more);
      return Array.from(y);
    }"""
    x = random_numbers(np.random.default_rng(3), 3, 13)
    more = {"gelu": [39], "layerNorm": [3, 13, 1e-5], "softmaxRows": [3, 13, 13]}[operation]
    moved = x - x.mean(-1, keepdims=True)
    expected = {
        "gelu": gelu(x),
        "layerNorm": moved / np.sqrt((moved**2).mean(-1, keepdims=True) + 1e-5),
        "softmaxRows": softmax(x, np.full(3, 13)),
    }[operation]
    for choice in CHOICES:
        found = page.evaluate(script, [choice, operation, x.ravel().tolist(), more])
        assert difference(np.reshape(found, x.shape), expected) < 1e-5


@pytest.mark.parametrize("choice", CHOICES)
def test_gelu_is_right_from_end_to_end(page: Page, choice: str) -> None:
    x = np.concatenate([np.linspace(-12, 12, 4001), [-1e4, -88, -0.0, 0, 1e-8, 88, 1e4]])
    x = x.astype(np.float32).astype(np.float64)
    (y,) = run(page, choice, [("gelu", [np.zeros_like(x), x, len(x)])])
    assert (np.abs(y - gelu(x)) <= 1e-6 * np.maximum(1, np.abs(x))).all()


@pytest.mark.parametrize("choice", CHOICES)
def test_exp_is_right_over_its_whole_range(page: Page, choice: str) -> None:
    # softmax of (0, -v) is exp(-v) over 1 + exp(-v)
    v = np.linspace(0, 86, 4003).astype(np.float32).astype(np.float64)
    x = np.stack([np.zeros_like(v), -v], axis=1)
    (y,) = run(page, choice, [("softmaxRows", [np.zeros_like(x), x, len(v), 2, 2])])
    expected = np.exp(-v) / (1 + np.exp(-v))
    assert (np.abs(y[:, 1] - expected) <= 5e-7 * expected).all()


@pytest.mark.parametrize("choice", CHOICES)
def test_softmax_bears_huge_equal_and_forbidden_scores(page: Page, choice: str) -> None:
    x = np.array(
        [[3e38, 0, -3e38, -3e38, 0], [5, 5, 5, 5, 5], [-np.inf, 1, -np.inf, 1, -np.inf]],
    )
    (y,) = run(page, choice, [("softmaxRows", [np.zeros_like(x), x, 3, 5, 5])])
    expected = np.array([[1, 0, 0, 0, 0], [0.2] * 5, [0, 0.5, 0, 0.5, 0]])
    assert np.abs(y - expected).max() < 1e-7
    assert (y[expected == 0] == 0).all()  # a forbidden score gets nothing at all


@pytest.mark.parametrize("choice", CHOICES)
def test_a_row_of_equal_numbers_has_no_direction(page: Page, choice: str) -> None:
    x, one = np.full((2, 7), 3.0), np.ones(7)
    (y,) = run(page, choice, [("layerNorm", [np.ones_like(x), x, one, one * 2, 2, 7, 1e-5])])
    assert (y == 2).all()


def test_a_row_gives_the_same_bits_alone_and_among_others(page: Page) -> None:
    rng = np.random.default_rng(11)
    for n_in, n_out in [(128, 384), (32, 50), (33, 9), (7, 64)]:
        x, weight = random_numbers(rng, 11, n_in), random_numbers(rng, n_in, n_out)
        bias = random_numbers(rng, n_out)

        def job(rows: np.ndarray, weight=weight, bias=bias, n_in=n_in, n_out=n_out) -> Job:
            n = len(rows)
            return "linear", [np.zeros((n, n_out)), rows, weight, bias, n, n_in, n_out]

        def tied(rows: np.ndarray, weight=weight, n_in=n_in, n_out=n_out) -> Job:
            n, table = len(rows), weight.T.copy()
            return "linearTransposed", [np.zeros((n, n_out)), rows, table, n, n_in, n_out]

        for make in (job, tied):
            together, *alone = run(page, "wasm", [make(x), *(make(row[None]) for row in x)])
            assert together.tobytes() == np.concatenate(alone).tobytes()


@pytest.mark.parametrize("choice", CHOICES)
def test_the_same_bits_on_every_run(page: Page, choice: str) -> None:
    jobs = [job for name in OPERATIONS if name != "add" for job in jobs_of(name, 3)[0]]
    first = run(page, choice, jobs)
    later = run(page, choice, jobs, times=2000)  # by then the browser has compiled it anew
    assert [y.tobytes() for y in first] == [y.tobytes() for y in later]


def test_another_webassembly_gives_the_same_bits(page: Page) -> None:
    """The module in wasmtime, another compiler altogether, stands for another machine."""
    names = [name for name in OPERATIONS if name != "add"]  # addScaled in the module
    jobs = [job for name in names for job in jobs_of(name, 10)[0]]
    for job, found in zip(jobs, run(page, "wasm", jobs), strict=True):
        assert run_in_wasmtime(job).tobytes() == found.tobytes(), job[0]


def run_in_wasmtime(job: Job) -> np.ndarray:
    name, arguments = job
    store = wasmtime.Store()
    memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(4, 4)))
    binary = kernel_build.assemble(kernel_build.SOURCE.read_text("utf-8"))
    module = wasmtime.Module(store.engine, binary)
    operation = wasmtime.Instance(store, module, [memory]).exports(store)[name]
    numbers, end = [], 16
    for value in arguments:
        if isinstance(value, np.ndarray):
            memory.write(store, value.astype(np.float32).tobytes(), end)
            numbers.append(end)
            end += 16 * math.ceil(value.size / 4)
        else:
            numbers.append(value or 0)  # no bias: address 0
    operation(store, *numbers)
    y = arguments[0]
    return np.frombuffer(memory.read(store, 16, 16 + 4 * y.size), np.float32).reshape(y.shape)


NO_SIMD = "WebAssembly.validate = () => false"
NO_WASM = "delete globalThis.WebAssembly"
MAKE = "(choice) => book('engine/kernel.js').createKernel(64, choice).name"


def test_wasm_is_taken_where_it_runs(page: Page) -> None:
    assert page.evaluate("book('engine/kernel.js').createKernel(64).name") == "wasm"
    assert page.evaluate(MAKE, "js") == "js"


@pytest.mark.parametrize("without", [NO_SIMD, NO_WASM], ids=["no simd", "no wasm"])
def test_javascript_is_taken_where_wasm_is_missing(page: Page, without: str) -> None:
    page.evaluate(without)
    assert page.evaluate(MAKE, "auto") == "js"
    with pytest.raises(Error, match="this browser has no WebAssembly SIMD"):
        page.evaluate(MAKE, "wasm")


def test_javascript_is_taken_where_the_page_forbids_wasm(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    scripts = [modules.loader(), *(module.script for module in modules.closure(KERNEL))]
    policy = "default-src 'none'; script-src 'unsafe-inline'"
    file = tmp_path / "strict.html"
    file.write_text(
        f'<!doctype html><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<script>{''.join(scripts)}</script>"
        f"<script>const {{ createKernel }} = llmBook.load('{modules.closure(KERNEL)[-1].id}');"
        "document.title = createKernel(64).name;"
        "try { createKernel(64, 'wasm'); } catch (error) { document.title += error.message; }"
        "</script>",
        "utf-8",
    )
    assert open_page(file.as_uri()).title().startswith("jsthe WebAssembly kernel does not start: ")


@pytest.mark.parametrize("choice", CHOICES)
def test_wrong_use_is_refused(page: Page, choice: str) -> None:
    def refused(call: str) -> str:
        script = f"""(choice) => {{
          const kernel = book("engine/kernel.js").createKernel(64, choice);
          const floats = (n) => kernel.floats(n);
          {call}
        }}"""
        with pytest.raises(Error) as caught:
            page.evaluate(script, choice)
        return str(caught.value)

    assert "do not hold 65 more" in refused("floats(65)")
    assert "do not hold 1 more" in refused("floats(60); floats(4); floats(1)")
    assert "linear: an array of 3 numbers must hold 4" in refused(
        "kernel.linear(floats(3), floats(4), floats(16), null, 1, 4, 4)"
    )
    assert "linear: an array of 15 numbers must hold 16" in refused(
        "kernel.linear(floats(4), floats(4), floats(15), null, 1, 4, 4)"
    )
    assert "linear: an array of 3 numbers must hold 4" in refused(
        "kernel.linear(floats(4), floats(4), floats(16), floats(3), 1, 4, 4)"
    )
    assert "gelu: an array of 3 numbers must hold 4" in refused(
        "kernel.gelu(floats(4), floats(3), 4)"
    )
    assert "attend: 5 positions in 4 places" in refused(
        "const a = floats(8); kernel.attend(a, a, a, a, a, 1, 4, 1, 2, 2, 4)"
    )


def test_wasm_refuses_arrays_that_it_cannot_reach(page: Page) -> None:
    with pytest.raises(Error, match=r"only arrays that its floats\(\) made"):
        page.evaluate("""() => {
          const kernel = book("engine/kernel.js").createKernel(64, "wasm");
          kernel.add(kernel.floats(4), new Float32Array(4), 4);
        }""")


def test_an_unknown_kernel_is_refused(page: Page) -> None:
    with pytest.raises(Error, match='choose "auto", "wasm" or "js"'):
        page.evaluate(MAKE, "gpu")


def test_what_is_committed_is_what_the_source_makes() -> None:
    source = kernel_build.SOURCE.read_text("utf-8")
    assert kernel_build.TARGET.read_text("utf-8") == kernel_build.as_module(source)


def test_the_module_is_small_and_holds_no_names() -> None:
    binary = kernel_build.assemble(kernel_build.SOURCE.read_text("utf-8"))
    assert len(binary) < 4096
    assert b"layerNorm" in binary and b"nextRow" not in binary  # exported, and a label


def test_a_source_that_does_not_assemble_is_refused() -> None:
    with pytest.raises(ValueError, match=r"kernel\.wat does not assemble"):
        kernel_build.assemble("(module (func (result i32)))(")


def test_a_module_too_large_for_a_page_is_refused() -> None:
    data = "a" * 4096
    with pytest.raises(ValueError, match="a page takes at most 4096"):
        kernel_build.assemble(f'(module (memory 1) (data (i32.const 0) "{data}"))')
