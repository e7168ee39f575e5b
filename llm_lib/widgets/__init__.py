"""The book's interactive figures. Each needs a browser and nothing else; none needs torch."""

from llm_lib.widgets.quiz import Quiz

__all__ = ["Quiz"]
