"""Storyteller, the book's own model: how it was trained, start to end.

    python -m llm_lib train tales --out data/storyteller

draws tales with the odds of each of their tokens, trains on these, measures the loss on whole
stories beside the floor, rounds the weights to one byte each, lets the model write tales and has
them graded. Beside the model it leaves ``log.csv`` (the curve), ``card.json`` (what was measured)
and in ``replay/`` the weights on the way.
"""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from llm_lib.atomic_write import write_text
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.checkpoints import save_pretrained
from llm_lib.gpt import GPT
from llm_lib.gpt_config import GPTConfig
from llm_lib.tokenizers import BPETokenizer
from llm_lib.training.evaluation import WholeStories, grade_tales
from llm_lib.training.loop import training_steps
from llm_lib.training.optimizer import create_optimizer
from llm_lib.training.replay import quantized_weights, round_weights, save_replay
from llm_lib.training.schedule import Schedule
from llm_lib.training.told import ToldTales, ToldWindows
from llm_lib.training.windows import Phases, RandomWindows, StoryWindows

REPLAY = (0, 100, 300, 600, 1000, 2000, 4000, 10000)
"""After how many steps the weights are kept: closer together where more happens."""


@dataclass(frozen=True)
class Recipe:
    """Every number that decides what Storyteller becomes, but for the machine it is trained on."""

    steps: int = 14_000
    batch_size: int = 8  # small batches and more steps beat large batches at this size
    lr: float = 3e-3
    warmup: int = 100
    decay: int = 11_500  # the last steps, in which the learning rate falls to 0
    weight_decay: float = 0.1
    beta2: float = 0.99
    anywhere: int = 1_500  # the first steps, with windows from anywhere; then whole stories
    tales: int = 60_000  # to draw windows from
    # How many times a token counts, by its kind or role. What a tale seldom says again is never
    # learned otherwise: one token in 900 is the place where a tale began, one in 1,300 a number.
    emphasis: dict[str, int] = field(
        default_factory=lambda: {
            "count": 100,
            "start": 50,
            "goal": 30,
            "place": 30,
            "flaw": 10,
            "other_flaw": 10,
            "consequence": 4,
            "trait": 2,
        }
    )
    seed: int = 1
    evaluate_every: int = 1000

    def shortened(self, steps: int) -> Recipe:
        """The recipe for a run of ``steps`` steps, each stage in proportion."""
        share = min(1.0, steps / self.steps)
        return replace(
            self,
            steps=steps,
            warmup=round(share * self.warmup),
            decay=round(share * self.decay),
            anywhere=round(share * self.anywhere),
        )

    def batches(self, told: ToldTales, config: GPTConfig) -> Phases:
        """First windows from anywhere in the tales, then windows that begin with a tale.

        The first teach the model to look for words wherever they stand; with the second alone it
        would sit for long on what stands at which position. But in a window that begins mid-tale
        nobody can know the names: the second leave out that noise.
        """
        sizes = (config.block_size, self.batch_size)
        first = RandomWindows(told.tokens, *sizes, seed=self.seed)
        second = StoryWindows(told.tokens, *sizes, told.vocab_size - 1, seed=self.seed)
        return Phases(ToldWindows(first, told), ToldWindows(second, told), self.anywhere)


def train_storyteller(folder: Path, recipe: Recipe, graded: int = 1000) -> dict[str, Any]:
    """Train Storyteller by the recipe and write the folder; what its ``card.json`` holds."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = book_tokenizer(1024)
    config = GPTConfig.from_name("storyteller")
    torch.manual_seed(recipe.seed)
    model = GPT(config)
    told = ToldTales(tokenizer, recipe.tales, recipe.seed, recipe.emphasis)
    batches = recipe.batches(told, config)
    log = Log(folder, WholeStories(tokenizer, config.block_size, n=500), recipe)
    optimizer = create_optimizer(model, recipe.lr, recipe.weight_decay, (0.9, recipe.beta2))
    schedule = Schedule(recipe.lr, recipe.warmup, recipe.steps, recipe.decay)
    log.measure(model, 0)
    save_replay(model, folder, 0)
    steps = training_steps(model, batches, optimizer, schedule)
    for step in tqdm(steps, total=recipe.steps, mininterval=10):
        done = step.number + 1
        if done in REPLAY:
            save_replay(model, folder, done)
        if done in REPLAY or done % recipe.evaluate_every == 0 or done == recipe.steps:
            log.measure(model, done)
    round_weights(model)
    save_pretrained(model, folder, tokenizer)
    return write_card(model, tokenizer, folder, log, graded)


class Log:
    """The curve, written after each measurement as ``log.csv``: small, and whole at any time."""

    def __init__(self, folder: Path, stories: WholeStories, recipe: Recipe) -> None:
        self.path = folder / "log.csv"
        self.stories = stories
        self.recipe = recipe
        self.rows: list[dict[str, object]] = []
        self.started = time.monotonic()

    def measure(self, model: GPT, step: int) -> float:
        """Add a row: the loss on whole validation stories after ``step`` steps."""
        loss = self.stories.loss(model)
        read = step * self.recipe.batch_size * model.config.block_size
        self.rows.append(
            {
                "step": step,
                "tokens": read,
                "seconds": round(time.monotonic() - self.started),
                "validation_loss": f"{loss:.5f}",
                "floor": f"{self.stories.floor:.5f}",
            }
        )
        out = io.StringIO()
        writer = csv.DictWriter(out, list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_text(self.path, out.getvalue())
        tqdm.write(f"step {step}: {loss:.4f} nats per token, {loss / self.stories.floor:.3f} floor")
        return loss


def write_card(
    model: GPT, tokenizer: BPETokenizer, folder: Path, log: Log, graded: int
) -> dict[str, Any]:
    """Measure the model as it is saved and write ``card.json``."""
    test = WholeStories(tokenizer, model.config.block_size, split="test")
    card: dict[str, Any] = {
        "about": "made by: python -m llm_lib train tales --out data/storyteller",
        "recipe": asdict(log.recipe),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "tokens_read": log.rows[-1]["tokens"],
        "minutes": round(float(str(log.rows[-1]["seconds"])) / 60, 1),
        "page_bytes": quantized_weights(model).n_bytes,
    }
    for name, stories in (("validation", log.stories), ("test", test)):
        loss = stories.loss(model)
        card[name] = {
            "loss": round(loss, 5),
            "floor": round(stories.floor, 5),
            "ratio": round(loss / stories.floor, 4),
            "stories": len(stories.rows),
        }
    for temperature in (1.0, 0.7):
        grade = grade_tales(model, tokenizer, graded, temperature=temperature)
        card[f"temperature_{temperature}"] = {
            "written": grade.written,
            "straight": grade.straight,
            "faults": dict(grade.faults.most_common()),
        }
    write_text(folder / "card.json", json.dumps(card, indent=2) + "\n")
    return card
