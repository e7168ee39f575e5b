"""The library of the book: every piece a chapter derives, in one place.

Importing ``llm_lib`` never imports torch: tokenizers, Tales and the widgets work without it.
Import what you need from its module, e.g. ``from llm_lib.tokenizers import BPETokenizer``.
"""

__version__ = "0.1.0"
