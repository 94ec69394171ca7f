"""The Hub in a browser: what is here, each repository's page and files, and the way in for who has a token."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from urllib.parse import parse_qs

from aiohttp import web

from caslie.localhub.asking import COOKIE, FILES, SESSIONS, caller_of, hub_of, repo_of, revision_of, small_body
from caslie.localhub.errors import HubError, forbidden
from caslie.localhub.pages.file_pages import file_page, folder_page
from caslie.localhub.pages.home_page import home_page
from caslie.localhub.pages.rendering import render, stylesheet
from caslie.localhub.pages.repo_page import Wanted, repo_page
from caslie.localhub.pages.snapshot import Snapshot
from caslie.localhub.storage.accounts import NOBODY
from caslie.localhub.storage.names import file_path
from caslie.localhub.storage.repos import Repo

routes = web.RouteTableDef()

Handler = Callable[[web.Request], Awaitable[web.Response]]

HERE = re.compile(r"/(?!/)[!-\[\]-~]*")  # a path on this Hub: no other host, no backslash, nothing beyond ASCII
NOT_NAMESPACES = ("api", "datasets", "models", "spaces", "static")

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
            if "text/html" not in request.headers.get("Accept", ""):
                raise
            response = _filled(request, "refused", status=refusal.status, refusal=refusal)
        response.headers.update(SAFE)
        return response

    return shown


@routes.get("/static/style.css")
@page
async def style(_: web.Request) -> web.Response:
    """How the pages look."""
    return web.Response(text=stylesheet(), content_type="text/css")


@routes.get("/")
@page
async def home(request: web.Request) -> web.Response:
    """All repositories that the visitor may know of."""
    sections = await asyncio.to_thread(home_page, hub_of(request), caller_of(request))
    return _filled(request, "home", sections=sections, origin=str(request.url.origin()))


@routes.get("/login")
@page
async def login_form(request: web.Request) -> web.Response:
    """Ask for a token."""
    return _filled(request, "login", failed=False, next=_here(request.query.get("next", "/")))


@routes.post("/login")
@page
async def login(request: web.Request) -> web.Response:
    """Let a browser look at what its user may read, until the server stops."""
    form = await _form(request)
    next = _here(form.get("next", "/"))
    try:
        caller = hub_of(request).accounts.caller(form.get("token", "").strip())
    except HubError as refusal:
        return _filled(request, "login", status=refusal.status, failed=True, next=next)
    session = secrets.token_urlsafe(32)
    request.app[SESSIONS][session] = replace(caller, role="read")
    response = _to(next)
    response.set_cookie(COOKIE, session, httponly=True, samesite="Strict")
    return response


@routes.post("/logout")
@page
async def logout(request: web.Request) -> web.Response:
    """Forget a browser."""
    await _form(request)
    request.app[SESSIONS].pop(request.cookies.get(COOKIE, ""), None)
    response = _to("/")
    response.del_cookie(COOKIE, httponly=True, samesite="Strict")
    return response


@routes.get(FILES)
@page
async def repository(request: web.Request) -> web.Response:
    """A repository: its card, what is in it, and how to load it."""
    repo, asked = _repo(request), request.query
    wanted = Wanted(caller_of(request), str(request.url.origin()), asked.get("config", ""), asked.get("split", ""))
    return _filled(request, "repo", page=await asyncio.to_thread(repo_page, hub_of(request), repo, wanted))


@routes.get(FILES + "/tree/{revision}")
@routes.get(FILES + "/tree/{revision}/{path:.+}")
@page
async def tree(request: web.Request) -> web.Response:
    """A folder at a revision."""
    folder = request.match_info.get("path", "").strip("/")
    folder = file_path(folder) if folder else ""
    return _filled(request, "tree", page=await asyncio.to_thread(folder_page, _snapshot(request), folder))


@routes.get(FILES + "/blob/{revision}/{path:.+}")
@page
async def blob(request: web.Request) -> web.Response:
    """A file at a revision."""
    path, caller = file_path(request.match_info["path"]), caller_of(request)
    return _filled(request, "blob", page=await asyncio.to_thread(file_page, _snapshot(request), path, caller))


def _filled(request: web.Request, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> web.Response:
    visitor = request.app[SESSIONS].get(request.cookies.get(COOKIE, ""), NOBODY)
    text = render(template, visitor=visitor.name, here=request.raw_path, **values)
    return web.Response(text=text, content_type="text/html", status=status)


def _repo(request: web.Request) -> Repo:
    if not request.match_info["type"] and request.match_info["namespace"] in NOT_NAMESPACES:
        raise HubError(HTTPStatus.NOT_FOUND, "there is no such page")
    return repo_of(request)


def _snapshot(request: web.Request) -> Callable[[], Snapshot]:
    """How to open what is asked for, in the thread that reads it."""
    repo, objects, revision = _repo(request), hub_of(request).objects, revision_of(request)
    return lambda: Snapshot(repo, objects, revision)


async def _form(request: web.Request) -> dict[str, str]:
    """Read a small form that a page of this Hub sent; another site's could only log its visitor in or out."""
    origin = request.headers.get("Origin", str(request.url.origin()))
    if origin.partition("://")[2] != request.host:
        raise forbidden("a form of another site")
    fields = parse_qs((await small_body(request)).decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def _here(path: str) -> str:
    return path if HERE.fullmatch(path) else "/"


def _to(path: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})
