"""Downloads: the bytes of a file at a revision, whole or in part, and nothing that a browser would run."""

import asyncio
import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import IO

from aiohttp import web

from caslie.localhub.asking import FILES, caller_of, hub_of, repo_of, revision_of
from caslie.localhub.contents.receiving import PIECE
from caslie.localhub.errors import HubError, no_entry
from caslie.localhub.storage.git import Entry
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import file_path
from caslie.localhub.storage.repos import Repo

# What a browser may show in place; all else comes as text, or is saved. No HTML and no SVG: they could run scripts.
PICTURES = {"gif": "gif", "jpeg": "jpeg", "jpg": "jpeg", "png": "png", "webp": "webp"}
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "bytes",
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be sent: where it was found, and where its bytes are."""

    commit: str
    entry: Entry
    content: bytes | Path
    n_bytes: int

    def open(self) -> IO[bytes]:
        """Open its bytes."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")


@routes.get(f"{FILES}/resolve/{{revision}}/{{path:.+}}")
async def resolve(request: web.Request) -> web.StreamResponse:
    """Send a file's content; to HEAD, all about it."""
    return await _send(request, is_raw=False)


@routes.get(f"{FILES}/raw/{{revision}}/{{path:.+}}")
async def raw(request: web.Request) -> web.StreamResponse:
    """Send a file as git has it: of an LFS file its pointer."""
    return await _send(request, is_raw=True)


async def _send(request: web.Request, is_raw: bool) -> web.StreamResponse:
    repo = repo_of(request)
    repo.must_admit(caller_of(request))
    revision, path = revision_of(request), file_path(request.match_info["path"])
    found = await asyncio.to_thread(_find, hub_of(request), repo, revision, path, is_raw)
    headers = _about(found, is_raw)
    if any(etag.value in ("*", headers["ETag"].strip('"')) for etag in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    start, end = _part(request, headers["ETag"], found.n_bytes)
    response = web.StreamResponse(headers=headers | {"Content-Length": str(end - start)})
    if (start, end) != (0, found.n_bytes):
        response.set_status(HTTPStatus.PARTIAL_CONTENT)
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.n_bytes}"
    with await asyncio.to_thread(found.open) as file:
        await response.prepare(request)
        if request.method != "HEAD":
            await _copy(file, start, end, response)
    return response


def _find(hub: Hub, repo: Repo, revision: str, path: str, is_raw: bool) -> Found:
    git = repo.git()
    commit = git.commit_of(revision)
    entry = git.entry(commit, path)
    if entry.is_folder:
        raise no_entry(path, revision, commit)
    if entry.lfs and not is_raw:
        size = hub.objects.size(entry.lfs.sha256)
        if size is None:
            raise no_entry(f"the content of {path}", revision, commit)
        return Found(commit, entry, hub.objects.path(entry.lfs.sha256), size)
    content = git.read(entry)
    return Found(commit, entry, content, len(content))


def _about(found: Found, is_raw: bool) -> dict[str, str]:
    pointer = None if is_raw else found.entry.lfs
    etag = f'"{pointer.sha256 if pointer else found.entry.oid}"'
    linked = {"X-Linked-Etag": etag, "X-Linked-Size": str(found.n_bytes)} if pointer else {}
    return {"ETag": etag, "X-Repo-Commit": found.commit, **linked, **SAFE, **_type(found.entry.path, pointer is None)}


def _type(path: str, is_text: bool) -> Mapping[str, str]:
    ending = PurePosixPath(path).suffix.lower().removeprefix(".")
    if ending in PICTURES:
        return {"Content-Type": f"image/{PICTURES[ending]}"}
    if is_text:
        return {"Content-Type": "text/plain; charset=utf-8"}
    return {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}


def _part(request: web.Request, etag: str, n_bytes: int) -> tuple[int, int]:
    """The bytes that are asked for; what cannot be read as one range, or is for another content, asks for all."""
    try:
        asked = request.http_range
    except ValueError:
        return 0, n_bytes
    if asked == slice(None, None, 1) or request.headers.get("If-Range", etag) != etag:
        return 0, n_bytes
    start, end, _ = asked.indices(n_bytes)
    if start >= end:
        raise HubError(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"the file has {n_bytes} bytes")
    return start, end


async def _copy(file: IO[bytes], start: int, end: int, response: web.StreamResponse) -> None:
    file.seek(start)
    # A client may leave before the end: those that read the head of a large file always do.
    with suppress(ConnectionError):
        while start < end and (piece := await asyncio.to_thread(file.read, min(PIECE, end - start))):
            start += len(piece)
            await response.write(piece)
    if start < end:
        response.force_close()
