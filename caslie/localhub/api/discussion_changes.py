"""What happens to a discussion after it was opened: comments, another title or status, and the merge."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from caslie.localhub.api.discussion_answers import event_answer
from caslie.localhub.asking import API, caller_of, changing, hub_of, json_body, repo_of, text_in
from caslie.localhub.dates import now
from caslie.localhub.errors import bad_request, forbidden
from caslie.localhub.storage.discussion_records import Discussion, Event, event, read_discussion, write_discussion
from caslie.localhub.storage.merging import merge
from caslie.localhub.storage.repos import Repo

changes = web.RouteTableDef()

ALL = f"{API}/discussions"
ONE = rf"{ALL}/{{num:\d{{1,9}}}}"
COMMENT = rf"{ONE}/comment/{{comment:[0-9a-f]{{1,64}}}}"
LONGEST_TITLE = 300

Change = Callable[[Discussion], Discussion]


@changes.post(f"{ONE}/merge")
async def merge_pull_request(request: web.Request) -> web.Response:
    """Put the changes of an open pull request on `main`, as one commit."""
    body = await json_body(request)
    comment = text_in(body, "comment") if "comment" in body else ""
    async with changing(request) as repo:
        await asyncio.to_thread(_merge, repo, num_of(request), speaker(request), comment)
    return web.json_response({"ok": True})


def _merge(repo: Repo, num: int, who: str, comment: str) -> None:
    found = read_discussion(repo, num)
    if found.base is None or found.status != "open":
        raise bad_request(f"{num} is no open pull request: its status is {found.status!r}")
    sha = merge(repo.git(), found.base, found.ref, who, f"{found.title} (#{num})")
    events = (*found.events, *_said(who, comment), event("status-change", who, "merged", found.status))
    write_discussion(repo, replace(found, events=events, status="merged", merged_as=sha))


@changes.post(f"{ONE}/comment")
async def comment(request: web.Request) -> web.Response:
    """Say something."""
    said = event("comment", speaker(request), text_in(await json_body(request), "comment"))
    await _change(request, lambda found: replace(found, events=(*found.events, said)))
    return web.json_response({"newMessage": event_answer(said)})


@changes.post(f"{ONE}/title")
async def rename(request: web.Request) -> web.Response:
    """Give a discussion another title; its author and the repository's owners may."""
    who, title = speaker(request), title_in(await json_body(request))

    def change(found: Discussion) -> Discussion:
        _must_own(request, found.author)
        return replace(found, title=title, events=(*found.events, event("title-change", who, title, found.title)))

    changed = await _change(request, change)
    return web.json_response({"newTitle": event_answer(changed.events[-1])})


@changes.post(f"{ONE}/status")
async def change_status(request: web.Request) -> web.Response:
    """Open or close a discussion; its author and the repository's owners may."""
    who, body = speaker(request), await json_body(request)
    said = _said(who, text_in(body, "comment") if "comment" in body else "")
    status = body.get("status")

    def change(found: Discussion) -> Discussion:
        _must_own(request, found.author)
        if status != "open" and status != "closed":
            raise bad_request("a status can only be changed to `open` or `closed`")
        if found.status == "merged":
            raise bad_request(f"pull request {found.num} is merged, and stays so")
        events = (*found.events, *said, event("status-change", who, status, found.status))
        return replace(found, status=status, events=events)

    changed = await _change(request, change)
    return web.json_response({"newStatus": event_answer(changed.events[-1])})


@changes.post(f"{COMMENT}/edit")
async def edit_comment(request: web.Request) -> web.Response:
    """Put other words in a comment's place; only its author may."""
    content = text_in(await json_body(request), "content")
    return await _change_comment(
        request, lambda old: replace(old, text=content, earlier=(*old.earlier, old.text), edited=now())
    )


@changes.post(f"{COMMENT}/hide")
async def hide_comment(request: web.Request) -> web.Response:
    """Take the words of a comment away for good; only its author may."""
    return await _change_comment(request, lambda old: replace(old, text="", earlier=(), edited=now(), hidden=True))


async def _change_comment(request: web.Request, change: Callable[[Event], Event]) -> web.Response:
    who, id = speaker(request), request.match_info["comment"]

    def changed(found: Discussion) -> Discussion:
        old = _comment(found, id)
        if old.author != who:
            raise forbidden(f"this comment is {old.author}'s")
        return replace(found, events=tuple(change(one) if one is old else one for one in found.events))

    return web.json_response({"updatedComment": event_answer(_comment(await _change(request, changed), id))})


async def _change(request: web.Request, change: Change) -> Discussion:
    """Keep a discussion as `change` makes it, with nobody between the reading and the writing."""

    def rewrite(repo: Repo) -> Discussion:
        changed = change(read_discussion(repo, num_of(request)))
        write_discussion(repo, changed)
        return changed

    async with hub_of(request).writing[repo_of(request).id]:
        return await asyncio.to_thread(rewrite, repo_of(request))


def num_of(request: web.Request) -> int:
    """The number of the discussion that is meant."""
    return int(request.match_info["num"])


def speaker(request: web.Request) -> str:
    """Who says something: anybody with a token that may write, wherever they may look."""
    caller = caller_of(request)
    caller.must_write(caller.name or "")
    return caller.name or ""


def title_in(body: dict[str, object]) -> str:
    """The title that is sent, on one line."""
    title = " ".join(text_in(body, "title", LONGEST_TITLE).split())
    if not title:
        raise bad_request("a discussion needs a title")
    return title


def _must_own(request: web.Request, author: str) -> None:
    caller = caller_of(request)
    if caller.name != author:
        caller.must_write(repo_of(request).id.namespace)


def _said(who: str, comment: str) -> tuple[Event, ...]:
    return (event("comment", who, comment),) if comment else ()


def _comment(found: Discussion, id: str) -> Event:
    for one in found.events:
        if one.id == id and one.kind == "comment":
            return one
    raise bad_request(f"discussion {found.num} has no comment {id}")
