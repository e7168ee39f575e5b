"""GPT-2's alphabet: one printable character for each of the 256 bytes.

GPT-2's files, and `tokenizer.json` after them, write tokens as text. Tokens are bytes, and not all
bytes can be printed, so each byte gets a character: itself where it is printable, and otherwise the
next free character from U+0100 on. A space (byte 32) is the 33rd byte that needs one: `Ġ`, U+0120.

Source: `bytes_to_unicode` in the code of Radford et al. (2019), "Language Models are Unsupervised
Multitask Learners".
"""

from __future__ import annotations

PRINTABLE_BYTES = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
OTHER_BYTES = [byte for byte in range(256) if byte not in PRINTABLE_BYTES]

# Which character spells a byte, in the order of GPT-2's first 256 ids.
BYTE_TO_CHAR: dict[int, str] = {byte: chr(byte) for byte in PRINTABLE_BYTES} | {
    byte: chr(0x100 + position) for position, byte in enumerate(OTHER_BYTES)
}

_TO_ALPHABET = str.maketrans({chr(byte): char for byte, char in BYTE_TO_CHAR.items()})
_FROM_ALPHABET = str.maketrans({char: chr(byte) for byte, char in BYTE_TO_CHAR.items()})
_ALPHABET = frozenset(BYTE_TO_CHAR.values())


def spell(token: bytes) -> str:
    """Writes bytes in GPT-2's alphabet: `spell(b" the")` is `"Ġthe"`."""
    return token.decode("latin-1").translate(_TO_ALPHABET)


def unspell(spelled: str) -> bytes:
    """The bytes that `spelled` stands for: `unspell("Ġthe")` is `b" the"`.

    Raises:
        ValueError: a character that stands for no byte.
    """
    if not _ALPHABET.issuperset(spelled):
        strange = next(char for char in spelled if char not in _ALPHABET)
        raise ValueError(
            f"token {spelled!r} holds {strange!r}, which stands for no byte in GPT-2's alphabet: "
            "the file is not a byte-level vocabulary"
        )
    return spelled.translate(_FROM_ALPHABET).encode("latin-1")
