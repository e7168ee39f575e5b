"""Tokenizers as files of other libraries: `tokenizer.json`, GPT-2's two files, tiktoken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llm_lib.tokenizers.byte_alphabet import spell, unspell
from llm_lib.tokenizers.pretokenize import GPT2_PATTERN

if TYPE_CHECKING:
    import tiktoken

    from llm_lib.tokenizers.bpe import BPETokenizer

# What a tokenizer is made of: tokens by id, merges, ids of special tokens, and the pattern.
Parts = tuple[list[bytes], list[tuple[bytes, bytes]], dict[str, int], str]

END_OF_TEXT = "<|endoftext|>"

# Options of the model in tokenizer.json that plain byte-level BPE does not use.
MODEL_SETTINGS_OFF = dict.fromkeys(
    ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")
) | dict.fromkeys(("fuse_unk", "byte_fallback", "ignore_merges"), False)


def to_tokenizer_json(tokenizer: BPETokenizer) -> str:
    """The text of a `tokenizer.json`, as `tokenizers` and `transformers` read it.

    Raises:
        ValueError: a special token is written like another token in GPT-2's alphabet.
    """
    special_tokens = tokenizer.special_tokens
    special_ids = set(special_tokens.values())
    vocab = {
        token.decode() if id_ in special_ids else spell(token): id_
        for id_, token in enumerate(tokenizer.vocab)
    }
    if len(vocab) < tokenizer.vocab_size:
        ordinary = {spell(t) for i, t in enumerate(tokenizer.vocab) if i not in special_ids}
        twin = next(token for token in special_tokens if token in ordinary)
        raise ValueError(
            f"special token {twin!r} cannot be saved: tokenizer.json writes another token in the "
            "same way; give it a name of several characters, such as '<|endoftext|>'"
        )
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    split = {"type": "Split", "pattern": {"Regex": tokenizer.pattern}, "behavior": "Isolated"}
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": id_, "content": token, **flags, "special": True}
            for token, id_ in sorted(special_tokens.items(), key=lambda item: item[1])
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [split | {"invert": False}, byte_level | {"use_regex": False}],
        },
        "post_processor": None,
        "decoder": byte_level | {"use_regex": True},
        "model": {
            "type": "BPE",
            **MODEL_SETTINGS_OFF,
            "vocab": vocab,
            # "a b" and not ["a", "b"]: older versions of tokenizers read only this form.
            "merges": [f"{spell(left)} {spell(right)}" for left, right in tokenizer.merges],
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def parse_tokenizer_json(text: str) -> Parts:
    """The parts of a tokenizer from the text of a `tokenizer.json`.

    Raises:
        ValueError: damaged, or with a setting that `BPETokenizer` does not have.
    """
    content = _parse_json_object(text)
    try:
        model = content["model"]
        _refuse_unknown_settings(content, model)
        special_tokens = {token["content"]: token["id"] for token in content["added_tokens"]}
        vocab = {token: id_ for token, id_ in model["vocab"].items() if token not in special_tokens}
        merges = [_parse_merge(merge) for merge in model["merges"]]
        pattern = _parse_pattern(content["pre_tokenizer"])
    except KeyError as error:
        raise ValueError(f"{error} is missing from this tokenizer.json; get it again") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(f"it is not a tokenizer.json ({error}); get the file again") from error
    return _tokens_by_id(vocab, special_tokens), merges, special_tokens, pattern


def parse_gpt2_files(encoder_json: str, vocab_bpe: str) -> Parts:
    """The parts of GPT-2's tokenizer from the texts of `encoder.json` and `vocab.bpe`.

    Raises:
        ValueError: a file is damaged, or is another file.
    """
    ids = _parse_json_object(encoder_json)
    # Split at "\n" only: some tokens hold characters that splitlines() takes for line breaks.
    header, *lines = vocab_bpe.rstrip("\n").split("\n")
    if not header.startswith("#version"):
        raise ValueError(
            f"the second file starts with {header[:40]!r}, not with '#version': it is not a "
            "vocab.bpe; pass encoder.json first and vocab.bpe second"
        )
    merges = [_parse_merge(line) for line in lines]
    special_tokens = {token: ids.pop(token) for token in [END_OF_TEXT] if token in ids}
    return _tokens_by_id(ids, special_tokens), merges, special_tokens, GPT2_PATTERN


def to_tiktoken(tokenizer: BPETokenizer, name: str) -> tiktoken.Encoding:
    """A `tiktoken.Encoding` of the same vocabulary; see `BPETokenizer.to_tiktoken`."""
    try:
        import tiktoken
    except ImportError as error:
        raise ImportError("to_tiktoken needs tiktoken: pip install tiktoken") from error
    special_ids = set(tokenizer.special_tokens.values())
    id_of = {t: id_ for id_, t in enumerate(tokenizer.vocab) if id_ not in special_ids}
    merged_ids = [id_of[left + right] for left, right in tokenizer.merges]
    if merged_ids != sorted(merged_ids) or not tokenizer.rebuilds_every_token:
        raise ValueError(
            "tiktoken takes the order of the ids for the order of the merges, which these merges "
            "do not follow: train the tokenizer, or use save() and the tokenizers package"
        )
    return tiktoken.Encoding(
        name,
        pat_str=tokenizer.pattern,
        mergeable_ranks=id_of,
        special_tokens=tokenizer.special_tokens,
    )


def _parse_json_object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"it is not JSON ({error}) and may be cut short; get the file again"
        ) from error
    if not isinstance(content, dict):
        raise ValueError(f"it must hold a JSON object, not {text[:40]!r}")
    return content


def _tokens_by_id(spelled: dict[str, int], special_tokens: dict[str, int]) -> list[bytes]:
    """Turns `{token: id}` into a list; the ids must be 0, 1, 2, … with none left out."""
    token_of = {id_: unspell(token) for token, id_ in spelled.items()}
    token_of |= {id_: token.encode() for token, id_ in special_tokens.items()}
    n_tokens = len(spelled) + len(special_tokens)
    missing = next((id_ for id_ in range(n_tokens) if id_ not in token_of), None)
    if missing is not None:
        raise ValueError(
            f"no token has id {missing}, though there are {n_tokens} tokens: "
            "ids must be 0, 1, 2, … without gaps or repeats"
        )
    return [token_of[id_] for id_ in range(n_tokens)]


def _parse_merge(merge: str | list[str]) -> tuple[bytes, bytes]:
    parts = merge.split(" ") if isinstance(merge, str) else merge
    if len(parts) != 2 or not all(parts):
        raise ValueError(f"{merge!r} is not a merge: a merge is two tokens, such as 'Ġ t'")
    return unspell(parts[0]), unspell(parts[1])


def _parse_pattern(pre_tokenizer: dict[str, Any]) -> str:
    """The pattern behind the two ways in which byte-level tokenizers are commonly written."""
    match pre_tokenizer:
        case {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}:
            return GPT2_PATTERN
        case {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated"},
                {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
            ],
        } if not pre_tokenizer["pretokenizers"][0].get("invert"):
            return pattern
    raise ValueError(
        f"its pre_tokenizer is {json.dumps(pre_tokenizer)[:200]}; only ByteLevel without prefix "
        "space is supported, alone or after one Split by a Regex"
    )


def _refuse_unknown_settings(content: dict[str, Any], model: dict[str, Any]) -> None:
    """Raises ValueError for settings under which ids would differ from ours."""
    if model["type"] != "BPE":
        raise ValueError(f"its model is {model['type']!r}; only byte-level 'BPE' is supported")
    settings = {"normalizer": content.get("normalizer")}
    for key in MODEL_SETTINGS_OFF:
        settings[key] = model.get(key)
    for token in content["added_tokens"]:
        for key in ("single_word", "lstrip", "rstrip"):
            settings[f"{key} of {token['content']!r}"] = token.get(key)
    for key, value in settings.items():
        if value:
            raise ValueError(f"its setting {key} is {value!r}; only null, empty or false will do")
