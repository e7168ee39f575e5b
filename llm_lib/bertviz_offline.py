"""BertViz's head view without BertViz's network: a picture that it drew, kept beside the models.

BertViz (Vig, "A Multiscale Visualization of Attention in the Transformer Model", 2019) loads three
scripts from another host whenever it draws, and is an empty box where that host cannot be reached.
``book/_tools/capture_bertviz.py`` let it draw once; this shows what came out.
"""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

from llm_lib.texts import data_dir

NAME = "bertviz-head-view"


class CapturedHeadView:
    """A head view on the page: SVG in the page's own text colour, PNG for viewers that strip SVG.

    Raises:
        FileNotFoundError: the captured files are not there.
    """

    def __init__(self, folder: Path) -> None:
        self.svg = _read(folder / f"{NAME}.svg").decode("utf-8").strip()
        self._png = base64.b64encode(_read(folder / f"{NAME}.png")).decode("ascii")
        self.alt = html.unescape(re.search(r'aria-label="([^"]*)"', self.svg)[1])

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        caption = "<figcaption>Drawn by BertViz 1.4.1, and captured.</figcaption>"
        return {
            "text/html": f'<figure class="llm-plot">{self.svg}{caption}</figure>',
            "image/png": self._png,
            "text/plain": repr(self),
        }


def captured_head_view() -> CapturedHeadView:
    """BertViz's head view of Storyteller's name head, as it was drawn when the model was trained.

    The live one: ``bertviz.head_view(attention, tokens)`` in a notebook that is online.
    """
    return CapturedHeadView(data_dir())


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no {path}: the clone is incomplete, or make it again with "
            "python book/_tools/capture_bertviz.py"
        )
    return path.read_bytes()
