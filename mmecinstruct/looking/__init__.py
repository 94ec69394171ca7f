"""Looking at a build: samples with their prompts, contact sheets, tables, figures and the human check (paper, A.3)."""

from mmecinstruct.looking.figures import length_figure
from mmecinstruct.looking.review import write_review
from mmecinstruct.looking.sheet import contact_sheet
from mmecinstruct.looking.show import print_shown, shown
from mmecinstruct.looking.stats import statistics
from mmecinstruct.looking.stats_tables import print_statistics
from mmecinstruct.looking.verdicts import read_verdicts

__all__ = [
    "contact_sheet",
    "length_figure",
    "print_shown",
    "print_statistics",
    "read_verdicts",
    "shown",
    "statistics",
    "write_review",
]
