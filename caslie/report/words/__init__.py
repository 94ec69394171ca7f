"""What a report says, in sections of words, grids and figures: the page and the Markdown show the same ones."""

from caslie.report.words.sections import Fact, Figure, Fold, Point, Section
from caslie.report.words.telling import title, told

__all__ = ["Fact", "Figure", "Fold", "Point", "Section", "title", "told"]
