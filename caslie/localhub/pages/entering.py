"""The way in for a browser whose user has a token, and the way out."""

import secrets
from dataclasses import replace
from urllib.parse import parse_qs

from aiohttp import web

from caslie.localhub.asking import COOKIE, SESSIONS, hub_of, small_body
from caslie.localhub.errors import HubError, forbidden
from caslie.localhub.pages.answering import filled, here, page, to

routes = web.RouteTableDef()


@routes.get("/login")
@page
async def login_form(request: web.Request) -> web.Response:
    """Ask for a token."""
    return filled(request, "login", failed=False, next=here(request.query.get("next", "/")))


@routes.post("/login")
@page
async def login(request: web.Request) -> web.Response:
    """Let a browser look at what its user may read, until the server stops."""
    form = await _form(request)
    next = here(form.get("next", "/"))
    try:
        caller = hub_of(request).accounts.caller(form.get("token", "").strip())
    except HubError as refusal:
        return filled(request, "login", status=refusal.status, failed=True, next=next)
    session = secrets.token_urlsafe(32)
    request.app[SESSIONS][session] = replace(caller, role="read")
    response = to(next)
    response.set_cookie(COOKIE, session, httponly=True, samesite="Strict")
    return response


@routes.post("/logout")
@page
async def logout(request: web.Request) -> web.Response:
    """Forget a browser."""
    await _form(request)
    request.app[SESSIONS].pop(request.cookies.get(COOKIE, ""), None)
    response = to("/")
    response.del_cookie(COOKIE, httponly=True, samesite="Strict")
    return response


async def _form(request: web.Request) -> dict[str, str]:
    """Read a small form that a page of this Hub sent; another site's could only log its visitor in or out."""
    origin = request.headers.get("Origin", str(request.url.origin()))
    if origin.partition("://")[2] != request.host:
        raise forbidden("a form of another site")
    fields = parse_qs((await small_body(request)).decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}
