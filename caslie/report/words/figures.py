"""What is said below each figure of the report."""

from collections.abc import Sequence

from caslie.report.schema import Report
from caslie.report.words.numbers import clipped
from caslie.report.words.sections import Figure, Section

TOLD = {
    "bars": (
        "Scores in domain",
        "The primary measure of each task, with 95 % intervals; a mark is what the paper prints for the line that a"
        " system stands beside.",
    ),
    "bars_ood": (
        "Scores out of domain",
        "The same on the test sets whose categories are not those of training.",
    ),
    "use_rates": ("Captions used", "Shares of captions that the judges keep{of}, beside the paper's Table 4."),
    "domains": ("In domain against out of domain", "Below the diagonal a task is harder out of domain."),
    "confusion": ("Confusion", "Right answers by row, given ones by column{of}."),
    "losses": ("Losses", "Training and validation loss by step."),
    "lengths": ("Lengths", "How long the inputs of all splits are, as in the paper's Figure A1."),
    "calibration": (
        "Calibration",
        "How often answers of each confidence are right: on the diagonal, confidence is what it says.",
    ),
}
MOST = 60  # characters of a name
ELSEWHERE = ("bars", "bars_ood", "use_rates")  # beside the numbers that they show


def figures(report: Report, names: Sequence[str]) -> tuple[Figure, ...]:
    """The figures of these names, as far as they are there."""
    return tuple(_figure(report, name) for name in names if name in report.drawings)


def _figure(report: Report, name: str) -> Figure:
    title, caption = TOLD[name]
    return Figure(name, title, caption.replace("{of}", _of(report)), report.drawings[name])


def _of(report: Report) -> str:
    """Whose they are."""
    return f", of {clipped(report.main, MOST)}"


def all_figures(report: Report) -> Section:
    """All that stand in no other section."""
    return Section("figures", "Figures", figures=figures(report, [name for name in TOLD if name not in ELSEWHERE]))
