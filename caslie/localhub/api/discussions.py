"""Discussions and pull requests: how they are opened, listed and shown to `HfApi`."""

import asyncio
from dataclasses import replace

from aiohttp import web

from caslie.localhub.api.discussion_answers import details, overview
from caslie.localhub.api.discussion_changes import ALL, ONE, changes, num_of, speaker, title_in
from caslie.localhub.asking import caller_of, hub_of, json_body, repo_of, text_in
from caslie.localhub.dates import now
from caslie.localhub.paging import number_in
from caslie.localhub.storage.discussion_records import (
    Discussion,
    Status,
    event,
    last_number,
    read_discussion,
    read_discussions,
    write_discussion,
)
from caslie.localhub.storage.git import MAIN
from caslie.localhub.storage.repos import Repo

showing = web.RouteTableDef()

A_PAGE = 50


def open_pull_request(
    repo: Repo, author: str, title: str, description: str, base: str, status: Status = "open"
) -> int:
    """Open a pull request that starts from the commit `base` of `main`; whoever calls holds the repository's lock."""
    num = last_number(repo) + 1
    git = repo.git()
    # The reference comes first: what a server that was killed in between leaves is one that no discussion names.
    if str(num) in git.refs("refs/pr/"):
        git.delete_ref(f"refs/pr/{num}")
    git.create_ref(f"refs/pr/{num}", base)
    _begin(repo, Discussion(num, " ".join(title.split()), author, now(), status, base, ()), description)
    return num


@showing.get(ALL)
async def list_discussions(request: web.Request) -> web.Response:
    """Answer one page of the discussions, newest first, of the kind, status and author that are asked for."""
    repo = repo_of(request)
    everything = await asyncio.to_thread(lambda: list(read_discussions(repo)))
    found = [one for one in everything if _is_asked_for(request, one)]
    start = number_in(request, "p", 0) * A_PAGE
    shown = [overview(repo.id, one) for one in found[start : start + A_PAGE]]
    return web.json_response({"discussions": shown, "count": len(found), "start": start})


@showing.get(ONE)
async def show_discussion(request: web.Request) -> web.Response:
    """Answer a discussion with all that was said; a pull request with what it changes."""
    repo, with_diff = repo_of(request), "diff" in request.query
    found = await asyncio.to_thread(read_discussion, repo, num_of(request))
    if with_diff and found.base:
        repo.must_admit(caller_of(request))
    return web.json_response(await asyncio.to_thread(details, repo, found, with_diff))


@showing.post(ALL)
async def open_discussion(request: web.Request) -> web.Response:
    """Open a discussion, or a pull request without commits: a draft until its author says that it is open."""
    repo, author, body = repo_of(request), speaker(request), await json_body(request)
    title, description = title_in(body), text_in(body, "description")
    begin = _open_draft if body.get("pullRequest") is True else _open_discussion
    async with hub_of(request).writing[repo.id]:
        num = await asyncio.to_thread(begin, repo_of(request), author, title, description)
    return web.json_response({"num": num, "url": f"{request.url.origin()}{repo.id.page}/discussions/{num}"})


def _open_draft(repo: Repo, author: str, title: str, description: str) -> int:
    return open_pull_request(repo, author, title, description, repo.git().commit_of(MAIN), "draft")


def _open_discussion(repo: Repo, author: str, title: str, description: str) -> int:
    num = last_number(repo) + 1
    _begin(repo, Discussion(num, title, author, now(), "open", None, ()), description)
    return num


def _begin(repo: Repo, discussion: Discussion, description: str) -> None:
    first = event("comment", discussion.author, description)
    write_discussion(repo, replace(discussion, events=(first,)))


def _is_asked_for(request: web.Request, one: Discussion) -> bool:
    kind, status, author = (request.query.get(name) for name in ("type", "status", "author"))
    return (
        kind in (None, "all", "pull_request" if one.base else "discussion")
        and status in (None, "all", "open" if one.status in ("open", "draft") else "closed")
        and author in (None, one.author)
    )


routes = (*showing, *changes)
