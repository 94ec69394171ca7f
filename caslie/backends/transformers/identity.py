"""Which weights exactly a name means: a commit of a Hub's repository, or the contents of a folder."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from caslie.errors import ModelError
from mmecinstruct.errors import UnknownNameError

POCKET = Path(__file__).parents[2] / "pocket" / "models"
COMMIT = re.compile(r"[0-9a-f]{40}")
CONFIG = "config.json"
# What a model is made of, on a Hub. Cards, pictures and pickles are not read, so they do not count.
PARTS = frozenset({".safetensors", ".json", ".jinja", ".model", ".txt"})
# And in a folder, where other files may lie beside them.
OWN = re.compile(
    r".*\.safetensors(\.index\.json)?|(config|generation_config|tokenizer|tokenizer_config|special_tokens_map"
    r"|added_tokens|vocab|processor_config|preprocessor_config|chat_template)\.json|merges\.txt|vocab\.txt"
    r"|.*\.(jinja|model)"
)
NOT_PARTS = ["*/*", "consolidated*"]  # the same weights again, in their makers' own layout


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model's files are, a folder or a repository, and the name that tells exactly which they are."""

    place: str
    revision: str | None
    name: str

    def folder(self) -> Path:
        """The folder of the files, fetched from the Hub where they are not here yet.

        Raises:
            ModelError: they cannot be had.
        """
        if self.revision is None:
            return Path(self.place)
        return _snapshot(self.place, self.revision)

    def config(self) -> dict[str, Any]:
        """The model's own description of itself.

        Raises:
            ModelError: it cannot be had or read.
        """
        path = Path(self.place) / CONFIG if self.revision is None else _config_of(self.place, self.revision)
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{self.name}: config.json cannot be read ({_first_line(error)})") from error
        if not isinstance(config, dict):
            raise ModelError(f"{self.name}: config.json does not describe a model")
        return config


def weights_of(uri: str) -> Weights:
    """Find the weights of a model to tune or to ask: `transformers/<Hub name or folder>` or `pocket/<name>`.

    Raises:
        ModelError: there are none, or the model is no local one.
        UnknownNameError: there is no pocket model of this name.
    """
    engine, _, name = uri.partition("/")
    if engine not in ("transformers", "pocket") or not name:
        raise ModelError(f"{uri}: write transformers/<org/name or ./folder> or pocket/<name>")
    return pocket_weights(name) if engine == "pocket" else find_weights(name)


def find_weights(name: str) -> Weights:
    """Find a folder by its path, and anything else on the Hub, or among what was fetched from it before.

    Raises:
        ModelError: there is no such folder, model or revision, or it may not be read.
    """
    if name.startswith((".", "/", "~")):
        folder = Path(name).expanduser()
        return Weights(str(folder), None, f"transformers/folder@{_digest(folder)}")  # by whatever name
    repo, _, revision = name.partition("@")
    # A branch's commit lies in the name of the folder that the client keeps it in, also for when there is no Hub.
    commit = revision if COMMIT.fullmatch(revision) else _config_of(repo, revision or "main").parent.name
    return Weights(repo, commit, f"transformers/{repo}@{commit}")


def pocket_weights(name: str) -> Weights:
    """Find a pocket model.

    Raises:
        UnknownNameError: there is none of this name.
        ModelError: there is none at all.
    """
    known = [path.parent.relative_to(POCKET).as_posix() for path in POCKET.rglob(CONFIG)]
    if not known:
        raise ModelError("there are no pocket models here; make them with `caslie pocket build`")
    if name not in known:
        raise UnknownNameError("pocket model", name, known)
    return Weights(str(POCKET / name), None, f"pocket/{name}@{_digest(POCKET / name)}")


def _refusal(name: str, error: BaseException) -> str:
    """What an error of a Hub's client means, on one line, with what to do about it."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        RemoteEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    match error:
        case GatedRepoError():
            return f"{name} is gated: accept its terms on its page, then set HF_TOKEN or run `hf auth login`"
        case RepositoryNotFoundError():
            return f"no model {name}: is the name right? A private one needs HF_TOKEN"
        case RevisionNotFoundError():
            return f"{name}: no such revision; leave it out for the newest"
        case RemoteEntryNotFoundError():
            return f"{name}: no model of transformers: it has no config.json"
        case HfHubHTTPError():
            said = error.server_message or _first_line(error)
            return f"{name}: the Hub refused: {' '.join(said.split())} (HTTP {error.response.status_code})"
        case _:
            advice = "see HF_ENDPOINT and HF_HUB_OFFLINE, or name a folder"
            return f"{name} is not on this machine, and the Hub cannot be reached ({_first_line(error)}); {advice}"


def _digest(folder: Path) -> str:
    """A hash of every file that makes the model, by name and contents."""
    if not (folder / CONFIG).is_file():
        raise ModelError(f"{folder}: no model there: it has no config.json")
    total = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file() and OWN.fullmatch(path.name)):
        with path.open("rb") as file:
            total.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def _config_of(repo: str, revision: str) -> Path:
    from huggingface_hub import hf_hub_download

    return _fetched(repo, revision, partial(hf_hub_download, repo, CONFIG, revision=revision))


def _snapshot(repo: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download

    patterns = [f"*{suffix}" for suffix in sorted(PARTS)]
    fetch = partial(snapshot_download, repo, revision=revision, allow_patterns=patterns, ignore_patterns=NOT_PARTS)
    return _fetched(repo, revision, fetch)


def _fetched(repo: str, revision: str, fetch: Callable[[], str]) -> Path:
    from httpx2 import TransportError
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(fetch())
    except HFValidationError as error:
        raise ModelError(f"{repo!r} is no name of a model; write org/name, or ./folder") from error
    except (OSError, ValueError, TransportError) as error:  # the client's own errors are of these
        raise ModelError(_refusal(f"{repo}@{revision}", error)) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
