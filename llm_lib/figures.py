"""Show a matplotlib figure as part of the book: readable in light and dark, by ear, and by nbval.

A PNG would be blind to the reader's theme, silent to a screen reader and invisible to nbval. So a
figure becomes inline SVG whose colours are those of the palette, by name, with a description.
"""

from __future__ import annotations

import base64
import html
import io
import re
from typing import TYPE_CHECKING

from llm_lib.palette import palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FONT = "system-ui, 'DejaVu Sans', sans-serif"


class ShownFigure:
    """A figure on the page. HTML for the site and the notebooks, PNG for viewers that strip SVG."""

    def __init__(self, figure: Figure, alt: str, caption: str) -> None:
        self.alt = alt
        self.caption = caption
        self._svg = _to_svg(figure, alt)
        self._png = _to_png(figure)

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return {
            "text/html": f'<figure class="llm-plot">{self._svg}{caption}</figure>',
            "image/png": self._png,
            "text/plain": repr(self),
        }


def show(figure: Figure, alt: str, caption: str = "") -> ShownFigure:
    """Turn a matplotlib figure into a figure of the book, and close it.

    Args:
        figure: drawn with colours of :func:`llm_lib.palette.palette` in its light mode.
        alt: what the picture shows, in a sentence: the trend and the numbers that matter.
        caption: what to notice.

    Raises:
        ValueError: ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty; say in a sentence what the picture shows")
    shown = ShownFigure(figure, alt, caption)
    import matplotlib.pyplot as plt

    plt.close(figure)
    return shown


def _to_svg(figure: Figure, alt: str) -> str:
    import matplotlib as mpl

    buffer = io.StringIO()
    # The salt keeps the ids of two figures on one page apart, and the same from run to run.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": alt}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    box = re.search(r'viewBox="([^"]*)"', text)[1]
    width = float(box.split()[2])
    body = text[text.index(">", text.index("<svg")) + 1 :]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{box}" role="img" aria-label="{html.escape(alt)}" '
        f'style="width:{width / 12:.1f}rem;'
        f'max-width:100%;font-family:{_FONT};stroke-linejoin:round">{_simplify(body)}'
    )


def _simplify(body: str) -> str:
    """Drop what only a stand-alone file needs, and name the palette's colours."""
    body = re.sub(r"<(metadata|style)\b.*?</\1>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"font(?:-family)?: [^;\"]*?('[^;\"]*|sans-serif);? ?", _keep_size, body)
    body = re.sub(r"<[^>]*>", _round_coordinates, body)
    used = set(re.findall(r"#([\w.-]+)", body))
    body = re.sub(r' id="([\w.-]+)"', lambda found: found[0] if found[1] in used else "", body)
    for name, colour in palette("light").items():
        body = body.replace(f": {colour}", f": var(--llm-{name},{colour.upper()})")
    return re.sub(r"\s*\n\s*", " ", body).replace("> <", "><")


def _round_coordinates(tag: re.Match[str]) -> str:
    """A tenth of a point is finer than any screen, and the same on every processor."""
    return re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", tag[0])


def _keep_size(font: re.Match[str]) -> str:
    """``font: 12px 'DejaVu Sans'`` names a family too; the root has ours."""
    size = re.search(r"[\d.]+px", font[0])
    return f"font-size: {size[0]}; " if size else ""


def _to_png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80, metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode("ascii")
