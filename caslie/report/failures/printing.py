"""How a tally is printed: labels beside the paper's shares, and suggestions in a column of their own."""

from rich.console import Console

from caslie.report.failures.tally import ClassCount, Tally
from caslie.showing.printed import percent
from caslie.showing.tables import table


def print_tally(console: Console, found: Tally) -> None:
    """Print what `tally` gave."""
    numbers = ("labels", "share", "95 %", "paper", "suggested")
    made = table("Classes of failures (E.3)", ("class",), numbers)
    for one in found.classes:
        made.add_row(one.name, f"{one.n:,}", *_share(one), percent(one.printed), f"{one.n_suggested:,}")
    console.print(made)
    console.print(f"{found.n_labelled:,} labelled by hand, {found.n_unlabelled:,} not yet; suggestions are no labels.")
    if found.agreed:
        kappa = "" if found.agreed.kappa is None else f", kappa {found.agreed.kappa:.2f}"
        console.print(
            f"Suggestion and label agree on {percent(found.agreed.share)} of {found.agreed.n:,} rows{kappa}."
        )


def _share(one: ClassCount) -> tuple[str, str]:
    if one.share is None:
        return "", ""
    return percent(one.share.value), f"{percent(one.share.low)} to {percent(one.share.high)}"
