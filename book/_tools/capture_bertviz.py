"""Let BertViz draw the name head of Storyteller once, and keep the picture: data/bertviz-*.

    python book/_tools/capture_bertviz.py [--scripts FOLDER]

Run it again when Storyteller was trained anew. BertViz asks cdnjs.cloudflare.com for three scripts.
With ``--scripts``, a folder holding require.js, d3.min.js and jquery.min.js is used instead. Needs
bertviz, Pillow, and Playwright with a Chromium.
"""

from __future__ import annotations

import argparse
import html
import io
import os
import re
import sys
from pathlib import Path

import torch
from bertviz import head_view
from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

from llm_lib.atomic_write import replacing, write_text
from llm_lib.bertviz_offline import NAME
from llm_lib.book_tokenizer import book_tokenizer
from llm_lib.gpt import GPT
from llm_lib.hooks import record
from llm_lib.texts import data_dir

TEXT = (
    "There was once a child called Otto, who lived near the bridge. "
    "One sunny evening, he set out singing. Now"
)
HERO = " Otto"
FAINTEST = 0.03  # a line of less weight is not seen, and would only be carried along
WIDTH = 350  # of the picture: two columns of words and the lines between them


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scripts", type=Path, help="folder with the three scripts")
    options = parser.parse_args()
    tokenizer = book_tokenizer(1024)
    ids = tokenizer.encode("<|endoftext|>" + TEXT, allowed_special="all")
    weights = all_weights(GPT.from_pretrained(data_dir() / "storyteller"), ids)
    layer, head = name_head(weights, ids, tokenizer.encode(HERO)[0])
    words = ["(start)"] + [tokenizer.decode([i]).strip() for i in ids[1:]]
    batches = [layer_weights[None] for layer_weights in weights]
    page = head_view(batches, words, layer=layer, heads=[head], html_action="return")
    alt = describe(weights[layer, head], words, layer, head)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        svg = clean(drawn(browser.new_page(), page.data, options.scripts), alt, layer, head)
        picture = browser.new_page(viewport={"width": WIDTH, "height": 100})
        picture.set_content(f'<body style="margin:0;background:white;color:black">{svg}')
        png = few_colours(picture.locator("svg").screenshot())
        browser.close()
    write_text(data_dir() / f"{NAME}.svg", svg + "\n")
    with replacing(data_dir() / f"{NAME}.png") as file:
        file.write(png)
    print(f"layer {layer}, head {head}: {len(svg):,} bytes of SVG, {len(png):,} of PNG. {alt}")
    return 0


def all_weights(model: GPT, ids: list[int]) -> torch.Tensor:
    """(layers, heads, T, T)."""
    recorded = record(model, torch.tensor(ids), "blocks.*.weights")
    return torch.stack([recorded[f"blocks.{i}.weights"] for i in range(len(model.blocks))])


def name_head(weights: torch.Tensor, ids: list[int], name: int) -> tuple[int, int]:
    """The head in which the last token gives most to the hero's name."""
    given = weights[:, :, -1, torch.tensor(ids) == name].sum(dim=-1)  # (layers, heads)
    return divmod(int(given.argmax()), weights.shape[1])


def describe(weights: torch.Tensor, words: list[str], layer: int, head: int) -> str:
    weight, at = weights[-1].max(dim=-1)
    return (
        f"BertViz's head view of layer {layer}, head {head}. The {len(words)} tokens of a tale "
        f"stand in two columns, with lines from each to those it looks at. The strongest line of "
        f"the last, “{words[-1]}”, leads to “{words[int(at)]}”, with a weight of {weight:.2f}."
    )


def drawn(page: Page, source: str, scripts: Path | None) -> str:
    """The SVG that BertViz makes of its own page."""

    def from_folder(route: Route) -> None:
        file = scripts / route.request.url.rsplit("/", 1)[1].replace("require.min", "require")
        route.fulfill(body=file.read_text("utf-8"), content_type="text/javascript")

    if scripts is not None:
        page.route("https://cdnjs.cloudflare.com/**", from_folder)
    page.set_content(f"<body>{source}")
    page.wait_for_selector("svg line", state="attached")
    return page.evaluate("document.querySelector('svg').outerHTML")


def clean(svg: str, alt: str, layer: int, head: int) -> str:
    """Only what is seen, with the page's own text colour, and with words for those who do not see.

    BertViz draws the lines of all heads and hides most. Here are the ones that show, where and as
    strong as it put them.
    """
    lines = [attributes(tag) for tag in re.findall(r"<line [^>]*>", svg)]
    seen = [line for line in lines if float(line["stroke-opacity"]) >= FAINTEST]
    texts = re.findall(r"(<text [^>]*>)([^<]+)</text>", svg)
    height = float(re.search(r'height="([\d.]+)px"', svg)[1])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{html.escape(alt)}" data-layer="{layer}" data-head="{head}" '
        f'style="width:100%;max-width:{WIDTH}px;font:15px system-ui,sans-serif">'
        f'<g stroke="{seen[0]["stroke"]}" stroke-width="2">{"".join(map(line_tag, seen))}</g>'
        f'<g fill="currentColor">{"".join(text_tag(*text) for text in texts)}</g></svg>'
    )


def line_tag(line: dict[str, str]) -> str:
    x1, y1, x2, y2 = (f"{float(line[name]):g}" for name in ("x1", "y1", "x2", "y2"))
    opacity = f"{float(line['stroke-opacity']):.2f}".lstrip("0")
    return f'<path d="M{x1} {y1} {x2} {y2}" opacity="{opacity}"/>'


def text_tag(tag: str, word: str) -> str:
    at = attributes(tag)
    x, y = float(at["x"]) + float(at["dx"]), float(at["y"]) + float(at["dy"])
    anchor = re.search(r"text-anchor: (\w+)", tag)[1]
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{word}</text>'


def attributes(tag: str) -> dict[str, str]:
    return dict(re.findall(r'([\w-]+)="([^"]*)"', tag))


def few_colours(png: bytes) -> bytes:
    """The same picture in a quarter of the bytes."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(24).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
