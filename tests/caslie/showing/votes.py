"""What judges may say of a sample, in tests."""

from mmecinstruct.schema import Captioned, CaptionVote, Sample

HOSTILE = "</script><img src=x onerror=\"window.pwned = 1\"> & 'quoted' {{ 7 * 7 }} \u202egnp.exe"
JUDGES = ("pocket/first@1", "transformers/org/second@abc bfloat16", "echo/<b>third\u202e")


def vote(judge: int, useful: bool | None, margin: float | None = None) -> CaptionVote:
    return CaptionVote(JUDGES[judge], useful, margin)


def alike(sample: Sample, caption: str | None, votes: tuple[CaptionVote, ...], kept: bool) -> Captioned:
    """The same for every item of a sample."""
    n = len(sample.items)
    return Captioned((caption,) * n, (votes,) * n, (kept,) * n)


def kept_by_two(sample: Sample) -> Captioned:
    """Two judges said yes, and so the third was not asked."""
    return alike(sample, "A red hammer.", (vote(0, True, 1.25), vote(1, True, 0.5)), True)


def mixed(sample: Sample) -> Captioned:
    """The first item is kept against one judge, the second dropped with one abstention, no other has a caption."""
    captions = ("One.", "Two.")
    votes = ((vote(0, True), vote(1, False), vote(2, True)), (vote(0, None), vote(1, False), vote(2, False)))
    n = len(sample.items)
    return Captioned(
        (*captions, *(None,) * n)[:n],
        (*votes, *((),) * n)[:n],
        (True, *(False,) * n)[:n],
    )
