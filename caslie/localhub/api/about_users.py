"""Who somebody is: the caller of a token, a user, an organisation."""

import asyncio
import hashlib
from http import HTTPStatus

from aiohttp import web

from caslie.localhub.asking import caller_of, hub_of
from caslie.localhub.errors import HubError, not_logged_in
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.names import RepoType

routes = web.RouteTableDef()


@routes.get("/api/whoami-v2")
async def whoami(request: web.Request) -> web.Response:
    """Tell a client whose token it has, and what the token may do."""
    caller = caller_of(request)
    if caller.name is None:
        raise not_logged_in()
    # The name under which `hf auth login` keeps the token.
    token = {"displayName": f"{caller.name}-{caller.role}", "role": caller.role}
    answer = _user(caller.name) | {
        "orgs": [_org(name) for name in caller.orgs],
        "auth": {"type": "access_token", "accessToken": token},
    }
    return web.json_response(answer)


@routes.get("/api/users/{name}/overview")
async def user_overview(request: web.Request) -> web.Response:
    """Tell how much a user has that the caller may see."""
    hub, name = hub_of(request), request.match_info["name"]
    if name not in hub.accounts.users:
        raise _nobody(name)
    orgs = [_org(org) for org, members in hub.accounts.orgs.items() if name in members]
    counts = await asyncio.to_thread(_counts, hub, caller_of(request), name)
    return web.json_response(_user(name) | {"user": name, "orgs": orgs} | counts)


@routes.get("/api/organizations/{name}/overview")
async def org_overview(request: web.Request) -> web.Response:
    """Tell how much an organisation has that the caller may see."""
    hub, name = hub_of(request), request.match_info["name"]
    if name not in hub.accounts.orgs:
        raise _nobody(name)
    counts = await asyncio.to_thread(_counts, hub, caller_of(request), name)
    return web.json_response(_org(name) | {"numUsers": len(hub.accounts.orgs[name])} | counts)


@routes.get("/api/organizations/{name}/members")
async def org_members(request: web.Request) -> web.Response:
    """Tell who is in an organisation."""
    hub, name = hub_of(request), request.match_info["name"]
    if name not in hub.accounts.orgs:
        raise _nobody(name)
    return web.json_response([_user(member) | {"user": member} for member in hub.accounts.orgs[name]])


def _user(name: str) -> dict[str, object]:
    return {"type": "user", "id": _id(name), "name": name, "fullname": name, "isPro": False, "canPay": False}


def _org(name: str) -> dict[str, object]:
    return {
        "type": "org",
        "id": _id(name),
        "name": name,
        "fullname": name,
        "isEnterprise": False,
        "roleInOrg": "write",
    }


def _id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def _counts(hub: Hub, caller: Caller, namespace: str) -> dict[str, int]:
    return {
        f"num{type.title()}s": sum(repo.id.namespace == namespace for repo in hub.repos.list(type, caller))
        for type in RepoType
    }


def _nobody(name: str) -> HubError:
    return HubError(HTTPStatus.NOT_FOUND, f"{name[:100]!r} is nobody here")
