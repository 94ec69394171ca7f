"""What a build is going to do: tasks with their options, the files they need, and the fingerprint of it all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mmecinstruct import words
from mmecinstruct.builder.seen import UNITS
from mmecinstruct.config import Recipe, read
from mmecinstruct.errors import RecipeError, SourceError, UnknownNameError
from mmecinstruct.schema import Domain
from mmecinstruct.sources import Found, Need, find
from mmecinstruct.tasks import TASKS, TaskSpec

FORMAT = 1  # raised when the same inputs are to give other rows
LIBRARIES = ("mmecinstruct", "datasets", "duckdb", "pillow", "py3langid", "pyarrow")


@dataclass(frozen=True, slots=True)
class Planned:
    """One task with its options."""

    task: TaskSpec[Any]
    options: Any

    @property
    def domains(self) -> tuple[Domain, ...]:
        """The domains the task has."""
        return ("ind", "ood") if self.task.has_ood else ("ind",)

    def needs(self) -> list[Need]:
        """What it reads in all its domains."""
        return [need for domain in self.domains for need in self.task.needs(self.options, domain)]


def plan(recipe: Recipe, names: Sequence[str] = ()) -> list[Planned]:
    """The recipe's tasks, or only those named, in the order of the paper.

    Raises:
        RecipeError: a task has an option that is not known.
        UnknownNameError: there is no such task, or no such unit to keep apart.
    """
    for unit in recipe.disjoint:
        if unit not in UNITS:
            raise UnknownNameError("unit of --disjoint", unit, UNITS)
    wanted = {TASKS[name].name for name in names}
    given = {TASKS[name].name: options for name, options in recipe.tasks.items()}
    if absent := sorted(wanted - set(given)):
        raise RecipeError(f"recipe {recipe.name} has no {', '.join(absent)}; it has {', '.join(given)}")
    return [
        Planned(task, read(task.options, given[task.name] or {}, f"recipe {recipe.name}: tasks: {task.abbr}"))
        for task in TASKS.values()
        if task.name in (wanted or given)
    ]


def find_files(planned: Sequence[Planned], sources: Path) -> list[Found]:
    """The corpus files the tasks read.

    Raises:
        SourceError: some are missing; the text names them all, by task.
    """
    if not sources.is_dir():
        raise SourceError(f"{sources}: no such folder. `mmecinstruct sample {sources}` writes a small one to try")
    lost = {one.task.abbr: missing for one in planned if (missing := find(sources, one.needs())[1])}
    if lost:
        names = "; ".join(f"{abbr} needs {', '.join(missing)}" for abbr, missing in lost.items())
        raise SourceError(f"{sources}: {names}. `mmecinstruct sources {sources}` tells where to get them")
    return find(sources, [need for one in planned for need in one.needs()])[0]


def fingerprint(recipe: Recipe, planned: Sequence[Planned], files: Sequence[Found], extra: Sequence[str] = ()) -> str:
    """A hash of what decides the rows.

    Files by name, size and time, since hashing 20 GB takes as long as reading them.
    """
    stats = [(str(found.path.resolve()), found.corpus.name, found.path.stat()) for found in files]
    parts = {
        "format": FORMAT,
        "libraries": {name: version(name) for name in LIBRARIES},
        "code": code_digest(),
        "recipe": recipe.digest(),
        "templates": {one.task.name: words.template_digest(one.task.name) for one in planned},
        "files": [(corpus, name, stat.st_size, stat.st_mtime_ns) for name, corpus, stat in stats],
        "extra": list(extra),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def code_digest() -> str:
    """Hash this package's code: what other code staged or built is not to be gone on with."""
    files = sorted(Path(__file__).parent.parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
