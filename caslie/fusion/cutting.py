"""What goes first where a prompt is too long: the oldest of the history, then the captions the judges doubted most."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from mmecinstruct.schema import CaptionVote, Sample
from mmecinstruct.words import Captions


@dataclass(frozen=True, slots=True)
class Cut:
    """A sample with what is left of its history and its captions."""

    sample: Sample
    captions: Captions
    n_history: int = 0
    n_captions: int = 0


def fit(sample: Sample, captions: Captions, doubts: Sequence[float], fits: Callable[[Cut], bool]) -> Cut | None:
    """Cut as little as is needed; None where it would not be enough.

    The newest of the history always stays. `doubts` ranks the captions: the lowest goes first.
    """
    past = [place for place, item in enumerate(sample.items) if item.role == "history"]
    shown = [place for place, caption in enumerate(captions) if caption is not None]

    def after(n: int) -> Cut:
        gone = set(past[: min(n, max(0, len(past) - 1))])
        left = sorted(set(shown) - gone, key=lambda place: (doubts[place], place))
        silent = set(left[: n - len(gone)])
        kept = [place for place in range(len(sample.items)) if place not in gone]
        return Cut(
            replace(sample, items=tuple(sample.items[place] for place in kept)),
            [None if place in silent else captions[place] for place in kept],
            len(gone),
            len(silent),
        )

    if fits(whole := after(0)):
        return whole
    # Each cut makes the prompt shorter, so the least that fits is found by halving.
    most = max(0, len(past) - 1) + len(shown)
    n = bisect_left(range(most + 1), True, key=lambda n: fits(after(n)))
    return after(n) if n <= most else None


def doubt(votes: Sequence[CaptionVote]) -> float:
    """How sure the judges were that a caption helps: the mean log odds of those who weighed it."""
    margins = [vote.margin for vote in votes if vote.margin is not None]
    return fmean(margins) if margins else 0.0
