"""The names a Hub takes: repositories, revisions, paths. Anything else is refused before it becomes a path."""

import re
from dataclasses import dataclass
from enum import StrEnum

from caslie.localhub.errors import bad_request

NAME = re.compile(r"(?!.*(--|\.\.))(?!.*\.(git|ipynb)$)[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?")
BRANCH = re.compile(r"(?!.*(\.\.|//|@\{|\.lock(/|$)))[A-Za-z0-9_]([A-Za-z0-9_./-]{0,198}[A-Za-z0-9_-])?")
LONGEST_PATH = 1024


class RepoType(StrEnum):
    """The three kinds of repository; each has names of its own."""

    MODEL = "model"
    DATASET = "dataset"
    SPACE = "space"


@dataclass(frozen=True, slots=True)
class RepoId:
    """A kind, a namespace and a name, each checked."""

    type: RepoType
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def page(self) -> str:
        """The path of its page, as on the real Hub."""
        return f"/{self}" if self.type is RepoType.MODEL else f"/{self.type}s/{self}"


def repo_id(type: str, namespace: str, name: str) -> RepoId:
    """Check the parts of a repository's name."""
    if type not in list(RepoType):
        raise bad_request(f"{type!r} is no type of repository: {', '.join(RepoType)}")
    for part in (namespace, name):
        if not NAME.fullmatch(part):
            raise bad_request(
                f"{part!r} cannot be in the name of a repository: letters, digits and single . - _, at most 96,"
                " not ending in .git or .ipynb"
            )
    return RepoId(RepoType(type), namespace, name)


def branch_name(name: str) -> str:
    """Check the name of a branch or tag; what looks like a commit would be one."""
    if not BRANCH.fullmatch(name) or re.fullmatch(r"[0-9a-f]{40}", name) or name.startswith("refs/"):
        raise bad_request(f"{name!r} cannot be the name of a branch or tag")
    return name


def file_path(path: str) -> str:
    """Check the path of a file in a repository: relative, plain, and never out of it or into git's own folder."""
    parts = path.split("/")
    odd = any(part in ("", ".", "..") or part.lower().rstrip(". ") == ".git" for part in parts)
    if odd or len(path.encode("utf-8", "replace")) > LONGEST_PATH or "\\" in path or not path.isprintable():
        raise bad_request(f"{path[:100]!r} cannot be the path of a file in a repository")
    return path
