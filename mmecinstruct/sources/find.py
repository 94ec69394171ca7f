"""Which corpus files a build needs, which of them are there, and what to say of those that are not."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mmecinstruct.errors import RecipeError
from mmecinstruct.sources.base import CORPORA, Corpus, CorpusFile, Table


@dataclass(frozen=True, slots=True)
class Need:
    """A record table of a corpus, of some categories or (None) of all that are there.

    Of the needs that are `either`, one that is met is enough.
    """

    corpus: str
    table: Table
    categories: tuple[str, ...] | None = None
    either: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One corpus file that a build reads."""

    corpus: Corpus
    file: CorpusFile
    path: Path
    category: str


def find(sources: Path, needs: Iterable[Need]) -> tuple[list[Found], list[str]]:
    """The files for these needs, each once and in order of name, and the names of those that are missing."""
    found: dict[tuple[str, str], Found] = {}
    missing: list[str] = []
    one_of: list[str] = []
    met = False
    for need in needs:
        here = _here(sources, need)
        found |= {(one.path.as_posix(), one.file.table): one for one in here}
        absent = _absent(need, {one.category for one in here})
        if need.either:
            one_of, met = one_of + absent, met or bool(here)
        else:
            missing += absent
    if one_of and not met:
        missing.append("one of " + ", ".join(dict.fromkeys(one_of)))
    return [found[key] for key in sorted(found)], list(dict.fromkeys(missing))


def picture_needs(categories: tuple[str, ...] | None = None) -> tuple[Need, ...]:
    """Where product pictures come from: any of these will do (design.md, decision 5)."""
    return (
        Need("amazon_reviews_2023", "products", categories, either=True),
        Need("amazon_reviews_2018", "products", categories, either=True),
        Need("esci_s", "addresses", either=True),
        Need("sqid", "addresses", either=True),
    )


def _here(sources: Path, need: Need) -> list[Found]:
    corpus = CORPORA[need.corpus]
    if not any(file.table == need.table for file in corpus.files):
        raise RecipeError(f"corpus {need.corpus!r} has no {need.table}")
    return [
        Found(corpus, file, path, category)
        for file in corpus.files
        if file.table == need.table
        for category, path in corpus.paths(sources, file).items()
        if need.categories is None or category in need.categories
    ]


def _absent(need: Need, here: set[str]) -> list[str]:
    globs = [file.glob for file in CORPORA[need.corpus].files if file.table == need.table]
    if need.categories is None:
        return [] if here else [f"{need.corpus}/{' or '.join(globs)}"]
    return [f"{need.corpus}/{globs[0].replace('*', name)}" for name in need.categories if name not in here]
