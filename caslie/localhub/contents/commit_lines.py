"""A commit as clients send it: one JSON object a line, first what it is, then what it does."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from caslie.localhub.asking import text_in
from caslie.localhub.cards import BadCard, read_metadata
from caslie.localhub.errors import bad_request
from caslie.localhub.storage.git import POINTER, Changes, Pointer
from caslie.localhub.storage.names import file_path

LARGEST_FILE = 10 << 20  # what is larger is an LFS file; `preupload` says so
LARGEST_LINE = 2 * LARGEST_FILE
SHA256 = re.compile(r"[0-9a-f]{64}")

Fields = Mapping[str, object]


@dataclass(slots=True)
class Asked:
    """A commit that is asked for. An LFS file's size is None where the client leaves it out, as for a copy."""

    title: str = ""
    description: str = ""
    parent: str | None = None
    deleted_files: list[str] = field(default_factory=list)
    deleted_folders: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    lfs_files: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The message of the commit."""
        return f"{self.title}\n\n{self.description}".strip()

    def changes(self, size_of: Callable[[str], int]) -> Changes:
        """What the commit does, once the sizes of its LFS files are looked up."""
        pointers = ((path, Pointer(sha256, size_of(sha256))) for path, (sha256, _) in self.lfs_files.items())
        return Changes(
            tuple(self.deleted_files), tuple(self.deleted_folders), tuple(self.files.items()), tuple(pointers)
        )


def read_commit(lines: IO[bytes]) -> Asked:
    """Read and check all that can be checked without looking into the repository."""
    asked = Asked()
    for key, value in _parsed(lines):
        if key not in OPERATIONS:
            raise bad_request(f"{key[:100]!r} is nothing that a commit can do")
        OPERATIONS[key](asked, value)
    if not asked.title:
        raise bad_request("a commit needs a summary")
    return asked


def _parsed(lines: IO[bytes]) -> Iterator[tuple[str, Fields]]:
    while line := lines.readline(LARGEST_LINE):
        if len(line) == LARGEST_LINE:
            raise bad_request(f"a file in this commit is too large: above {LARGEST_FILE} bytes it must be an LFS file")
        if line.isspace():
            continue
        try:
            content: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise bad_request("a line of this commit is no JSON") from error
        if not isinstance(content, dict) or not isinstance(content.get("value"), dict):
            raise bad_request("a line of this commit is not an object with a key and a value")
        yield text_in(content, "key"), content["value"]


def _header(asked: Asked, value: Fields) -> None:
    asked.title = text_in(value, "summary").strip()
    asked.description = text_in(value, "description") if value.get("description") is not None else ""
    asked.parent = text_in(value, "parentCommit") if value.get("parentCommit") is not None else None


def _file(asked: Asked, value: Fields) -> None:
    path = _path(value)
    content = _content(value)
    if path == "README.md":
        _check_card(content)
    if found := POINTER.fullmatch(content):
        # It would be read as an LFS file, so it needs what one needs: the content, and the right to it.
        asked.lfs_files[path] = (found[1].decode(), int(found[2]))
        asked.files.pop(path, None)
        return
    asked.lfs_files.pop(path, None)
    asked.files[path] = content


def _lfs_file(asked: Asked, value: Fields) -> None:
    path, sha256, size = _path(value), text_in(value, "oid"), value.get("size")
    if not SHA256.fullmatch(sha256) or value.get("algo", "sha256") != "sha256":
        raise bad_request(f"the LFS file {path} must be named by its sha256")
    if size is not None and (type(size) is not int or size < 0):
        raise bad_request(f"the size of the LFS file {path} must be a number of bytes")
    asked.files.pop(path, None)
    asked.lfs_files[path] = (sha256, size)


def _deleted_file(asked: Asked, value: Fields) -> None:
    asked.deleted_files.append(_path(value))


def _deleted_folder(asked: Asked, value: Fields) -> None:
    asked.deleted_folders.append(file_path(text_in(value, "path").removesuffix("/")))


OPERATIONS: Mapping[str, Callable[[Asked, Fields], None]] = {
    "header": _header,
    "file": _file,
    "lfsFile": _lfs_file,
    "deletedFile": _deleted_file,
    "deletedFolder": _deleted_folder,
}


def _path(value: Fields) -> str:
    return file_path(text_in(value, "path"))


def _content(value: Fields) -> bytes:
    content = value.get("content")
    if not isinstance(content, str):
        raise bad_request("the content of a file must be a text")
    try:
        if value.get("encoding") == "base64":
            return base64.b64decode(content, validate=True)
        return content.encode()
    except (binascii.Error, ValueError) as error:
        raise bad_request("the content of a file is not what its encoding says") from error


def _check_card(content: bytes) -> None:
    """Refuse a card that no page could show and no client could load; the rest is for `validate-yaml` to say."""
    try:
        read_metadata(content.decode("utf-8", "replace"))
    except BadCard as error:
        raise bad_request(f"Invalid YAML in README.md: {error}") from error
