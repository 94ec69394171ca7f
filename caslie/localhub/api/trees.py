"""Which files a revision has: folders page by page, and single paths."""

import asyncio
from collections.abc import Iterable
from urllib.parse import parse_qs

from aiohttp import web

from caslie.localhub.asking import API, repo_of, revision_of, small_body
from caslie.localhub.dates import stamp
from caslie.localhub.errors import HubError, bad_request
from caslie.localhub.paging import is_on, window
from caslie.localhub.storage.git import Commit, Entry, GitRepo
from caslie.localhub.storage.names import file_path

routes = web.RouteTableDef()

# The real Hub's own: with the last commit of each file an answer takes longer.
A_PAGE = 1000
A_PAGE_WITH_COMMITS = 50
MOST_PATHS = 10_000


@routes.get(f"{API}/tree/{{revision}}")
@routes.get(f"{API}/tree/{{revision}}/{{path:.+}}")
async def list_tree(request: web.Request) -> web.Response:
    """Answer a folder's files and folders; the later pages are those of the same commit, whatever happens to it."""
    repo, revision = repo_of(request), revision_of(request)
    folder = request.match_info.get("path", "").strip("/")
    if folder:
        file_path(folder)
    expand = is_on(request, "expand")
    part = window(request, A_PAGE_WITH_COMMITS if expand else A_PAGE)

    def read() -> tuple[str, list[dict[str, object]]]:
        git = repo.git()
        commit = git.commit_of(revision)
        entries = part.cut(git.entries(commit, folder, is_on(request, "recursive")))
        return commit, _answers(git, commit, list(entries), expand)

    commit, found = await asyncio.to_thread(read)
    parts = ("api", f"{repo.id.type}s", repo.id.namespace, repo.id.name, "tree", commit)
    at = request.url.origin().joinpath(*parts, *(folder.split("/") if folder else ()))
    return part.answer(request, found, at)


@routes.post(f"{API}/paths-info/{{revision}}")
async def tell_paths(request: web.Request) -> web.Response:
    """Answer those of the paths that are there."""
    repo, revision = repo_of(request), revision_of(request)
    paths, expand = await _paths(request)

    def read() -> list[dict[str, object]]:
        git = repo.git()
        commit = git.commit_of(revision)
        return _answers(git, commit, [entry for path in paths for entry in _entry(git, commit, path)], expand)

    return web.json_response(await asyncio.to_thread(read))


async def _paths(request: web.Request) -> tuple[list[str], bool]:
    body = await small_body(request)
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=MOST_PATHS, errors="strict")
    except ValueError as error:
        raise bad_request(f"the body is no form of at most {MOST_PATHS} paths") from error
    paths = [file_path(path.strip("/")) for path in form.get("paths", [])]
    return list(dict.fromkeys(paths)), form.get("expand", ["false"])[-1].lower() in ("true", "1")


def _entry(git: GitRepo, commit: str, path: str) -> Iterable[Entry]:
    try:
        return (git.entry(commit, path),)
    except HubError:
        return ()


def _answers(git: GitRepo, commit: str, entries: list[Entry], expand: bool) -> list[dict[str, object]]:
    last = git.last_commits(commit, [entry.path for entry in entries]) if expand else {}
    return [_answer(entry, last.get(entry.path)) for entry in entries]


def _answer(entry: Entry, last: Commit | None) -> dict[str, object]:
    answer: dict[str, object] = {
        "type": "directory" if entry.is_folder else "file",
        "oid": entry.oid,
        "size": entry.size,
        "path": entry.path,
    }
    if entry.lfs:
        answer["lfs"] = {"oid": entry.lfs.sha256, "size": entry.lfs.size, "pointerSize": len(bytes(entry.lfs))}
    if last:
        answer["lastCommit"] = {"id": last.sha, "title": last.title, "date": stamp(last.when)}
    return answer
