"""Commits: what a client asks before it sends anything, and the commit itself, whole or not at all."""

import asyncio
import base64
import binascii
import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import IO

from aiohttp import web

from caslie.localhub.api.discussions import open_pull_request
from caslie.localhub.asking import API, caller_of, hub_of, json_body, repo_of, revision_of, text_in
from caslie.localhub.contents.commit_lines import LARGEST_FILE, Asked, read_commit
from caslie.localhub.contents.receiving import in_thread, receive
from caslie.localhub.contents.sending import must_commit, reference
from caslie.localhub.errors import HubError, bad_request, moved_on, no_revision
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.git import Entry, GitRepo
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.ledger import Ledger
from caslie.localhub.storage.names import file_path
from caslie.localhub.storage.objects import unfinished_file
from caslie.localhub.storage.repos import Repo

LARGEST_COMMIT = 1 << 30  # bytes of small files, in base64
MOST_FILES = 1000
NEW = "refs/unfinished/pull-request"

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Written:
    """A commit that was made, and the number of the pull request that was opened for it."""

    sha: str
    pull_request: int | None = None


@routes.post(f"{API}/preupload/{{revision}}")
async def preupload(request: web.Request) -> web.Response:
    """Tell of each file how it is to be sent, and which content is there already under its name."""
    repo, revision = repo_of(request), revision_of(request)
    must_commit(caller_of(request), repo, revision, _opens_pull_request(request))
    files = (await json_body(request)).get("files")
    if not isinstance(files, list) or len(files) > MOST_FILES or not all(isinstance(file, dict) for file in files):
        raise bad_request(f"'files' must be a list of at most {MOST_FILES} objects")
    return web.json_response({"files": await asyncio.to_thread(_upload_modes, repo, revision, files)})


@routes.post(f"{API}/commit/{{revision}}")
async def commit(request: web.Request) -> web.Response:
    """Add a commit to a branch, or to a pull request, which `create_pr` opens."""
    revision, create_pr = revision_of(request), _opens_pull_request(request)
    must_commit(caller_of(request), repo_of(request), revision, create_pr)
    hub = hub_of(request)
    async with in_thread(unfinished_file(hub.unfinished)) as file:
        await receive(request, file, LARGEST_COMMIT)
        asked = await asyncio.to_thread(_read_from_start, file)
    async with hub.writing[repo_of(request).id]:
        repo, caller = repo_of(request), caller_of(request)
        must_commit(caller, repo, revision, create_pr)
        written = await asyncio.to_thread(_write, hub, repo, caller, revision, asked, create_pr)
    return web.json_response(_answer(request, repo, written))


def _opens_pull_request(request: web.Request) -> bool:
    return request.query.get("create_pr") in ("1", "true")


def _read_from_start(file: IO[bytes]) -> Asked:
    file.seek(0)
    return read_commit(file)


def _answer(request: web.Request, repo: Repo, written: Written) -> dict[str, object]:
    page = f"{request.url.origin()}{repo.id.page}"
    answer = {"success": True, "commitOid": written.sha, "commitUrl": f"{page}/commit/{written.sha}", "hookOutput": ""}
    if written.pull_request:
        answer["pullRequestUrl"] = f"{page}/discussions/{written.pull_request}"
    return answer


def _write(hub: Hub, repo: Repo, caller: Caller, revision: str, asked: Asked, create_pr: bool) -> Written:
    """Commit, with the branch held: it stays where it is read to be until it is moved."""
    git, author, ref = repo.git(), caller.name or "", reference(revision)
    head = _head(git, ref)
    if asked.parent and not create_pr and git.commit_of(asked.parent) != head:
        raise moved_on()
    base = git.commit_of(asked.parent) if asked.parent else head
    _must_have(hub, git, caller, asked)
    changes = asked.changes(lambda sha256: hub.objects.size(sha256) or 0)
    if not create_pr:
        return Written(git.commit(ref, base, changes, author, asked.message))
    # The commit comes first: one that is refused opens nothing.
    sha = git.commit(NEW, base, changes, author, asked.message)
    num = open_pull_request(repo, author, asked.title, asked.description, base)
    git.move_ref(f"refs/pr/{num}", sha)
    if sha != base:
        git.delete_ref(NEW)
    return Written(sha, num)


def _head(git: GitRepo, ref: str) -> str:
    try:
        return git.refs(ref)[""]
    except KeyError as error:
        raise no_revision(ref.removeprefix("refs/heads/")) from error


def _must_have(hub: Hub, git: GitRepo, caller: Caller, asked: Asked) -> None:
    """Refuse contents that are not here, and those that are here only because someone else sent them."""
    names = [sha256 for sha256, _ in asked.lfs_files.values()]
    known = Ledger(hub.root).sent_by(names, caller.namespaces)
    if not known.issuperset(names):
        known |= _contents(git)
    for path, (sha256, size) in asked.lfs_files.items():
        there = hub.objects.size(sha256)
        if there is None or sha256 not in known:
            raise bad_request(f"LFS pointer pointed to a file that does not exist: {path}; upload its content first")
        if size not in (None, there):
            raise bad_request(f"the content of {path} has {there} bytes, not {size}")


def _contents(git: GitRepo) -> set[str]:
    """All contents that this repository names now: who may commit to it may read them, and so copy them in it."""
    heads = {commit for prefix in ("refs/heads/", "refs/tags/", "refs/pr/") for commit in git.refs(prefix).values()}
    entries = (entry for head in heads for entry in git.entries(head, recursive=True))
    return {entry.lfs.sha256 for entry in entries if entry.lfs}


def _upload_modes(repo: Repo, revision: str, files: list[dict[str, object]]) -> list[dict[str, object]]:
    git = repo.git()
    head = _head(git, reference(revision))
    patterns = _lfs_patterns(git, head)
    return [_upload_mode(git, head, patterns, file) for file in files]


def _upload_mode(git: GitRepo, head: str, patterns: Iterable[str], file: dict[str, object]) -> dict[str, object]:
    path, size = file_path(text_in(file, "path")), file.get("size")
    if type(size) is not int or size < 0:
        raise bad_request("the 'size' of a file must be a number of bytes")
    is_lfs = size > LARGEST_FILE or _is_matched(path, patterns) or _is_binary(file)
    mode = "lfs" if is_lfs else "regular"
    return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": _oid(git, head, path)}


def _oid(git: GitRepo, head: str, path: str) -> str | None:
    """The content that is there already: clients do not send it again."""
    try:
        entry: Entry = git.entry(head, path)
    except HubError:
        return None
    return None if entry.is_folder else entry.lfs.sha256 if entry.lfs else entry.oid


def _lfs_patterns(git: GitRepo, head: str) -> list[str]:
    try:
        lines = git.read(git.entry(head, ".gitattributes")).decode("utf-8", "replace").splitlines()
    except HubError:
        return []
    return [words[0] for line in lines if "filter=lfs" in (words := line.split())]


def _is_matched(path: str, patterns: Iterable[str]) -> bool:
    # As git does it: a pattern without a slash is for names, wherever they are.
    name = path.rpartition("/")[2]
    return any(fnmatchcase(path if "/" in pattern else name, pattern) for pattern in patterns)


def _is_binary(file: dict[str, object]) -> bool:
    try:
        sample = base64.b64decode(text_in(file, "sample"), validate=True)
        # The sample may end within a character.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return True
    except (binascii.Error, ValueError) as error:
        raise bad_request("the 'sample' of a file must be in base64") from error
    return b"\0" in sample
