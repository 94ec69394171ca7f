"""Repositories as a whole: made, moved, removed, set up, listed and told about; and cards looked over."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from caslie.localhub.api.access import access
from caslie.localhub.api.card_checks import check_card
from caslie.localhub.api.repo_answers import Answer, in_full, summary
from caslie.localhub.asking import API, caller_of, changing, hub_of, json_body, plain_revision, repo_of, text_in
from caslie.localhub.errors import HubError, bad_request, not_logged_in
from caslie.localhub.paging import is_on, window
from caslie.localhub.storage.git import MAIN
from caslie.localhub.storage.names import RepoId, RepoType, repo_id
from caslie.localhub.storage.repos import Repo

about = web.RouteTableDef()

A_PAGE = 1000
ALWAYS = ("_id", "id", "modelId")


@about.post("/api/repos/create")
async def create_repo(request: web.Request) -> web.Response:
    """Make a repository; of one that exists the address is told, since `exist_ok` clients go there."""
    body = await json_body(request)
    hub, id = hub_of(request), _named(request, body)
    caller_of(request).must_write(id.namespace)
    sdk = text_in(body, "sdk") if "sdk" in body else None
    answer = {"url": f"{request.url.origin()}{id.page}", "name": str(id)}
    async with hub.writing[RepoId(id.type, id.namespace, "")]:  # two spellings of a name are one
        try:
            await asyncio.to_thread(hub.repos.create, id, _is_private(body) or False, sdk)
        except HubError as error:
            if error.status is not HTTPStatus.CONFLICT:
                raise
            headers = {"X-Error-Message": error.message}
            return web.json_response(answer | {"error": error.message}, status=error.status, headers=headers)
    return web.json_response(answer)


@about.delete("/api/repos/delete")
async def delete_repo(request: web.Request) -> web.Response:
    """Take a repository away."""
    async with changing(request, _named(request, await json_body(request))) as repo:
        await asyncio.to_thread(hub_of(request).repos.delete, repo)
    return web.json_response({"ok": True})


@about.post("/api/repos/move")
async def move_repo(request: web.Request) -> web.Response:
    """Give a repository another name or namespace."""
    hub, body = hub_of(request), await json_body(request)
    old, new = _id(body, text_in(body, "fromRepo")), _id(body, text_in(body, "toRepo"))
    caller_of(request).must_write(new.namespace)
    async with changing(request, old) as repo, hub.writing[RepoId(new.type, new.namespace, "")]:
        await asyncio.to_thread(hub.repos.move, repo, new)
    return web.json_response({"url": f"{request.url.origin()}{new.page}", "name": str(new)})


@about.put(f"{API}/settings")
async def change_settings(request: web.Request) -> web.Response:
    """Change who sees a repository, and whether its files are gated."""
    body = await json_body(request)
    changes: dict[str, object] = {}
    private = _is_private(body)
    if private is not None:
        changes["private"] = private
    if "gated" in body:
        if body["gated"] not in ("auto", "manual", False):
            raise bad_request("`gated` is auto, manual or false")
        changes["gated"] = body["gated"] or None
    async with changing(request) as repo:
        repo = await asyncio.to_thread(lambda: hub_of(request).repos.change(repo, **changes))
    return web.json_response({"private": repo.settings.private, "gated": repo.settings.gated or False})


@about.get(API)
@about.get(f"{API}/revision/{{revision}}")
async def tell_repo(request: web.Request) -> web.Response:
    """Answer what a repository is, at a revision."""
    repo, revision = repo_of(request), plain_revision(request.match_info.get("revision", MAIN))
    answer = await asyncio.to_thread(in_full, repo, revision, is_on(request, "blobs"))
    return web.json_response(_expanded(request, answer))


@about.get("/api/{type:models|datasets|spaces}")
async def list_repos(request: web.Request) -> web.Response:
    """List the repositories that the caller may see, newest change first."""
    caller, hub = caller_of(request), hub_of(request)
    type = RepoType(request.match_info["type"].removesuffix("s"))
    tell = (lambda repo: in_full(repo, MAIN, blobs=False)) if is_on(request, "full") else summary
    part = window(request, A_PAGE)

    def read() -> list[Answer]:
        named = [repo for repo in hub.repos.list(type, caller) if _is_named(request, repo)]
        told = [tell(repo) for repo in named]
        tagged = [one for one in told if set(request.query.getall("filter", [])) <= set(one["tags"])]
        tagged.sort(key=lambda one: str(one["lastModified"]), reverse=True)
        return [_expanded(request, one) for one in part.cut(tagged)]

    return part.answer(request, await asyncio.to_thread(read), request.url)


@about.post("/api/validate-yaml")
async def validate_card(request: web.Request) -> web.Response:
    """Look a card over before it is sent; what is wrong with it is told in the body, where clients look for it."""
    body = await json_body(request)
    type = body.get("repoType") or RepoType.MODEL
    if type not in list(RepoType):
        raise bad_request(f"`repoType` is one of {', '.join(RepoType)}")
    found = await asyncio.to_thread(check_card, text_in(body, "content", 1 << 22), RepoType(str(type)))
    answer = {
        "errors": [{"message": message} for message in found.errors],
        "warnings": [{"message": message} for message in found.warnings],
    }
    if not found.errors:
        return web.json_response(answer)
    headers = {"X-Error-Message": "Invalid metadata in README.md"}
    return web.json_response(answer | {"error": "; ".join(found.errors)}, status=400, headers=headers)


def _named(request: web.Request, body: Mapping[str, object]) -> RepoId:
    """The repository that a body names; one without an organisation is the caller's own."""
    organization = text_in(body, "organization") if body.get("organization") is not None else caller_of(request).name
    if organization is None:
        raise not_logged_in()
    return _id(body, f"{organization}/{text_in(body, 'name')}")


def _id(body: Mapping[str, object], name: str) -> RepoId:
    namespace, _, rest = name.partition("/")
    return repo_id(text_in(body, "type") if body.get("type") is not None else RepoType.MODEL, namespace, rest)


def _is_private(body: Mapping[str, object]) -> bool | None:
    """Whether a body asks for a private repository, in the words of today's clients or of older ones."""
    private, visibility = body.get("private"), body.get("visibility")
    if visibility not in (None, "private", "public", "protected") or not isinstance(private, bool | None):
        raise bad_request("`visibility` is private, public or protected")
    return private if visibility is None else visibility != "public"


def _is_named(request: web.Request, repo: Repo) -> bool:
    words = request.query.getall("search", [])
    return request.query.get("author", repo.id.namespace) == repo.id.namespace and all(
        word.lower() in str(repo.id).lower() for word in words
    )


def _expanded(request: web.Request, answer: Answer) -> Answer:
    """Only what is asked for, where something is."""
    asked = request.query.getall("expand", [])
    return {key: value for key, value in answer.items() if key in asked or key in ALWAYS} if asked else answer


routes = (*about, *access)
