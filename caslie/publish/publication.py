"""`publication.json`: what the owner of a build or an adapter decided about publishing it."""

import dataclasses
import json
import os
import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from caslie.errors import PushError
from caslie.licenses import LICENSES

NAME = "publication.json"


@dataclass(frozen=True, slots=True)
class Publication:
    """Where to, and under which licence; None is no decision yet.

    Raises:
        PushError: the repository is not namespace/name, or the Hub does not know the licence.
    """

    repository: str
    license: str | None

    def __post_init__(self) -> None:
        """Refuse what no Hub would take."""
        _check_repository(self.repository)
        if self.license is not None:
            _check_licence(self.license)


def read_publication(directory: Path) -> Publication | None:
    """Read what was decided; None where nothing was.

    Raises:
        PushError: the file is damaged, or says something that no Hub would take.
    """
    path = directory / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise PushError(f"{path}: cannot be read ({error}); delete it and decide anew") from error
    names = {one.name for one in dataclasses.fields(Publication)}
    if not isinstance(content, dict) or set(content) != names:
        raise PushError(f"{path}: expected the keys {', '.join(sorted(names))}; delete it and decide anew")
    try:
        return Publication(**content)
    except PushError as error:
        raise PushError(f"{path}: {error}") from error


def write_publication(directory: Path, publication: Publication) -> None:
    """Write the decision, whole or not at all."""
    text = json.dumps(dataclasses.asdict(publication), indent=1) + "\n"
    try:
        # A name of its own: two pushers may write at once.
        with tempfile.NamedTemporaryFile(
            "w", dir=directory, prefix=f".{NAME}.", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, directory / NAME)
    except OSError as error:
        raise PushError(f"{directory / NAME}: cannot be written ({error})") from error


def decided(directory: Path, repository: str | None, license: str | None) -> Publication:
    """What is asked for now, and else what was decided before.

    Raises:
        PushError: no repository was ever named.
    """
    if not directory.is_dir():
        raise PushError(f"{directory}: no such folder")
    before = read_publication(directory)
    if repository is None and before is None:
        raise PushError(f"{directory}: nobody said where it is published; add --repo user/name")
    return Publication(
        repository or (before.repository if before else ""), license or (before.license if before else None)
    )


def _check_repository(name: object) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    if not isinstance(name, str) or name.count("/") != 1:
        raise PushError(f"{name!r} is no name of a repository: it must be namespace/name, such as alice/mmecinstruct")
    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise PushError(f"{name!r} is no name of a repository: {' '.join(str(error).split())}") from error


def _check_licence(name: object) -> None:
    if name == "unknown":
        raise PushError("`unknown` is no decision: name the licence under which it is published")
    if isinstance(name, str) and name in LICENSES:
        return
    near = get_close_matches(str(name).lower(), sorted(LICENSES), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise PushError(
        f"{name!r} is no licence that the Hub knows.{hint} All of them:"
        " https://huggingface.co/docs/hub/repositories-licenses; for terms of another kind there is `other`"
    )
