"""How a page is answered: read in a thread of the pages' own, with safe headers, and refused as a page too."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from aiohttp import web

from caslie.localhub.asking import COOKIE, SESSIONS, hub_of, repo_of, revision_of
from caslie.localhub.errors import HubError
from caslie.localhub.pages.rendering import render
from caslie.localhub.pages.snapshot import Snapshot
from caslie.localhub.storage.accounts import NOBODY
from caslie.localhub.storage.repos import Repo

P = ParamSpec("P")
T = TypeVar("T")

Handler = Callable[[web.Request], Awaitable[web.Response]]

HERE = re.compile(r"/(?!/)[!-\[\]-~]*")  # a path on this Hub: no other host, no backslash, nothing beyond ASCII
NOT_NAMESPACES = ("api", "datasets", "models", "spaces", "static")
# Few, and not those of the API: a page may take seconds, and who asks for many keeps no client waiting.
READERS = ThreadPoolExecutor(4, "pages")

SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' data:; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",  # a page of a private repository is gone with the session
}


def page(handler: Handler) -> Handler:
    """Put the safe headers on a page, and tell a refusal as a page to who can read one."""

    @wraps(handler)
    async def shown(request: web.Request) -> web.Response:
        try:
            response = await handler(request)
        except HubError as refusal:
            if not reads_pages(request):
                raise
            response = filled(request, "refused", status=refusal.status, refusal=refusal)
        response.headers.update(SAFE)
        return response

    return shown


def reads_pages(request: web.Request) -> bool:
    """Tell a browser from the clients, which take anything."""
    return "text/html" in request.headers.get("Accept", "")


async def read(reading: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Read what a page shows, as soon as one of the pages' threads is free."""
    return await asyncio.get_running_loop().run_in_executor(READERS, partial(reading, *args, **named))


def filled(request: web.Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> web.Response:
    """Answer a template."""
    visitor = request.app[SESSIONS].get(request.cookies.get(COOKIE, ""), NOBODY)
    text = render(template, visitor=visitor.name, here=request.raw_path, **values)
    return web.Response(text=text, content_type="text/html", status=status)


def repo_at(request: web.Request) -> Repo:
    """The repository whose page is asked for."""
    if not request.match_info["type"] and request.match_info["namespace"] in NOT_NAMESPACES:
        raise no_page()
    return repo_of(request)


def opening(request: web.Request) -> Callable[[], Snapshot]:
    """How to open what is asked for, in the thread that reads it."""
    repo, objects, revision = repo_at(request), hub_of(request).objects, revision_of(request)
    return lambda: Snapshot(repo, objects, revision)


def no_page() -> HubError:
    """Nothing is at this address."""
    return HubError(HTTPStatus.NOT_FOUND, "there is no such page")


def here(path: str) -> str:
    """The path, if it is one of this Hub."""
    return path if HERE.fullmatch(path) else "/"


def to(path: str) -> web.Response:
    """Send a browser on."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})
