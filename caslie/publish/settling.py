"""The commits of an adapter's base and dataset, found on a Hub by their contents where both lay in folders."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caslie.backends.transformers.identity import OWN, POCKET
from caslie.datasets import ON_A_HUB
from caslie.errors import PushError
from caslie.publish.adapter import CONFIG, Adapter, trained_on
from caslie.publish.patience import greet, patiently, told_plainly
from caslie.publish.remote import Remote
from caslie.record_checks import check_repository
from caslie.records import SCORES, TRAINING, load_json, to_json
from caslie.schema import Revision, Training
from caslie.training.origin import pocket_of
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder

if TYPE_CHECKING:
    from huggingface_hub import HfApi

SETTLED = "CASLIE_SETTLED"  # in a rehearsal: the commits that whoever rehearses found on the Hub


@dataclass(frozen=True, slots=True)
class Commits:
    """What was found; None where it is not known yet."""

    base: str | None = None
    dataset: Revision | None = None


def needs_dataset(adapter: Adapter) -> bool:
    """Tell whether it was trained or measured on rows that have no commit yet."""
    return adapter.training.dataset is None or bool(adapter.scores and adapter.scores.dataset is None)


def has_its_rows(folder: Folder, adapter: Adapter) -> bool:
    """Tell whether a dataset is the one that an adapter was trained on; a model of words alone needs no captions."""
    has_captions = adapter.training.variant == "text" or _has_captions(folder, adapter.training.captions_digest)
    return has_captions and content_digest(folder) == adapter.training.dataset_digest


def _has_captions(folder: Folder, digest: str) -> bool:
    return folder.captioned and digest in ("", folder.manifest["captions"]["columns"])


def find_base(training: Training) -> str:
    """Find the commit of the base on the Hub's main branch; only small files are fetched, the rest is listed.

    Raises:
        PushError: it is not there, or is another model.
    """
    with _hub() as api:
        remote = Remote(api, training.base_model, "model")
        commit = remote.head("main") if remote.exists() else None
        if commit is None:
            raise PushError(
                f"{training.base_model}: no such model on {api.endpoint}; push the base first:"
                f" hf upload {training.base_model} {_folder_of(training.base_digest)}"
            )
        if _digest(remote, commit) != training.base_digest:
            raise PushError(
                f"{training.base_model} at {commit[:7]} is another model than the adapter was trained from, which is"
                f" in {_folder_of(training.base_digest)}"
            )
    return commit


def find_dataset(adapter: Adapter, named: str | None) -> Revision:
    """Find the commit of the dataset: `named` is `user/name` or `user/name@revision`, and must have the same rows.

    Only its manifest is fetched.

    Raises:
        PushError: nobody named it, it is not there, or it has other rows or no captions.
    """
    if not needs_dataset(adapter) or named is None:
        return _recorded(adapter, named)
    place = ON_A_HUB.fullmatch(named)
    if not place:
        raise PushError(f"--dataset: {named!r} is no name on a Hub; write user/name or user/name@revision")
    check_repository(place["repository"], "--dataset")
    with _hub() as api:
        remote = Remote(api, place["repository"], "dataset")
        commit = remote.head(place["revision"] or "main") if remote.exists() else None
        if commit is None:
            raise PushError(f"--dataset {named}: no such dataset on {api.endpoint}; caslie-push dataset puts it there")
        folder = _manifest_of(remote, commit)
    _refuse_others(adapter, folder, f"{place['repository']} at {commit[:7]}")
    return Revision(place["repository"], commit)


def settle(adapter: Adapter, base: str, dataset: Revision) -> Adapter:
    """Name the commits in the adapter's records; the folder stays as it is, what must change there is `changed`."""
    training = dataclasses.replace(adapter.training, base_revision=base, dataset=adapter.training.dataset or dataset)
    scores, changed = adapter.scores, dict[str, bytes]()
    # The record of the training comes last: as long as it is the old one, a killed push finds all of it to be done.
    if adapter.training.base_revision is None:
        changed[CONFIG] = _config(adapter.directory / CONFIG, base)
    if scores and scores.dataset is None:
        scores = dataclasses.replace(scores, dataset=dataset)
        changed[SCORES] = to_json(scores)
    if training != adapter.training:
        changed[TRAINING] = to_json(training)
    return dataclasses.replace(adapter, training=training, scores=scores, changed=changed)


def as_rehearsed(directory: Path) -> Commits:
    """What is known of an adapter in a rehearsal, whose Hub has neither its base nor its dataset."""
    told = json.loads(os.environ.get(SETTLED, "{}")).get(str(directory.resolve()))
    if told is None:
        return Commits()
    return Commits(told["base"], Revision(**told["dataset"]) if told["dataset"] else None)


def for_a_rehearsal(found: dict[Path, Commits]) -> dict[str, str]:
    """The variables that tell it."""
    return {SETTLED: json.dumps({str(path.resolve()): dataclasses.asdict(one) for path, one in found.items()})}


def _recorded(adapter: Adapter, named: str | None) -> Revision:
    """The dataset that the adapter's records name; what was measured on the same rows in a folder is of it too."""
    dataset, scores = trained_on(adapter.training), adapter.scores
    if named and named.partition("@")[0] != dataset.repository:
        raise PushError(f"--dataset {named}: {TRAINING} says that it was trained on {dataset.repository}")
    if scores and scores.dataset is None and scores.digest != adapter.training.dataset_digest:
        raise PushError(
            f"{SCORES} was measured on a folder; push that dataset, then caslie-push model ... --dataset user/name"
        )
    return dataset


def _refuse_others(adapter: Adapter, folder: Folder, where: str) -> None:
    digest, training, scores = _rows(folder, where), adapter.training, adapter.scores
    if training.dataset is None and digest != training.dataset_digest:
        raise PushError(f"{where} has other rows than the adapter was trained on; push the dataset of its run")
    if training.dataset is None and not has_its_rows(folder, adapter):
        raise PushError(
            f"{where} has no captions, or others than the adapter was trained on; push what `caslie judge` wrote"
        )
    if scores and scores.dataset is None and digest != scores.digest:
        raise PushError(f"{SCORES} was measured on other rows than {where} has; evaluate on those, or delete it")


def _rows(folder: Folder, where: str) -> str:
    try:
        return content_digest(folder)
    except (KeyError, TypeError) as error:
        raise PushError(f"{where}: its manifest.json does not tell the contents of its files") from error


def _manifest_of(remote: Remote, commit: str) -> Folder:
    from huggingface_hub.errors import RemoteEntryNotFoundError

    try:
        path = _fetch(remote, "manifest.json", commit)
    except RemoteEntryNotFoundError as error:
        raise PushError(
            f"{remote.repository}: has no manifest.json, so `mmecinstruct build` did not make it"
        ) from error
    return Folder(path.parent, commit)


def _digest(remote: Remote, commit: str) -> str:
    """The hash that the files have in a folder, see `identity`; a Hub tells that of each large file."""
    total = hashlib.sha256()
    for name, file in sorted(remote.files(commit).items()):
        if "/" not in name and OWN.fullmatch(name):
            sha256 = file.sha256 or hashlib.sha256(_fetch(remote, name, commit).read_bytes()).hexdigest()
            total.update(f"{name} {sha256}\n".encode())
    return total.hexdigest()


def _fetch(remote: Remote, name: str, commit: str) -> Path:
    where: dict[str, Any] = {"repo_type": remote.repo_type, "revision": commit}
    return Path(patiently(lambda: remote.api.hf_hub_download(remote.repository, name, **where)))


def _folder_of(digest: str) -> str:
    """The folder of a pocket base, as seen from here; another's is not known."""
    pocket = pocket_of(digest)
    if pocket is None:
        return "FOLDER, that of the recipe's base"
    folder = POCKET / pocket
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)


def _config(path: Path, base: str) -> bytes:
    return json.dumps(load_json(path) | {"revision": base}, indent=2, sort_keys=True).encode()  # as PEFT writes it


@contextmanager
def _hub() -> "Iterator[HfApi]":
    """The Hub at hand, whose refusals are one line; an absent one is told in seconds."""
    from huggingface_hub import HfApi

    api = HfApi()
    greet(api.endpoint)
    with told_plainly(api.endpoint):
        yield api
