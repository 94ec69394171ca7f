"""The commits of a revision, newest first."""

import asyncio
import html

from aiohttp import web

from caslie.localhub.asking import API, repo_of, revision_of
from caslie.localhub.dates import stamp
from caslie.localhub.paging import window
from caslie.localhub.storage.git import Commit

routes = web.RouteTableDef()

A_PAGE = 100


@routes.get(f"{API}/commits/{{revision}}")
async def list_commits(request: web.Request) -> web.Response:
    """Answer a page of the history; the later pages are those before the same commit."""
    repo, revision = repo_of(request), revision_of(request)
    part, formatted = window(request, A_PAGE), "formatted" in request.query.getall("expand[]", [])

    def read() -> tuple[str, list[Commit]]:
        git = repo.git()
        commit = git.commit_of(revision)
        return commit, list(part.cut(git.history(commit)))

    commit, found = await asyncio.to_thread(read)
    at = request.url.origin().joinpath("api", f"{repo.id.type}s", repo.id.namespace, repo.id.name, "commits", commit)
    return part.answer(request, [_answer(one, formatted) for one in found], at)


def _answer(commit: Commit, formatted: bool) -> dict[str, object]:
    answer: dict[str, object] = {
        "id": commit.sha,
        "title": commit.title,
        "message": commit.message,
        "authors": [{"user": commit.author}],
        "date": stamp(commit.when),
    }
    if formatted:
        answer["formatted"] = {"title": html.escape(commit.title), "message": html.escape(commit.message)}
    return answer
