"""The sums and shares that the paper prints beside its tables (paper, Tables 3 and A2, 6.3, E.1, E.3)."""

from caslie.paper.findings import Finding, judged, rounds_to
from caslie.paper.paper import Paper

SPLITS = ("train", "val", "ind", "ood")


def check_totals(paper: Paper) -> list[Finding]:
    """Add up what the paper adds up."""
    return [
        *(_split(paper, split) for split in SPLITS),
        _whole(paper, "A2"),
        _whole(paper, "E.3"),
        _caption_use(paper),
    ]


def n_samples(paper: Paper) -> float:
    """All samples of the dataset, by the last row of Table 3."""
    *_, total = paper.tables["3"].rows
    return sum(value or 0 for value in total.values)


def _split(paper: Paper, split: str) -> Finding:
    *parts, total = paper.tables["3"].rows
    column = [one.config for one in paper.tables["3"].columns].index(split)
    sizes = {row.labels[0]: (len(row.labels[0].split(", ")), row.values[column] or 0) for row in parts}
    exact, printed = sum(n * size for n, size in sizes.values()), total.values[column] or 0
    proof = " and ".join(f"{n} tasks of {size:,.0f}" for n, size in sizes.values()) + "."
    return Finding("Table 3", f"samples, {split}", f"{printed:,.0f}", f"{exact:,.0f}", judged(exact == printed), proof)


def _whole(paper: Paper, number: str) -> Finding:
    shares = [100 * (row.values[0] or 0) for row in paper.tables[number].rows]
    total = f"{sum(shares):.2f} %"
    where = f"Table {number}" if number.startswith("A") else number
    verdict = judged(rounds_to(sum(shares), 100, 2))
    return Finding(where, "the shares are those of a whole", "100 %", total, verdict, f"{len(shares)} shares.")


def _caption_use(paper: Paper) -> Finding:
    saying = paper.sayings["sr_caption_used"]
    used = 100 * paper.value("4 (caption used)", ("caption used",), "sr_ind", "caption_used")
    verdict = judged(rounds_to(used, saying.percent or 0.0, 0))
    return Finding(saying.where, "captions used in SR", f"{saying.percent} %", f"{used:.1f} %", verdict, "Table 4.")
