"""Captions, votes and verdicts that follow from a sample's id alone, as good as a model's for all but their sense."""

import hashlib

from mmecinstruct.schema import Captioned, CaptionVote, Sample

JUDGES = ("transformers/acme/first@0123abc", "transformers/acme/second@4567def", "openai/acme-third")
ABOUT = {"captioner": "transformers/acme/seer@89abcde", "context": "task", "lineup": "mv3", "judges": JUDGES}


def captioned(sample: Sample) -> Captioned:
    """A caption for most items, votes of some judges, and what they come to."""
    captions, votes = zip(*(_item(f"{sample.id} {i}") for i in range(len(sample.items))), strict=True)
    return Captioned(captions, votes, tuple(sum(vote.useful is True for vote in one) > 1 for one in votes))


def _item(name: str) -> tuple[str | None, tuple[CaptionVote, ...]]:
    dice = hashlib.sha256(name.encode()).digest()
    if dice[0] < 30:
        return None, ()
    asked = JUDGES[: 2 + dice[1] % 2]
    return f"A caption of {name}: {dice.hex()}", tuple(map(_vote, asked, dice[2:]))


def _vote(judge: str, die: int) -> CaptionVote:
    if die < 20:
        return CaptionVote(judge, None, None)
    return CaptionVote(judge, die > 90, die / 256 if die % 2 else None)
