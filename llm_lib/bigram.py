"""The smallest language model: the next token guessed from the last one alone.

Two roads to the same place: *count* which token follows which (Shannon, "A Mathematical Theory of
Communication", 1948), or *learn* the same table by gradient descent (Bengio et al., "A Neural
Probabilistic Language Model", 2003, with a context of one). No bigram can do better on a text than
its own counts, so ``bigram_entropy`` is the learned model's floor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm_lib.arguments import require_positive
from llm_lib.datasets import Tokens
from llm_lib.embeddings import TokenEmbedding
from llm_lib.token_file import TokenFile

CHUNK = 1 << 20  # ids counted at once: bounds the memory that a long text needs
MAX_VOCAB_SIZE = 1 << 14  # of a count table: 16,384² int64 counts are already 2 GiB


class BigramModel(nn.Module):
    """Logits of the next token from the current token only.

    With ``n_embd=None`` each token has a row of V logits of its own: a (V, V) table. With a number
    C, a token has a vector of C numbers, which one shared linear head turns into V logits. That is
    2·V·C + V parameters in place of V·V, too few to hold any table exactly, and tokens that are
    followed alike come to lie close together.
    """

    def __init__(self, vocab_size: int, n_embd: int | None = None) -> None:
        super().__init__()
        require_positive(vocab_size=vocab_size)
        self.vocab_size = vocab_size
        self.token_embedding = TokenEmbedding(vocab_size, vocab_size if n_embd is None else n_embd)
        self.head = nn.Identity() if n_embd is None else nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor, targets: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Logits ``(..., T, V)`` for ids ``(..., T)``; with targets ``(..., T)``, the mean
        cross-entropy too, in nats per token."""
        logits = self.head(self.token_embedding(ids))  # (..., T, V)
        if targets is None:
            return logits, None
        if targets.shape != ids.shape:
            raise ValueError(
                f"targets has shape {tuple(targets.shape)} and ids {tuple(ids.shape)}: "
                "each id needs one target, the token that follows it."
            )
        return logits, F.cross_entropy(logits.flatten(0, -2), targets.flatten())

    @torch.no_grad()
    def generate(
        self,
        ids: Tensor,
        max_new_tokens: int,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Continue each row of ids ``(..., T)`` to ``(..., T + max_new_tokens)``.

        Draws from ``softmax(logits / temperature)``; temperature 0 takes the likeliest token.
        """
        if ids.ndim == 0 or ids.shape[-1] == 0:
            raise ValueError("ids is empty; a bigram model needs a token to start from: give one.")
        if max_new_tokens < 0:
            raise ValueError(f"max_new_tokens is {max_new_tokens}; it must be 0 or more.")
        if not 0 <= temperature < float("inf"):
            raise ValueError(
                f"temperature is {temperature}; it must be 0 (always the likeliest token) or more."
            )
        for _ in range(max_new_tokens):
            logits, _ = self(ids[..., -1:])  # (..., 1, V): only the last token counts
            ids = torch.cat((ids, _draw(logits.squeeze(-2), temperature, generator)), dim=-1)
        return ids


def _draw(logits: Tensor, temperature: float, generator: torch.Generator | None) -> Tensor:
    """One token for each row of logits ``(..., V)``: ``(..., 1)``."""
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    probabilities = F.softmax(logits / temperature, dim=-1)  # (..., V)
    drawn = torch.multinomial(probabilities.reshape(-1, logits.shape[-1]), 1, generator=generator)
    return drawn.reshape(*logits.shape[:-1], 1)


def fit(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    steps: int,
    lr: float = 0.03,
    log_every: int = 50,
) -> list[tuple[int, float]]:
    """Train with AdamW, going through ``batches`` again and again, for ``steps`` steps.

    The learning rate falls in a straight line from ``lr`` to 0, so that the last steps settle.
    Returns ``(step, loss)`` pairs, the loss before that step's update, from step 0 on. All chance
    is in the model's initial weights and the loader's seed.

    Raises:
        ValueError: no steps, no batches, or a learning rate that is not above 0.
        RuntimeError: the loss is no longer a finite number.
    """
    require_positive(steps=steps, log_every=log_every)
    if not 0 < lr < float("inf"):
        raise ValueError(f"lr is {lr}; it must be above 0, for instance 0.03.")
    # No weight decay: the aim is the text's own counts, not smaller weights.
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)
    history = []
    for step, (inputs, targets) in zip(range(steps), _endless(batches), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = lr * (1 - step / steps)
        _, loss = model(inputs, targets)
        if step % log_every == 0 or step == steps - 1:
            history.append((step, loss.item()))
            if not torch.isfinite(loss):
                raise RuntimeError(f"the loss is {loss.item()} at step {step}: lower lr ({lr}).")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return history


def _endless(batches: Iterable[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        batch = None
        for batch in batches:
            yield batch
        if batch is None:
            raise ValueError(
                "batches is empty (or an iterator already used up): "
                "give a list or a DataLoader, which can be gone through again."
            )


def count_bigrams(ids: Tokens, vocab_size: int) -> Tensor:
    """How often token b follows token a: ``counts[a, b]``, int64 (V, V).

    ``ids`` is one row of ids (tensor, sequence or ``TokenFile``, read in chunks) or a tensor of
    rows ``(..., T)``; a pair never reaches from one row into the next.
    """
    require_positive(vocab_size=vocab_size)
    if vocab_size > MAX_VOCAB_SIZE:
        raise ValueError(
            f"vocab_size is {vocab_size}: a table of counts would hold {vocab_size**2:,} numbers. "
            f"Use a tokenizer with at most {MAX_VOCAB_SIZE} tokens."
        )
    counts = torch.zeros(vocab_size * vocab_size, dtype=torch.int64)
    for rows in _overlapping_chunks(ids):  # (..., t)
        for end in (rows.min(), rows.max()):
            if not 0 <= end < vocab_size:
                raise ValueError(
                    f"token id {int(end)} is not in the vocabulary: ids run from 0 to "
                    f"{vocab_size - 1}. Use the vocab_size of the tokenizer that made them."
                )
        pairs = rows[..., :-1] * vocab_size + rows[..., 1:]  # (a, b) as one number
        counts += torch.bincount(pairs.flatten(), minlength=vocab_size * vocab_size)
    return counts.view(vocab_size, vocab_size)  # (V, V)


def _overlapping_chunks(ids: Tokens) -> Iterator[Tensor]:
    """Pieces of ids, each beginning with the last id of the one before, so that no pair is lost."""
    rows = ids if isinstance(ids, (Tensor, TokenFile)) else torch.as_tensor(ids)
    length = rows.shape[-1] if isinstance(rows, Tensor) else len(rows)
    if length < 2:
        raise ValueError(f"{length} tokens make no pair: give at least 2.")
    for start in range(0, length - 1, CHUNK):
        piece = slice(start, start + CHUNK + 1)
        yield (rows[..., piece] if isinstance(rows, Tensor) else rows[piece]).long()


def bigram_probabilities(counts: Tensor, smoothing: float = 0.0) -> Tensor:
    """Row a is the distribution of the token after a: ``(V, V)``, float64, rows summing to 1.

    ``smoothing`` is added to every count first, so that no pair is impossible (add-k smoothing;
    Jurafsky and Martin, "Speech and Language Processing", chapter 3). A row without any counts is
    uniform.
    """
    if not 0 <= smoothing < float("inf"):
        raise ValueError(f"smoothing is {smoothing}; it must be 0 or more, for instance 0.1.")
    smoothed = counts.double() + smoothing  # (V, V)
    totals = smoothed.sum(dim=1, keepdim=True)  # (V, 1)
    return torch.where(totals > 0, smoothed / totals, 1 / counts.shape[1])


def bigram_entropy(counts: Tensor, smoothing: float = 0.0, held_out: Tensor | None = None) -> float:
    """Loss, in nats per token, of the bigram model made by counting.

    With ``smoothing=0`` and no ``held_out`` counts it is the conditional entropy H(next | current)
    of the counted text: the lowest loss that any bigram model can reach there. With ``held_out``,
    the counts of another text, it is the loss of this text's bigrams on that one: infinite as soon
    as it holds a pair that has probability 0.
    """
    weights = (counts if held_out is None else held_out).double()  # (V, V)
    if weights.shape != counts.shape:
        raise ValueError(
            f"held_out has shape {tuple(weights.shape)} and counts {tuple(counts.shape)}: "
            "count both texts with the same vocab_size."
        )
    if weights.sum() == 0:
        raise ValueError("all counts are 0: count the bigrams of a text with at least 2 tokens.")
    probabilities = bigram_probabilities(counts, smoothing)
    # xlogy makes 0 · log 0 a 0, as its limit is.
    return float(-torch.xlogy(weights, probabilities).sum() / weights.sum())
