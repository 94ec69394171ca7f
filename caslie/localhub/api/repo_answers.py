"""A repository in the words of the Hub's API: what it is, what its card says, which files it has."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from caslie.localhub.cards import BadCard, read_metadata
from caslie.localhub.dates import stamp
from caslie.localhub.errors import HubError
from caslie.localhub.storage.git import MAIN, Entry, GitRepo
from caslie.localhub.storage.names import RepoType
from caslie.localhub.storage.repos import Repo

LARGEST_CARD = 4 << 20

# The keys of a card that become tags, with what stands before their values.
TAGS = {
    "license": "license:",
    "base_model": "base_model:",
    "datasets": "dataset:",
    "task_categories": "task_categories:",
    "task_ids": "task_ids:",
    "size_categories": "size_categories:",
    "source_datasets": "source_datasets:",
}

Answer = dict[str, Any]


def summary(repo: Repo, revision: str = MAIN) -> Answer:
    """What a repository is at a revision, without its files."""
    git = repo.git()
    commit = next(git.history(git.commit_of(revision)))
    card = card_metadata(git, commit.sha)
    return {
        "_id": hashlib.sha256(f"{repo.id.type} {repo.id}".encode()).hexdigest()[:24],
        "id": str(repo.id),
        "author": repo.id.namespace,
        "sha": commit.sha,
        "lastModified": stamp(commit.when),
        "createdAt": stamp(datetime.fromisoformat(repo.settings.created)),
        "private": repo.settings.private,
        "gated": repo.settings.gated or False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": list(dict.fromkeys(_tags(card, repo.id.type))),
        "cardData": card,
        **_of_type(repo, card),
    }


def in_full(repo: Repo, revision: str, blobs: bool) -> Answer:
    """The same with its files; with `blobs` also how large each is and what it is stored as."""
    answer = summary(repo, revision)
    files = [entry for entry in repo.git().entries(answer["sha"], recursive=True) if not entry.is_folder]
    siblings = [_sibling(entry) if blobs else {"rfilename": entry.path} for entry in files]
    return answer | {"siblings": siblings, "usedStorage": sum(entry.size for entry in files)}


def card_metadata(git: GitRepo, commit: str) -> dict[str, object]:
    """What the card's YAML says; nothing where there is no card, or none that can be read."""
    try:
        entry = git.entry(commit, "README.md")
        readable = not entry.is_folder and not entry.lfs and entry.size <= LARGEST_CARD
        return (read_metadata(git.read(entry).decode("utf-8", "replace")) if readable else None) or {}
    except (HubError, BadCard):
        return {}


def _of_type(repo: Repo, card: Mapping[str, object]) -> Answer:
    if repo.id.type is RepoType.MODEL:
        told = {key: card[key] for key in ("library_name", "pipeline_tag", "model-index") if key in card}
        return {"modelId": str(repo.id), **told}
    if repo.id.type is RepoType.SPACE:
        return {"sdk": repo.settings.space_sdk}
    return {}


def _tags(card: Mapping[str, object], type: RepoType) -> Iterator[str]:
    if type is RepoType.MODEL:
        yield from _texts(card.get("library_name"))
        yield from _texts(card.get("pipeline_tag"))
    yield from _texts(card.get("tags"))
    for key, prefix in TAGS.items():
        yield from (f"{prefix}{one}" for one in _texts(card.get(key)))
    before = "language:" if type is RepoType.DATASET else ""
    yield from (f"{before}{one}" for one in _texts(card.get("language")))
    relation = card.get("base_model_relation")
    if isinstance(relation, str):
        yield from (f"base_model:{relation}:{one}" for one in _texts(card.get("base_model")))


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [value] if isinstance(value, str) else []


def _sibling(entry: Entry) -> Answer:
    answer: Answer = {"rfilename": entry.path, "size": entry.size, "blobId": entry.oid}
    if entry.lfs:
        answer["lfs"] = {"sha256": entry.lfs.sha256, "size": entry.lfs.size, "pointerSize": len(bytes(entry.lfs))}
    return answer
