"""The majority: a caption is kept if more than half of all judges say yes (paper, section 4.2; design.md, decision 8).

An abstaining judge counts as a judge and not as a yes, so a tie, or nobody's answer, drops the caption.
"""

from collections.abc import Sequence

from caslie.schema import Verdict, Vote


def decide(votes: Sequence[Vote], n_judges: int) -> Verdict:
    """The verdict, as soon as no vote that is still out can change it; undecided while one can.

    Without judges every caption is kept ("use it always", Table 6).
    """
    n_yes = sum(vote.useful is True for vote in votes)
    if n_judges == 0 or 2 * n_yes > n_judges:
        return Verdict(True, tuple(votes))
    if 2 * (n_yes + n_judges - len(votes)) <= n_judges:
        return Verdict(False, tuple(votes))
    return Verdict(None, tuple(votes))


def settle(votes: Sequence[Vote | None], *, early_stop: bool) -> Verdict:
    """The verdict of judges in the order of their lineup; None stands for a vote that is not at hand.

    With `early_stop` the votes behind the deciding one are left out even if they are at hand: what is written does not
    depend on which other lineups ran before.
    """
    given: list[Vote] = []
    for vote in votes:
        if early_stop and (verdict := decide(given, len(votes))).keep is not None:
            return verdict
        if vote is not None:
            given.append(vote)
    return decide(given, len(votes))
