"""A repository's card: the YAML at the head of README.md, and the text below it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from caslie.localhub.cards import BadYaml, read_yaml
from caslie.localhub.pages.errors import Unshowable
from caslie.localhub.pages.snapshot import Snapshot
from caslie.localhub.pages.text import words
from caslie.localhub.storage.names import RepoType
from caslie.localhub.storage.repos import Settings

README = "README.md"
LARGEST = 1 << 20
LARGEST_HEADER = 256 << 10  # a second of YAML; the card of 14 configs is a tenth of it

_HEADER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

# What of the header becomes a badge, and what the badge says before the value.
_BADGES = (
    ("license", "licence"),
    ("pipeline_tag", "task"),
    ("task_categories", "task"),
    ("size_categories", "size"),
    ("language", "language"),
    ("library_name", "library"),
    ("sdk", "sdk"),
    ("tags", "tag"),
)
_MOST_BADGES = 24


@dataclass(frozen=True, slots=True)
class Card:
    """What a card holds; `problem` says why the header could not be read."""

    header: Mapping[object, object]
    body: str
    problem: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Badge:
    """One fact about a repository."""

    label: str
    value: str


def read_card(snapshot: Snapshot) -> Card | None:
    """Read the card of a repository, if it has one.

    Raises:
        Unshowable: the content of README.md is not there.
    """
    entry = snapshot.files.get(README)
    if entry is None:
        return None
    text = snapshot.start_of(entry, LARGEST).decode("utf-8", "replace")
    is_cut = entry.size > LARGEST
    found = _HEADER.match(text)
    if found is None:
        return Card({}, text, is_cut=is_cut)
    try:
        return Card(_header(found[1]), text[found.end() :], is_cut=is_cut)
    except Unshowable as problem:
        return Card({}, text[found.end() :], str(problem), is_cut)


def badges(settings: Settings, type: RepoType, header: Mapping[object, object]) -> list[Badge]:
    """The facts that stand below a repository's name."""
    found = [Badge("", type)]
    if settings.private:
        found.append(Badge("", "private"))
    if settings.gated:
        found.append(Badge("", "gated"))
    return (found + list(_stated(header)))[:_MOST_BADGES]


def _stated(header: Mapping[object, object]) -> Iterator[Badge]:
    for key, label in _BADGES:
        for value in words(header.get(key)):
            yield Badge(label, value)


def _header(text: str) -> dict[object, object]:
    if len(text) > LARGEST_HEADER:
        raise Unshowable(f"the YAML at the head of {README} is longer than {LARGEST_HEADER:,} characters")
    try:
        content = read_yaml(text)
    except BadYaml as error:
        raise Unshowable(f"the YAML at the head of {README} is broken: {error}") from error
    if not isinstance(content, dict):
        raise Unshowable(f"the YAML at the head of {README} is no mapping")
    return content
