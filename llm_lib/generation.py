"""Writing: a GPT continues texts, token by token.

``generate`` continues one text or a batch, ``stream`` gives the tokens of one text as they come,
``text_of`` turns such tokens into text. Three promises, each held by tests:

- **Same seed, same text.** All chance comes from ``llm_lib.uniform``, one number for each token
  drawn. The page's engine draws by the same rule, so it writes the same text, up to rounding.
- **A text does not depend on its batch.** Row r draws from stream r of the seed, whatever the
  length of its neighbours and whenever they end.
- **The cache changes the time, not the text**, even where a text outgrows the context: see
  ``llm_lib.context_window``.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor

from llm_lib.context_window import WindowReader
from llm_lib.decoding import Decoder
from llm_lib.gpt import GPT
from llm_lib.sampling import SamplingOptions, choose, tokens_seen
from llm_lib.uniform import Uniform

if TYPE_CHECKING:
    from llm_lib.tokenizers import BPETokenizer

Text: TypeAlias = "Sequence[int] | Tensor"


def generate(
    model: GPT | Decoder,
    ids: Text | Sequence[Text],
    max_new_tokens: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    repetition_penalty: float = 1.0,
    stop_tokens: Collection[int] = (),
    seed: int = 0,
    use_cache: bool = True,
) -> list[int] | list[list[int]]:
    """Continue a text, or each text of a batch, by up to ``max_new_tokens`` tokens.

    Args:
        model: reads without gradients and without dropout; it keeps the mode that it is in. Where
            you call this often, give ``llm_lib.decoding.Decoder(model)``, made once: a model's
            weights are packed for writing in every call, which for 124M takes a fifth of a second.
        ids: the prompt: one row of token ids (a list or a tensor ``(T,)``), or a batch of rows,
            which may differ in length.
        max_new_tokens: the most tokens to add to each; 0 adds none.
        temperature: below 1 bolder, above 1 wilder; 0 always takes the likeliest token.
        top_k, top_p, min_p: limits to the tokens that may be drawn; repetition_penalty: above 1 it
            discourages tokens that the text holds. See :mod:`llm_lib.sampling`.
        stop_tokens: a text ends with the first of these that the model writes.
        seed: of all chance, 0 to 2⁵³ - 1. Row r of a batch draws from stream r.
        use_cache: keep keys and values, or read the whole window again for every token.

    Returns:
        The prompt and what follows it, a stop token included, as a list of ids; for a batch, a list
        of such lists, in the order of the prompts.

    Raises:
        ValueError: an empty prompt (a model needs a token to start from: ``<|endoftext|>`` begins
            a new text), an option outside its range, or a Decoder whose model has changed.
        TypeError: ids that are no whole numbers.
        IndexError: an id outside the vocabulary.
    """
    rows, is_batch = _as_rows(ids)
    options = SamplingOptions(temperature, top_k, top_p, min_p, repetition_penalty)
    writer = _Writer(model, rows, max_new_tokens, options, stop_tokens, seed, use_cache)
    for _ in writer.steps():
        pass
    return writer.rows if is_batch else writer.rows[0]


def stream(
    model: GPT | Decoder,
    ids: Text,
    max_new_tokens: int,
    *,
    stop_tokens: Collection[int] = (),
    seed: int = 0,
    use_cache: bool = True,
    **sampling_options: Any,
) -> Iterator[int]:
    """The tokens that :func:`generate` would add to one text, each as soon as it is known.

    Arguments and errors are the same. Errors come at once, not with the first token.
    """
    rows, is_batch = _as_rows(ids)
    if is_batch:
        raise ValueError("stream writes one text: give one row of ids, or use generate.")
    options = SamplingOptions(**sampling_options)
    writer = _Writer(model, rows, max_new_tokens, options, stop_tokens, seed, use_cache)
    return (token for added in writer.steps() for token in added)


def text_of(tokenizer: BPETokenizer, ids: Iterable[int]) -> Iterator[str]:
    """The text of ids that arrive one by one, in pieces that can be printed at once.

    A token may end in the middle of a character: its bytes wait until the rest has arrived. Joined,
    the pieces are ``tokenizer.decode(ids)``.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for id_ in ids:
        if piece := decoder.decode(tokenizer.decode_bytes([id_])):
            yield piece
    if piece := decoder.decode(b"", final=True):
        yield piece


class _Writer:
    """A batch of texts while they are being written.

    All texts are read in step, so that none needs padding: where a text's own prompt goes on, its
    next token is taken from there, and nothing is drawn for it.
    """

    def __init__(
        self,
        model: GPT | Decoder,
        rows: list[list[int]],
        max_new_tokens: int,
        options: SamplingOptions,
        stop_tokens: Collection[int],
        seed: int,
        use_cache: bool,
    ) -> None:
        if type(max_new_tokens) is not int or max_new_tokens < 0:
            raise ValueError(f"max_new_tokens is {max_new_tokens!r}; it must be 0 or more.")
        self.reader = WindowReader(model, use_cache)
        vocab_size = self.reader.model.config.vocab_size
        _require_known(rows, vocab_size)
        self.rows = rows
        self.ends = [len(row) + max_new_tokens for row in rows]  # lengths at which to stop
        self.options = options
        self.stop_tokens = frozenset(stop_tokens)
        self.numbers = [Uniform(seed, stream) for stream in range(len(rows))]
        self.seen = None
        if options.repetition_penalty != 1:
            seen = [tokens_seen(torch.tensor(row), vocab_size) for row in rows]
            self.seen = torch.stack(seen)  # (B, V)

    def steps(self) -> Iterator[list[int]]:
        """Write to the end. Each step gives the tokens that were added, in the order of rows."""
        length = min(map(len, self.rows), default=0)
        while any(length < end for end in self.ends):
            logits = self.reader.read(self.rows, length)  # (B, V)
            yield self._add(logits, length)
            length += 1

    @torch.inference_mode()
    def _add(self, logits: Tensor, length: int) -> list[int]:
        """Draw for the rows that have ``length`` tokens and have not ended."""
        open_rows = [
            index for index, row in enumerate(self.rows) if len(row) == length < self.ends[index]
        ]
        if not open_rows:
            return []
        everyone = len(open_rows) == len(self.rows)
        logits = (logits if everyone else logits[open_rows]).cpu()
        seen = None if self.seen is None else self.seen[open_rows]
        numbers = [self.numbers[index].next() for index in open_rows]
        tokens = choose(logits, numbers, self.options, seen).tolist()
        for index, token in zip(open_rows, tokens, strict=True):
            self.rows[index].append(token)
            if token in self.stop_tokens:
                self.ends[index] = length + 1
            if self.seen is not None:
                self.seen[index, token] = True
        return tokens


def _as_rows(ids: Text | Sequence[Text]) -> tuple[list[list[int]], bool]:
    """The prompts as lists of ints, and whether a batch was given rather than one row."""
    given = _as_list(ids)
    rows = [_as_list(row) for row in given] if isinstance(given, list) else []
    if any(isinstance(row, list) for row in rows):
        return [_checked_prompt(row, f"prompt {index}") for index, row in enumerate(rows)], True
    return [_checked_prompt(given, "the prompt")], False


def _as_list(ids: Any) -> Any:
    """A list for a tensor, an array or a sequence; a number as it is."""
    if hasattr(ids, "tolist"):
        return ids.tolist()
    return list(ids) if isinstance(ids, Sequence) and not isinstance(ids, str) else ids


def _checked_prompt(row: Any, which: str) -> list[int]:
    if not isinstance(row, list) or not all(type(id_) is int for id_ in row):
        raise TypeError(
            f"{which} is {str(row)[:60]!r}; give a row of token ids, which are whole numbers: "
            "encode a text first, tokenizer.encode(text)."
        )
    if not row:
        raise ValueError(
            f"{which} is empty, and a model needs a token to start from: give the one that begins "
            'texts, [tokenizer.special_tokens["<|endoftext|>"]].'
        )
    return row


def _require_known(rows: list[list[int]], vocab_size: int) -> None:
    for row in rows:
        for id_ in (min(row), max(row)):
            if not 0 <= id_ < vocab_size:
                raise IndexError(
                    f"the prompt holds token id {id_}, and ids run from 0 to {vocab_size - 1}: "
                    "use the tokenizer that the model was made for."
                )
