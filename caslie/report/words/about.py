"""What the report is about and how it was made."""

from caslie.report.schema import About, Report
from caslie.report.words.numbers import count, in_order, test_set
from caslie.report.words.sections import Fact, Section

MODES = {"generate": "what the models wrote, read as an answer by", "score": "the option scored highest; parser"}

INTERVALS = (
    "95 % intervals of scores come from a Bayesian bootstrap of the rows (Rubin, 1981) with a prior worth one row, so"
    " that few rows give a wide one; shares of counts have Wilson's. Differences of two systems come from the same"
    " draws for both; their p is two-sided, of a randomization test that swaps the answers, and McNemar's is exact."
)
SMALL = "small numbers below a value: its 95 % interval; 95 of 100 such hold what endlessly many rows would show"
WITHOUT = (
    "Scores leave out answers that could not be read, as the paper does, and their number stands beside them; strict"
    " ones count them as wrong."
)


def head(report: Report) -> tuple[Fact, ...]:
    """What a reader must know first, in three lines."""
    about = report.about
    sets = "1 test set" if len(about.n_rows) == 1 else f"{len(about.n_rows)} test sets"
    rows = f"{count(sum(about.n_rows.values()))} rows in {sets}"
    return (
        Fact("dataset", f"{about.dataset}, {_version(about)}, split {about.split}: {rows}"),
        Fact("answers", f"mode {about.mode} ({MODES[about.mode]} {about.parser}), seed {about.seed}"),
        Fact("intervals", SMALL),
    )


def about(report: Report, absent: tuple[Fact, ...]) -> Section:
    """How the report was made, and what is not in it."""
    found = report.about
    facts = (
        Fact("dataset", found.dataset),
        Fact("commit", found.commit or "none: the dataset lay in a folder"),
        Fact("digest", found.digest or "not recorded"),
        Fact("split", found.split),
        Fact(
            "rows", ", ".join(f"{test_set(config)} {count(found.n_rows[config])}" for config in in_order(found.n_rows))
        ),
        Fact("mode", found.mode),
        Fact("parser", found.parser),
        Fact("seed", str(found.seed)),
        Fact("intervals", INTERVALS),
        Fact("failed answers", WITHOUT),
        *absent,
    )
    return Section("about", "How it was made", facts=facts)


def _version(about: About) -> str:
    return f"commit {about.commit[:12]}" if about.commit else f"digest {about.digest[:12]}"
