"""The web application of a Hub: its routes, and how a refusal is told to clients."""

import ipaddress
import logging
from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from caslie.localhub.api import about_repos, about_users, discussions, history, refs, trees
from caslie.localhub.asking import HUB, SESSIONS
from caslie.localhub.contents import lfs, resolving, writing, xet
from caslie.localhub.contents.receiving import DISK_IS_FULL, FULL
from caslie.localhub.errors import HubError
from caslie.localhub.pages import routes as pages
from caslie.localhub.storage.accounts import Caller
from caslie.localhub.storage.hub import Hub

logger = logging.getLogger(__name__)

LARGEST_REQUEST = 2 << 30  # a commit carries its small files inside; LFS and Xet contents are streamed to disk
ROOMS = (about_users, about_repos, refs, trees, history, discussions, writing, lfs, xet, resolving, pages)
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})


def make_app(hub: Hub, hosts: Sequence[str]) -> web.Application:
    """Put the Hub behind its routes; `hosts` are the names it may be asked under.

    A page on the internet can point a name of its own at 127.0.0.1: a request under a foreign name is refused.
    """
    app = web.Application(client_max_size=LARGEST_REQUEST, middlewares=[_only_for(frozenset(hosts)), _tell_refusals])
    app[HUB] = hub
    app[SESSIONS] = dict[str, Caller]()
    for room in ROOMS:
        app.add_routes(room.routes)
    return app


def _only_for(hosts: frozenset[str]) -> Middleware:
    # Whoever listens at every address may be asked by any of them: no page can make a number its own.
    by_number = not EVERY_ADDRESS.isdisjoint(hosts)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            host = request.url.host or ""
        except ValueError:  # a port beyond all ports
            host = request.headers.get("Host", "")
        if host not in hosts and not (by_number and _is_number(host)):
            return _refusal(HubError(HTTPStatus.MISDIRECTED_REQUEST, f"this Hub is not {host}"))
        return await handler(request)

    return check


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@web.middleware
async def _tell_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except HubError as error:
        return _refusal(error)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _refusal(HubError(HTTPStatus(error.status), error.reason))
    except OSError as error:
        if error.errno not in FULL:
            raise
        logger.error("the disk is full: %s %s", request.method, request.path)
        return _refusal(HubError(HTTPStatus.INSUFFICIENT_STORAGE, DISK_IS_FULL))


def _refusal(error: HubError) -> web.Response:
    # One printable line of Latin-1: what a header can carry.
    line = " ".join(error.message.split()).encode("latin-1", "replace").decode("latin-1")
    told = "".join(char if char.isprintable() else "?" for char in line)
    known = {"X-Error-Code": error.code, "X-Repo-Commit": error.commit}
    headers = {"X-Error-Message": told} | {name: value for name, value in known.items() if value}
    return web.json_response({"error": error.message}, status=error.status, reason=error.reason, headers=headers)
