"""The report's figures: pure functions from small records to an SVG and a sentence that tells it (paper, 6, A.3)."""

from caslie.report.figures.bars import Bar, Group, draw_bars
from caslie.report.figures.confusion import Matrix, draw_confusion
from caslie.report.figures.domains import Point, draw_domains
from caslie.report.figures.lengths import Lengths, draw_lengths, lengths_of
from caslie.report.figures.losses import Loss, Losses, draw_losses, losses_of
from caslie.report.figures.reliability import Reliability, draw_reliability
from caslie.report.figures.style import Drawing
from caslie.report.figures.use_rates import draw_use_rates

__all__ = [
    "Bar",
    "Drawing",
    "Group",
    "Lengths",
    "Loss",
    "Losses",
    "Matrix",
    "Point",
    "Reliability",
    "draw_bars",
    "draw_confusion",
    "draw_domains",
    "draw_lengths",
    "draw_losses",
    "draw_reliability",
    "draw_use_rates",
    "lengths_of",
    "losses_of",
]
