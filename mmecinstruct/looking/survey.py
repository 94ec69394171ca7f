"""What is there to build from, and what could be built: the tables behind `mmecinstruct sources` and `tasks`."""

from pathlib import Path
from typing import Any

from mmecinstruct.builder.card import sources
from mmecinstruct.builder.plan import plan
from mmecinstruct.config import Recipe
from mmecinstruct.sources import find
from mmecinstruct.tasks import TASKS


def survey(recipe: Recipe, directory: Path) -> dict[str, Any]:
    """For each task of the recipe.

    The files that are there, those missing; and for each corpus, where it comes from.
    """
    tasks = {}
    corpora: set[str] = set()
    for one in plan(recipe):
        needs = one.needs()
        found, missing = find(directory, needs)
        tasks[one.task.name] = {
            "abbr": one.task.abbr,
            "found": sorted({file.path.relative_to(directory).as_posix() for file in found}),
            "missing": missing,
        }
        corpora.update(need.corpus for need in needs)
    about = sources()
    keys = ("name", "licence", "homepage", "get")
    return {"tasks": tasks, "corpora": {name: {key: about[name][key] for key in keys} for name in sorted(corpora)}}


def task_list() -> list[dict[str, Any]]:
    """Every registered task, in the order of the paper's Table 2."""
    return [
        {
            "name": task.name,
            "abbr": task.abbr,
            "configs": [f"{task.abbr}_{domain}" for domain in ("ind", "ood") if domain == "ind" or task.has_ood],
            "about": (task.draft.__doc__ or "").strip(),
        }
        for task in TASKS.values()
    ]
