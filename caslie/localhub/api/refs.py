"""Branches, tags and the references of pull requests."""

import asyncio

import pygit2
from aiohttp import web
from pygit2.enums import ObjectType

from caslie.localhub.asking import API, caller_of, changing, json_body, plain_revision, repo_of, revision_of, text_in
from caslie.localhub.errors import conflict, forbidden, no_revision
from caslie.localhub.paging import is_on
from caslie.localhub.storage.git import MAIN, GitRepo
from caslie.localhub.storage.names import branch_name
from caslie.localhub.storage.repos import Repo

routes = web.RouteTableDef()


@routes.get(f"{API}/refs")
async def list_refs(request: web.Request) -> web.Response:
    """Answer all references; those of pull requests only where they are asked for."""
    repo = repo_of(request)
    kinds = {"branches": "refs/heads/", "tags": "refs/tags/", "converts": "refs/convert/"}
    if is_on(request, "include_prs"):
        kinds["pullRequests"] = "refs/pr/"

    def read() -> dict[str, list[dict[str, str]]]:
        git = repo.git()
        return {kind: _refs(git, prefix) for kind, prefix in kinds.items()}

    return web.json_response(await asyncio.to_thread(read))


@routes.post(f"{API}/branch/{{branch}}")
async def create_branch(request: web.Request) -> web.Response:
    """Make a branch at a revision; at `main` where none is named."""
    body = await json_body(request)
    start = plain_revision(text_in(body, "startingPoint")) if "startingPoint" in body else MAIN

    def create(repo: Repo, branch: str) -> None:
        git = repo.git()
        git.create_ref(f"refs/heads/{branch}", git.commit_of(start))

    async with changing(request) as repo:
        await asyncio.to_thread(create, repo, branch_name(request.match_info["branch"]))
    return web.json_response({"ok": True})


@routes.delete(f"{API}/branch/{{branch}}")
async def delete_branch(request: web.Request) -> web.Response:
    """Take a branch away; `main` stays."""
    async with changing(request) as repo:
        branch = branch_name(request.match_info["branch"])
        if branch == MAIN:
            raise forbidden(f"{MAIN} cannot be deleted")
        await asyncio.to_thread(_delete, repo, "refs/heads/", branch)
    return web.json_response({"ok": True})


@routes.post(f"{API}/tag/{{revision}}")
async def create_tag(request: web.Request) -> web.Response:
    """Give a revision a tag."""
    body, revision = await json_body(request), revision_of(request)
    message = text_in(body, "message") if body.get("message") is not None else ""
    async with changing(request) as repo:
        tag, who = branch_name(text_in(body, "tag")), caller_of(request).name or ""
        await asyncio.to_thread(_tag, repo, tag, revision, message, who)
    return web.json_response({"ok": True})


@routes.delete(f"{API}/tag/{{tag}}")
async def delete_tag(request: web.Request) -> web.Response:
    """Take a tag away."""
    async with changing(request) as repo:
        await asyncio.to_thread(_delete, repo, "refs/tags/", branch_name(request.match_info["tag"]))
    return web.json_response({"ok": True})


def _refs(git: GitRepo, prefix: str) -> list[dict[str, str]]:
    return [
        {"name": name, "ref": f"{prefix}{name}", "targetCommit": commit} for name, commit in git.refs(prefix).items()
    ]


def _tag(repo: Repo, tag: str, revision: str, message: str, who: str) -> None:
    git = repo.git()
    commit = git.commit_of(revision)
    if not message:
        git.create_ref(f"refs/tags/{tag}", commit)
        return
    if tag in git.refs("refs/tags/"):
        raise conflict(f"Tag {tag} already exists")
    signature = pygit2.Signature(who, f"{who}@users.noreply.hub.localhost")
    try:
        pygit2.Repository(str(repo.path)).create_tag(
            tag, pygit2.Oid(hex=commit), ObjectType.COMMIT, signature, message
        )
    except (ValueError, OSError, pygit2.GitError) as error:  # `a/b` beside `a`
        raise conflict(f"{tag}: {error}") from error


def _delete(repo: Repo, prefix: str, name: str) -> None:
    git = repo.git()
    if name not in git.refs(prefix):
        raise no_revision(name)
    git.delete_ref(f"{prefix}{name}")
