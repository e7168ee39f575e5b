"""How fast a GPT writes in the page, beside onnxruntime-web.

    python benchmarks/engine_bench.py

One page of Chromium runs the book's engine (WebAssembly, and plain JavaScript) and the peer, one
after the other, round by round, on one thread each: the same random weights, the same prompt of 16
tokens, then 200 tokens one by one with a KV cache, each the likeliest next one. The logits are
compared before anything is timed.

The first table counts seconds on the clock. On a busy machine the second is the better one: it
counts the seconds that the page's main thread had a processor, where Linux tells.

The peer is fetched for the purpose, by npm and pip, into _build/peers; where that does not work it
is left out.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import os
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from onnx_peer import ORT, ORT_FILES, fetch_peer, onnx_model  # noqa: E402

from llm_lib.widgets import modules  # noqa: E402

PROMPT, TOKENS = 16, 200
GPT_MODULE = "engine/gpt.js"
RUNNERS = {"ours": "ours, WebAssembly", "plain": "ours, JavaScript", "peer": "onnxruntime-web"}


@dataclass(frozen=True)
class Shape:
    """The sizes of one model; the context is 256 tokens."""

    n_layer: int
    n_head: int
    n_embd: int
    vocab_size: int = 1024
    block_size: int = 256

    def config(self) -> dict[str, float]:
        return {**self.__dict__, "norm_eps": 1e-5}

    def tensors(self, seed: int = 1) -> dict[str, np.ndarray]:
        """Random weights in the layout of Hugging Face's GPT-2."""
        width, rng = self.n_embd, np.random.default_rng(seed)
        shapes = {"wte.weight": (self.vocab_size, width), "wpe.weight": (self.block_size, width)}
        for i in range(self.n_layer):
            for part, shape in _PARTS.items():
                sizes = tuple(factor * width for factor in shape)
                shapes[f"h.{i}.{part}.weight"] = sizes
                shapes[f"h.{i}.{part}.bias"] = sizes[-1:]
        shapes |= {"ln_f.weight": (width,), "ln_f.bias": (width,)}
        return {
            name: (rng.normal(0, 0.05, shape) + _is_norm_weight(name)).astype(np.float32)
            for name, shape in shapes.items()
        }


_PARTS = {  # part of a block: its shape, in widths
    "ln_1": (1,),
    "attn.c_attn": (1, 3),
    "attn.c_proj": (1, 1),
    "ln_2": (1,),
    "mlp.c_fc": (1, 4),
    "mlp.c_proj": (4, 1),
}
SHAPES = {"1M": Shape(4, 4, 128), "3M": Shape(4, 8, 256), "10M": Shape(6, 8, 384)}


def _is_norm_weight(name: str) -> bool:
    return "ln_" in name and name.endswith("weight")


def page_html(with_peer: bool) -> str:
    scripts = [modules.loader(), *(module.script for module in modules.closure(GPT_MODULE))]
    scripts.append((Path(__file__).with_suffix(".js")).read_text("utf-8"))
    peer = f'<script src="{ORT_FILES[0]}"></script>' if with_peer else ""
    return f"<!doctype html><meta charset=utf-8>{peer}<script>{chr(10).join(scripts)}</script>"


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def check_equal(page: Page, prompt: list[int]) -> float:
    """The largest difference of any runner's logits from those of the first; raises above 1e-3."""
    script = "async ([name, ids]) => Array.from(await begin(runners[name], ids))"
    names = page.evaluate("Object.keys(runners)")
    logits = [np.array(page.evaluate(script, [name, prompt])) for name in names]
    worst = max(float(np.abs(other - logits[0]).max()) for other in logits[1:])
    if worst > 1e-3:
        raise RuntimeError(f"the runners {names} disagree by {worst}: nothing is timed")
    return worst


def processor_seconds(session: CDPSession) -> dict[int, float]:
    """What the main thread of each page's process has used so far; empty where nobody says."""
    seconds = {}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        used = Path(f"/proc/{process['id']}/schedstat")
        if process["type"] == "renderer" and used.is_file():
            seconds[process["id"]] = int(used.read_text().split()[0]) / 1e9
    return seconds


def write(page: Page, session: CDPSession, name: str, prompt: list[int]) -> tuple[float, float]:
    """Tokens per second by the clock, and by the processor (0 where it is not known)."""
    script = "async ([name, ids]) => { globalThis.logits = await begin(runners[name], ids); }"
    page.evaluate(script, [name, prompt])
    before = processor_seconds(session)
    clock = page.evaluate("([name, n]) => write(runners[name], logits, n)", [name, TOKENS])
    after = processor_seconds(session)
    used = max((after[process] - before[process] for process in before), default=0)
    return clock, TOKENS / used if used else 0.0


def measure(page: Page, shape: Shape, names: list[str], rounds: int) -> dict[str, list[float]]:
    """Median tokens per second of each runner, by the clock and by the processor."""
    sizes = [[name, array.size] for name, array in shape.tensors().items()]
    engine = modules.closure(GPT_MODULE)[-1].id
    arguments = {"config": shape.config(), "tensors": sizes, "engine": engine}
    page.evaluate("(given) => start(given)", {**arguments, "withPeer": "peer" in names})
    prompt = [(7 * i + 3) % shape.vocab_size for i in range(PROMPT)]
    check_equal(page, prompt)
    session = page.context.browser.new_browser_cdp_session()
    speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for turn in range(rounds + 1):
        for name in names:
            speed = write(page, session, name, prompt)
            if turn:  # the first warms up
                speeds[name].append(speed)
    session.detach()
    return {
        name: [statistics.median(each) for each in zip(*found, strict=True)]
        for name, found in speeds.items()
    }


def measure_all(labels: list[str], names: list[str], rounds: int) -> dict[str, dict]:
    """The results of :func:`measure` for each label of SHAPES."""
    results = {}
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch)) as url,
        sync_playwright() as playwright,
    ):
        folder = Path(scratch)
        (folder / "index.html").write_text(page_html("peer" in names), "utf-8")
        for file in ORT_FILES if "peer" in names else ():
            shutil.copy(ORT / file, folder)
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "google-chrome"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for label in labels:
            tensors = SHAPES[label].tensors()
            flat = np.concatenate([array.ravel() for array in tensors.values()])
            (folder / "weights.bin").write_bytes(flat.tobytes())
            if "peer" in names:
                (folder / "gpt.onnx").write_bytes(onnx_model(SHAPES[label], tensors))
            page = browser.new_page()
            page.goto(url)
            results[f"{label} ({flat.size:,})"] = measure(page, SHAPES[label], names, rounds)
            page.close()
        browser.close()
    return results


def print_table(title: str, results: dict[str, dict], which: int) -> None:
    print(f"{title:<28}" + "".join(f"{name:>20}" for name in RUNNERS.values()))
    for label, speeds in results.items():
        found = [speeds[name][which] if name in speeds else 0 for name in RUNNERS]
        print(f"{label:<28}" + "".join(f"{f'{n:,.0f}' if n else '–':>20}" for n in found))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="runs of each; the median is shown")
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--no-peer", action="store_true", help="fetch nothing")
    arguments = parser.parse_args()
    with_peer = not arguments.no_peer and fetch_peer()
    names = [name for name in RUNNERS if name != "peer" or with_peer]
    results = measure_all(arguments.shapes, names, arguments.rounds)
    print_table("tokens per second", results, 0)
    print_table("… of the page's processor", results, 1)
    print("bar: at least twice onnxruntime-web at 1M")
    return 0


if __name__ == "__main__":
    sys.exit(main())
