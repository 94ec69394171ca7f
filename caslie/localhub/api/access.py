"""Who may read the files of a gated repository, as its owner grants and takes it back."""

import asyncio
from datetime import datetime
from http import HTTPStatus

from aiohttp import web

from caslie.localhub.asking import API, caller_of, changing, hub_of, json_body, repo_of, repo_to_write, text_in
from caslie.localhub.dates import stamp
from caslie.localhub.errors import HubError, bad_request
from caslie.localhub.storage.repos import Repo

access = web.RouteTableDef()

REQUESTS = f"{API}/user-access-request"


@access.get(f"{REQUESTS}/{{status:pending|accepted|rejected}}")
async def list_requests(request: web.Request) -> web.Response:
    """List who was let in; nobody waits here, since nobody can ask: the owner grants."""
    repo = repo_to_write(request)
    admitted = repo.settings.admitted if request.match_info["status"] == "accepted" else ()
    return web.json_response([_answer(repo, user) for user in admitted])


@access.post(f"{REQUESTS}/grant")
async def grant(request: web.Request) -> web.Response:
    """Let a user in."""
    user = text_in(await json_body(request), "user")
    async with changing(request) as repo:
        _must_be_gated(repo)
        if user not in hub_of(request).accounts.users:
            raise HubError(HTTPStatus.NOT_FOUND, f"there is no user {user[:100]!r}")
        if user in repo.settings.admitted:
            raise bad_request(f"{user} has access already")
        await _admit(request, repo, (*repo.settings.admitted, user))
    return web.json_response(_answer(repo, user))


@access.post(f"{REQUESTS}/handle")
async def handle_request(request: web.Request) -> web.Response:
    """Take a grant back, by the user or by its request, which has the user's name."""
    body = await json_body(request)
    user = text_in(body, "user" if "user" in body else "requestId")
    if body.get("status") not in ("pending", "accepted", "rejected"):
        raise bad_request("the status of a request is pending, accepted or rejected")
    async with changing(request) as repo:
        _must_be_gated(repo)
        if user not in repo.settings.admitted:
            raise HubError(HTTPStatus.NOT_FOUND, f"{user[:100]!r} has made no request; grant access instead")
        if body["status"] != "accepted":
            await _admit(request, repo, tuple(one for one in repo.settings.admitted if one != user))
    return web.json_response({"ok": True})


@access.get(f"{API}/auth-check")
async def may_read(request: web.Request) -> web.Response:
    """Tell whether the caller may read the files."""
    repo_of(request).must_admit(caller_of(request))
    return web.json_response({"ok": True})


@access.get(f"{API}/auth-check/write")
async def may_write(request: web.Request) -> web.Response:
    """Tell whether the caller may write."""
    repo_to_write(request)
    return web.json_response({"ok": True})


async def _admit(request: web.Request, repo: Repo, admitted: tuple[str, ...]) -> None:
    await asyncio.to_thread(hub_of(request).repos.change, repo, admitted=admitted)


def _must_be_gated(repo: Repo) -> None:
    if repo.settings.gated is None:
        raise bad_request(f"{repo.id} is not gated")


def _answer(repo: Repo, user: str) -> dict[str, object]:
    return {
        "requestId": user,
        "user": {"user": user, "fullname": user},
        "status": "accepted",
        "timestamp": stamp(datetime.fromisoformat(repo.settings.created)),
    }
