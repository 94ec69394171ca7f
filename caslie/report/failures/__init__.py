"""Error analysis: failures drawn to be labelled by hand, and what the labels come to (paper, E.3)."""

from caslie.report.failures.classes import ErrorClass, classes
from caslie.report.failures.printing import print_tally
from caslie.report.failures.sheet import SHEET, SheetRow, read_sheet
from caslie.report.failures.stage import PAGE, Sampled, predictions_of, sample_failures
from caslie.report.failures.tally import Agreed, ClassCount, Tally, tally

__all__ = [
    "PAGE",
    "SHEET",
    "Agreed",
    "ClassCount",
    "ErrorClass",
    "Sampled",
    "SheetRow",
    "Tally",
    "classes",
    "predictions_of",
    "print_tally",
    "read_sheet",
    "sample_failures",
    "tally",
]
