"""What planted commands did to judges, as a table."""

from collections.abc import Sequence

from rich.console import Console

from caslie.cqe.injection import Flips
from caslie.showing.printed import percent
from caslie.showing.tables import table


def print_flips(console: Console, found: Sequence[Flips]) -> None:
    """Print what `caslie.stages.inject` gave: per attack and judge, the share of votes that changed."""
    judges = list(dict.fromkeys(one.judge for one in found))
    rates = {(one.attack, one.where, one.judge): one.rate for one in found}
    made = table("Votes that a planted command changed", ("attack", "in the"), tuple(judges))
    for attack, where in dict.fromkeys((one.attack, one.where) for one in found):
        made.add_row(attack, where, *(percent(rates[attack, where, judge]) for judge in judges))
    means = [[one.rate for one in found if one.judge == judge] for judge in judges]
    made.add_row("all", "", *(percent(sum(some) / len(some)) for some in means))
    console.print(made)
    console.print("harmless: what any more words change, to compare the others with.")
