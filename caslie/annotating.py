"""Brings captions and verdicts into the dataset: the columns `captions`, `caption_votes` and `caption_kept`."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from caslie.backends import Engine
from caslie.cqe import Verdicts
from caslie.recipe import Recipe
from caslie.schema import Verdict
from caslie.walking import samples
from mmecinstruct.builder.folder import Folder
from mmecinstruct.schema import Captioned, CaptionVote, Sample
from mmecinstruct.tasks import TASKS
from mmecinstruct.words import template_digest


def captioned(verdicts: Verdicts, sample: Sample) -> Captioned:
    """What a sample's row says of its captions."""
    outcomes = verdicts.of(sample)
    return Captioned(
        captions=tuple(caption.text for caption, _ in outcomes),
        votes=tuple(_votes(verdict) for _, verdict in outcomes),
        kept=tuple(verdict.keep is True for _, verdict in outcomes),
    )


def count_problems(folder: Folder, verdicts: Verdicts) -> dict[str, dict[str, int]]:
    """How many pictures of each config have no caption, or no verdict yet, by reason."""
    counts: dict[str, Counter[str]] = {}
    for place, sample in samples(folder):
        for caption, verdict in verdicts.of(sample):
            if problem := caption.problem or ("undecided" if verdict.keep is None else ""):
                counts.setdefault(place.config, Counter())[problem] += 1
    return {config: dict(sorted(counted.items())) for config, counted in counts.items()}


def about(
    recipe: Recipe, captioner: Engine, judges: Mapping[str, Engine], problems: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """What the dataset's manifest says of its captions: nothing that differs between two equal runs."""
    return {
        "recipe": recipe.name,
        "captioner": captioner.identity,
        "context": recipe.ec3.context,
        "tokens": recipe.ec3.tokens,
        "lineup": recipe.voting,
        "judges": list(judges),
        "identities": {name: engine.identity for name, engine in judges.items()},
        "votes": recipe.votes,
        "early_stop": recipe.early_stop,
        "problems": problems,
        "templates": {task: template_digest(task) for task in TASKS},
    }


def _votes(verdict: Verdict) -> tuple[CaptionVote, ...]:
    return tuple(CaptionVote(vote.judge, vote.useful, vote.margin) for vote in verdict.votes)
