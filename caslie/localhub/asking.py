"""What every handler asks of a request: which Hub, who calls, and which repository they mean."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiohttp import web

from caslie.localhub.errors import HubError, bad_request, bad_token, no_revision
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import RepoId, repo_id
from caslie.localhub.storage.repos import Repo

HUB = web.AppKey("hub", Hub)
# Browsers that logged in on a page, by the name in their cookie; forgotten when the server stops.
SESSIONS = web.AppKey("sessions", dict[str, Caller])
COOKIE = "caslie-hub"

# The paths of a repository: in the API, of its files, and of its page.
API = "/api/{type:models|datasets|spaces}/{namespace}/{name}"
FILES = "/{type:datasets/|spaces/|}{namespace}/{name}"

LARGEST_BODY = 4 << 20  # of what is no content: settings, names, comments, a card to look over
LONGEST_REVISION = 250
LONGEST_TEXT = 65_536


def hub_of(request: web.Request) -> Hub:
    """The Hub that is asked."""
    return request.app[HUB]


def caller_of(request: web.Request) -> Caller:
    """Who asks, by token (a client) or by cookie (a browser, which may only look)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return request.app[SESSIONS].get(request.cookies.get(COOKIE, ""), hub_of(request).accounts.caller(None))
    if scheme.lower() != "bearer":
        raise bad_token()
    return hub_of(request).accounts.caller(token.strip())


def repo_id_of(request: web.Request) -> RepoId:
    """The repository that is meant, by a path of `API` or of `FILES`."""
    parts = request.match_info
    type = parts["type"].rstrip("/").removesuffix("s") or "model"
    return repo_id(type, parts["namespace"], parts["name"])


def repo_of(request: web.Request) -> Repo:
    """The repository that is meant, if it is there and the caller may know of it."""
    return hub_of(request).repos.find(repo_id_of(request), caller_of(request))


def repo_to_write(request: web.Request) -> Repo:
    """The repository that is meant, if the caller may write in it."""
    return _to_write(hub_of(request), repo_id_of(request), caller_of(request))


@asynccontextmanager
async def changing(request: web.Request, id: RepoId | None = None) -> AsyncIterator[Repo]:
    """The repository of the path or of this name, if the caller may write in it, and no other writer in it so long."""
    hub, caller, id = hub_of(request), caller_of(request), id or repo_id_of(request)
    _to_write(hub, id, caller)
    async with hub.writing[id]:
        yield _to_write(hub, id, caller)  # again: it may have moved while this one waited


def revision_of(request: web.Request) -> str:
    """The revision that is meant; one that could be no name at all is as absent as any other."""
    return plain_revision(request.match_info["revision"])


def plain_revision(revision: str) -> str:
    """Refuse a revision that git should not even be asked for."""
    if not revision.isprintable() or not revision.isascii() or len(revision) > LONGEST_REVISION:
        raise no_revision(ascii(revision[:LONGEST_REVISION]))
    return revision


async def small_body(request: web.Request) -> bytes:
    """All of a body that has no reason to be large."""
    body = bytearray()
    async for piece in request.content.iter_chunked(1 << 16):
        body += piece
        if len(body) > LARGEST_BODY:
            raise HubError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"this may be {LARGEST_BODY} bytes, and no more")
    return bytes(body)


async def json_body(request: web.Request) -> dict[str, object]:
    """The fields of a JSON object; no body at all has none."""
    body = await small_body(request)
    try:
        content: object = json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        raise bad_request(f"the body is no JSON ({str(error)[:100]})") from error
    if not isinstance(content, dict):
        raise bad_request("the body is no JSON object")
    return content


def text_in(body: Mapping[str, object], name: str, longest: int = LONGEST_TEXT) -> str:
    """A field that must be there as a text, and one that can be written down."""
    text = body.get(name)
    if not isinstance(text, str) or len(text) > longest:
        raise bad_request(f"{name!r} must be a text of at most {longest} characters")
    if any("\ud800" <= one <= "\udfff" or one == "\0" for one in text):
        raise bad_request(f"{name!r} holds characters that are none")
    return text


def _to_write(hub: Hub, id: RepoId, caller: Caller) -> Repo:
    repo = hub.repos.find(id, caller)
    caller.must_write(id.namespace)
    return repo
