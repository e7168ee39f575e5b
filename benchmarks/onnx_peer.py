"""A GPT for onnxruntime-web: fetching the runtime, and the graph that it runs.

The graph is written here by hand and as kind to the runtime as we can make it: every size fixed
except the length of the past, one operation for each norm, GELU and linear layer, the head already
transposed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

PEERS = Path(__file__).resolve().parents[1] / "_build" / "peers"
ORT = PEERS / "node_modules" / "onnxruntime-web" / "dist"
ORT_FILES = ("ort.wasm.min.js", "ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs")
PYTHON_PEERS = ("onnx", "protobuf", "ml_dtypes", "typing_extensions")


def fetch_peer() -> bool:
    """Put onnxruntime-web and Python's onnx into PEERS; False, said why, where that fails."""
    PEERS.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
    into = ["--quiet", "--no-deps", "--target", str(PEERS / "python")]
    commands = {
        ORT: ["npm", "install", *quiet, "--prefix", str(PEERS), "onnxruntime-web"],
        PEERS / "python" / "onnx": [sys.executable, "-m", "pip", "install", *into, *PYTHON_PEERS],
    }
    for made, command in commands.items():
        if made.exists():
            continue
        if shutil.which(command[0]) is None:
            print(f"onnxruntime-web is left out: {command[0]} is missing")
            return False
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or not made.exists():
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"onnxruntime-web is left out: {' '.join(command[:3])} failed: {last}")
            return False
    sys.path.append(str(PEERS / "python"))
    return True


def onnx_model(shape: Any, tensors: dict[str, np.ndarray]) -> bytes:
    """One token and the past in, the logits and the longer past out.

    ``shape`` has the sizes by GPT-2's names, ``tensors`` the weights in Hugging Face's layout.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    heads, width = shape.n_head, shape.n_embd
    size = width // heads
    nodes: list = []
    constants = {
        **tensors,
        "head": np.ascontiguousarray(tensors["wte.weight"].T),
        "by_head": np.array([heads, 1, size], np.int64),
        "flat": np.array([1, width], np.int64),
        "scale": np.array(size**-0.5, np.float32),
    }

    def call(kind: str, inputs: list[str], *outputs: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, list(outputs), **attributes))
        return outputs[0]

    def norm(x: str, part: str) -> str:
        inputs = [x, f"{part}.weight", f"{part}.bias"]
        return call("LayerNormalization", inputs, f"{part}.out", axis=-1, epsilon=1e-5)

    def linear(x: str, part: str) -> str:
        return call("Gemm", [x, f"{part}.weight", f"{part}.bias"], f"{part}.out")

    def attention(x: str, i: int) -> str:
        qkv = linear(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn")
        parts = [f"{name}{i}" for name in ("q", "k", "v")]
        call("Split", [qkv], *parts, axis=-1, num_outputs=3)
        query, *new = (call("Reshape", [part, "by_head"], f"{part}.heads") for part in parts)
        keys, values = (
            call("Concat", [f"past_{kind}{i}", heads_of], f"present_{kind}{i}", axis=1)
            for kind, heads_of in zip("kv", new, strict=True)
        )
        turned = call("Transpose", [keys], f"keys{i}.turned", perm=[0, 2, 1])
        scores = call("MatMul", [query, turned], f"scores{i}")
        scaled = call("Mul", [scores, "scale"], f"scaled{i}")
        mixed = call("MatMul", [call("Softmax", [scaled], f"w{i}"), values], f"mixed{i}")
        return linear(call("Reshape", [mixed, "flat"], f"joined{i}"), f"h.{i}.attn.c_proj")

    def feed_forward(x: str, i: int) -> str:
        hidden = linear(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc")
        active = call("Gelu", [hidden], f"active{i}", approximate="tanh")
        return linear(active, f"h.{i}.mlp.c_proj")

    token = call("Gather", ["wte.weight", "id"], "token")
    x = call("Add", [token, call("Gather", ["wpe.weight", "position"], "place")], "x")
    for i in range(shape.n_layer):
        x = call("Add", [x, attention(x, i)], f"mid{i}")
        x = call("Add", [x, feed_forward(x, i)], f"out{i}")
    call("MatMul", [norm(x, "ln_f"), "head"], "logits")

    def value(name: str, kind: int, dims: list) -> object:
        return helper.make_tensor_value_info(name, kind, dims)

    layers = [f"{kind}{i}" for i in range(shape.n_layer) for kind in "kv"]
    ids = [value(name, TensorProto.INT64, [1]) for name in ("id", "position")]
    past = [value(f"past_{n}", TensorProto.FLOAT, [heads, "past", size]) for n in layers]
    present = [value(f"present_{n}", TensorProto.FLOAT, [heads, "seen", size]) for n in layers]
    logits = value("logits", TensorProto.FLOAT, [1, shape.vocab_size])
    stored = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "gpt", [*ids, *past], [logits, *present], stored)
    opset = [helper.make_opsetid("", 20)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()
