"""Assemble the page's arithmetic: ``engine/kernel.wat`` into ``engine/kernel_binary.js``.

    python -m llm_lib.widgets.kernel_build

The source is WebAssembly's text form, which ``wasmtime`` translates one to one: there is no
compiler whose version could change the result, and a test compares it byte for byte. The binary is
committed as a module of base64, so that a page needs no request for it and can start at once.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from llm_lib.atomic_write import write_text

ENGINE = Path(__file__).parent / "engine"
SOURCE = ENGINE / "kernel.wat"
TARGET = ENGINE / "kernel_binary.js"

MAX_BYTES = 4096  # browsers may refuse to start a larger module at once on the main thread
_HEADER_BYTES = 8  # the magic number and the version
_CUSTOM_SECTION = 0  # names for debuggers; nothing that runs
_BASE64_PER_LINE = 88


def assemble(source: str) -> bytes:
    """The binary form of a module in WebAssembly's text form, without the names in it.

    Raises:
        ModuleNotFoundError: ``wasmtime`` is not installed.
        ValueError: the text is not valid, or the binary is larger than a page starts at once.
    """
    import wasmtime  # only who changes the kernel needs it

    try:
        binary = bytes(wasmtime.wat2wasm(source))
    except wasmtime.WasmtimeError as error:
        raise ValueError(f"kernel.wat does not assemble: {error}") from error
    binary = _without_names(binary)
    if len(binary) > MAX_BYTES:
        raise ValueError(f"the module has {len(binary)} bytes; a page takes at most {MAX_BYTES}")
    return binary


def as_module(source: str) -> str:
    """The ES module that holds the binary of ``source``, and the sum of that source."""
    text = base64.b64encode(assemble(source)).decode("ascii")
    starts = range(0, len(text), _BASE64_PER_LINE)
    lines = " +\n".join(f'  "{text[at : at + _BASE64_PER_LINE]}"' for at in starts)
    return (
        "// Made from kernel.wat by: python -m llm_lib.widgets.kernel_build. Do not edit.\n"
        f"// SHA-256 of the source: {hashlib.sha256(source.encode()).hexdigest()}\n"
        f"export const KERNEL_BINARY =\n{lines};\n"
    )


def _without_names(binary: bytes) -> bytes:
    kept, at = [binary[:_HEADER_BYTES]], _HEADER_BYTES
    while at < len(binary):
        size, body = _read_size(binary, at + 1)
        if binary[at] != _CUSTOM_SECTION:
            kept.append(binary[at : body + size])
        at = body + size
    return b"".join(kept)


def _read_size(binary: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and the place after it: seven bits a byte, lowest first."""
    size = shift = 0
    while True:
        byte = binary[at]
        size |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return size, at


def main() -> None:
    module = as_module(SOURCE.read_text("utf-8"))
    write_text(TARGET, module)
    print(f"{TARGET.name}: {len(assemble(SOURCE.read_text('utf-8')))} bytes of WebAssembly")


if __name__ == "__main__":
    main()
