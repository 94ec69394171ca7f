"""What the benchmarks of captions and votes ask: pictures with words, and captions to be judged, of the sample."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

N_CAPTIONS, N_VOTES = 256, 512


def recipe(folder: Path, scale: str) -> Any:
    """The pocket recipe over one of the builds."""
    from dataclasses import replace

    from caslie.recipe import load_recipe

    return replace(load_recipe("pocket"), dataset=str(folder / f"build-{scale}"), run=str(folder / f"run-{scale}"))


def looks(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield words and pictures, every so many of all."""
    from caslie.captioning import wishes
    from caslie.datasets import open_dataset

    cooked = recipe(folder, "1")
    once = {wish.key: wish for wish in wishes(open_dataset(cooked.dataset), cooked.ec3)}
    step = len(once) // N_CAPTIONS
    for wish in list(once.values())[::step][:N_CAPTIONS]:
        yield wish.text, wish.picture() or b""


def opinions() -> list[str]:
    """Judges' prompts of every task, with the captions that a perfect captioner would write."""
    from caslie.pocket.lessons import lessons
    from caslie.pocket.wording import describe
    from mmecinstruct.sample import Shares
    from mmecinstruct.sample.world import plan_world
    from mmecinstruct.words import judge_prompt

    found = list(lessons(plan_world(1, 1, Shares())))
    some = found[:: len(found) // N_VOTES][:N_VOTES]
    return [judge_prompt(one.sample, one.index, describe(one.picture, one.topics)) for one in some]


def models() -> Path:
    """Where the pocket models of the package are."""
    import caslie

    return Path(caslie.__file__).parent / "pocket" / "models"
