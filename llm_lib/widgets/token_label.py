"""How a token looks in a still form: nothing about it is invisible. The page's twin of this is
``ui/token_text.js``."""

_SIGNS = str.maketrans({" ": "·", "\n": "⏎", "\t": "⇥"})


def token_label(token: bytes) -> str:
    """A token with signs for white space; bytes that are no whole character in hexadecimal."""
    try:
        return token.decode().translate(_SIGNS)
    except UnicodeDecodeError:
        shown = (chr(byte) if 0x20 <= byte < 0x7F else f"{byte:02X}" for byte in token)
        return " ".join(shown).translate(_SIGNS)
