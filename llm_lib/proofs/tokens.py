"""Texts that tell tokenizers apart, and their ids as tiktoken and the library have them.

Byte pair ids are those of ``tiktoken``, made from the same merges and run by its own code in Rust;
those of words are ``WordTokenizer``'s. Of characters and bytes, how many and the sum of their ids.
"""

from __future__ import annotations

from typing import Any

from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.book_words import book_word_tokenizer
from llm_lib.tokenizers.pretokenize import well_formed

FILE = "tokens.json"
VOCAB_SIZES = (512, 1024, 2048)  # those that the figure offers
TEXTS = (
    "",
    "One sunny morning, Omar was bored.",
    '"It came out lovely," said Kebbel --',
    "It's DON'T we'll o'clock’s well-known",
    " two  spaces  ",
    "a\tb\r\n\r\n \n c\n",
    "a\u00a0b\u3000c\u0085d\u200be\ufefff",  # spaces to some rules, and not to others
    "0 12 3456 ½ ² Ⅷ ٣",
    "__init__ camelCase <b>&amp;",
    "aaaaaaa",
    "café cafe\u0301",  # one code point, or a letter and its mark
    "Z\u0351\u036b \u0301",
    "Straße ΑΓΆ",
    "שלום עולם",
    "مرحبا ١٢",
    "你好，こん안녕。",
    "नमस्",
    "👩\u200d👩\u200d👧👍",
    "🇫🇷 1\ufe0f\u20e3",
    "<|endoftext|> <|endof <unk>",
    "half: \ud83d.",
    "\x00\x1c\x7f",
)


def build() -> dict[str, Any]:
    """The texts, their ids in each cut, and the sums of characters and bytes.

    Raises:
        ImportError: tiktoken is not installed.
    """
    clean = [well_formed(text) for text in TEXTS]
    words = book_word_tokenizer()
    cuts = [{"unit": "words", "ids": [words.encode(text) for text in clean]}]
    for size in VOCAB_SIZES:
        encoding = book_tokenizer(size).to_tiktoken()
        ids = [encoding.encode_ordinary(text) for text in TEXTS]
        cuts.append({"unit": "bpe", "size": size, "ids": ids})
    sums = {
        "characters": [[len(text), sum(map(ord, text))] for text in clean],
        "bytes": [[len(text.encode()), sum(text.encode())] for text in clean],
    }
    return {"against": "tiktoken and llm_lib", "texts": TEXTS, "cuts": cuts, "sums": sums}
