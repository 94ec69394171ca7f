"""LFS uploads: which contents are wanted, and the contents, each in one request to an address signed for it."""

import asyncio
import time
from http import HTTPStatus

from aiohttp import web

from caslie.localhub.asking import FILES, caller_of, hub_of, json_body, repo_of, text_in
from caslie.localhub.contents.commit_lines import SHA256
from caslie.localhub.contents.receiving import in_thread, receive
from caslie.localhub.contents.sending import must_send
from caslie.localhub.contents.signing import LIFE, Permit, read_permit, sign
from caslie.localhub.errors import HubError, bad_request
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.ledger import Ledger

MEDIA_TYPE = "application/vnd.git-lfs+json"
MOST_OBJECTS = 1000
LARGEST_OBJECT = 50 << 30  # what clients take by plain HTTP

routes = web.RouteTableDef()


@routes.post(f"{FILES}.git/info/lfs/objects/batch")
async def batch(request: web.Request) -> web.Response:
    """Tell of each content whether it is to be sent, and where to."""
    repo, caller = repo_of(request), caller_of(request)
    user = must_send(caller, repo)
    body = await json_body(request)
    if body.get("operation") != "upload":
        raise bad_request("this Hub takes uploads by LFS; files are downloaded from /resolve/")
    wanted = _wanted(body.get("objects"))
    here = await asyncio.to_thread(_here, hub_of(request), caller, wanted)
    objects: list[dict[str, object]] = []
    for sha256, n_bytes in wanted.items():
        permit = Permit(sha256, n_bytes, user, repo.id.namespace, repo.id.namespace, int(time.time()) + LIFE)
        actions = {} if sha256 in here else {"actions": _actions(request, permit)}
        objects.append({"oid": sha256, "size": n_bytes, **actions})
    return web.json_response({"transfer": "basic", "objects": objects}, content_type=MEDIA_TYPE)


@routes.put("/lfs/objects/{sha256}")
async def upload(request: web.Request) -> web.Response:
    """Take a content, if it is the one that was announced."""
    permit, hub = _permit(request), hub_of(request)
    if request.content_length not in (None, permit.n_bytes):
        raise bad_request(f"{permit.n_bytes} bytes were announced, and {request.content_length} come")
    async with in_thread(hub.objects.receive(permit.what)) as incoming:
        await receive(request, incoming, permit.n_bytes)
    await asyncio.to_thread(Ledger(hub.root).note_sent, [permit.what], [permit.user, permit.namespace])
    return web.Response()


@routes.post("/lfs/objects/{sha256}/verify")
async def verify(request: web.Request) -> web.Response:
    """Tell whether a content has come."""
    permit = _permit(request)
    if not await asyncio.to_thread(_is_here, hub_of(request), permit):
        raise HubError(HTTPStatus.NOT_FOUND, f"{permit.what} has not come")
    return web.json_response({"oid": permit.what, "size": permit.n_bytes}, content_type=MEDIA_TYPE)


def _permit(request: web.Request) -> Permit:
    return read_permit(hub_of(request), request.query.get("permit", ""), request.match_info["sha256"])


def _actions(request: web.Request, permit: Permit) -> dict[str, dict[str, str]]:
    address, query = f"{request.url.origin()}/lfs/objects/{permit.what}", f"?permit={sign(hub_of(request), permit)}"
    return {"upload": {"href": f"{address}{query}"}, "verify": {"href": f"{address}/verify{query}"}}


def _here(hub: Hub, caller: Caller, wanted: dict[str, int]) -> set[str]:
    """What need not be sent. What only others sent is asked for again: to say it is here would tell what they have."""
    sent = Ledger(hub.root).sent_by(list(wanted), caller.namespaces)
    return {sha256 for sha256 in sent if hub.objects.size(sha256) == wanted[sha256]}


def _is_here(hub: Hub, permit: Permit) -> bool:
    is_sent = Ledger(hub.root).sent_by([permit.what], [permit.user])
    return bool(is_sent) and hub.objects.size(permit.what) == permit.n_bytes


def _wanted(objects: object) -> dict[str, int]:
    if not isinstance(objects, list) or len(objects) > MOST_OBJECTS:
        raise bad_request(f"'objects' must be a list of at most {MOST_OBJECTS}")
    wanted = {}
    for one in objects:
        if not isinstance(one, dict):
            raise bad_request("each of 'objects' must be an object")
        sha256, n_bytes = text_in(one, "oid"), one.get("size")
        if not SHA256.fullmatch(sha256) or type(n_bytes) is not int or not 0 <= n_bytes <= LARGEST_OBJECT:
            raise bad_request(f"each of 'objects' must have a sha256 as 'oid' and a 'size' up to {LARGEST_OBJECT}")
        wanted[sha256] = n_bytes
    return wanted
