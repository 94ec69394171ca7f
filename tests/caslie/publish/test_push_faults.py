"""A Hub that has bad moments, loses answers or gives back other bytes, and others who push at the same time."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from huggingface_hub import HfApi

from caslie.errors import PushError
from caslie.localhub.app import make_app
from caslie.localhub.storage.hub import Hub
from caslie.publish import patience
from caslie.publish.artifact import Content, Published, RepoType
from caslie.publish.plan import Plan, Wanted, make_plan
from caslie.publish.release import Released, release
from caslie.publish.remote import Remote
from mmecinstruct.builder.folder import Folder
from tests.caslie.serving import listening

TOKEN = f"hf_alice{'0' * 29}"
REPO = "alice/shelf"
HEADER = b"---\nlicense: mit\n---\n"
FIRST = {"README.md": HEADER + b"# One\n", "books/a.bin": b"\0a", "books/b.bin": b"\0b"}
SECOND = FIRST | {"README.md": HEADER + b"# Two\n", "books/a.bin": b"\0A"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
Run = Callable[..., Any]


@dataclass(slots=True)
class Faulty:
    """A Hub with a fault: what is done instead of answering a request."""

    home: Path
    address: str = ""
    fault: Fault | None = None
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def api(self) -> HfApi:
        """The real client, as alice."""
        return HfApi(self.address, TOKEN)

    def environment(self, name: str, home: Path) -> dict[str, str]:
        """What a client in a subprocess needs."""
        paths = {"HF_HOME": home, "HF_HUB_CACHE": home / "hub", "HF_DATASETS_CACHE": home / "datasets"}
        return {"HF_ENDPOINT": self.address, "HF_TOKEN": TOKEN, "HF_HUB_OFFLINE": "0"} | {
            name: str(path) for name, path in paths.items()
        }


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Faulty]:
    """A Hub in a thread, which has no fault yet."""
    faulty, made = Faulty(tmp_path / "home"), Hub(tmp_path / "hub")
    made.accounts.add_user("alice", TOKEN, "write")

    @web.middleware
    async def interfere(request: web.Request, handler: Handler) -> web.StreamResponse:
        faulty.asked[f"{request.method} {request.path}"] += 1
        return await (faulty.fault(request, handler) if faulty.fault else handler(request))

    app = make_app(made, ["127.0.0.1"])
    app.middlewares.append(interfere)
    with made.served(), listening(app) as port:
        faulty.address = f"http://127.0.0.1:{port}"
        yield faulty


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "WAITS", (0,) * len(patience.WAITS))


class Shelf:
    """An artifact of some small files, compared byte for byte."""

    repo_type: RepoType = "dataset"
    space_sdk = None
    notes = ()

    def __init__(self, api: HfApi, cache: Path, files: Mapping[str, Content]) -> None:
        self.api = api
        self.cache = cache
        self._files = files

    def files(self) -> Mapping[str, Content]:
        return self._files

    def owns(self, path: str) -> bool:
        return path == "README.md" or path.startswith("books/")

    def settle(self) -> None:
        """There is no folder."""

    def load_back(self, published: Published, progress: Callable[[str, int, int], None]) -> str:
        for path, content in self._files.items():
            where = {"repo_id": published.repository, "repo_type": "dataset", "revision": published.commit}
            loaded = self.api.hf_hub_download(filename=path, cache_dir=self.cache, **where)
            if Path(loaded).read_bytes() != content:
                raise PushError(f"{path} differs on the Hub")
        return "equal"


@dataclass(frozen=True, slots=True)
class Pusher:
    """A push that has made its plan."""

    shelf: Shelf
    remote: Remote
    plan: Plan
    wanted: Wanted

    def go(self) -> Released:
        return release(self.shelf, self.remote, self.plan, self.wanted, lambda what, done, total: None)


def planned(hub: Faulty, files: Mapping[str, Content], **wanted: Any) -> Pusher:
    remote, shelf = Remote(hub.api, REPO, "dataset"), Shelf(hub.api, hub.home, files)
    return Pusher(shelf, remote, make_plan(shelf, remote, Wanted(**wanted)), Wanted(**wanted))


def head(hub: Faulty) -> str:
    return str(hub.api.repo_info(REPO, repo_type="dataset").sha)


def content(hub: Faulty, revision: str = "main") -> dict[str, bytes]:
    paths = set(hub.api.list_repo_files(REPO, repo_type="dataset", revision=revision)) - {".gitattributes"}
    where = {"repo_id": REPO, "repo_type": "dataset", "revision": revision, "cache_dir": hub.home}
    return {path: Path(hub.api.hf_hub_download(filename=path, **where)).read_bytes() for path in sorted(paths)}


def branches(hub: Faulty) -> list[str]:
    return [one.name for one in hub.api.list_repo_refs(REPO, repo_type="dataset").branches]


def answering(status: int, times: int = 1, only: str = "", **headers: str) -> Fault:
    """Refuse each kind of request so many times before it is answered."""
    met: Counter[tuple[str, str]] = Counter()

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        kind = (request.method, request.path)
        met[kind] += 1
        if met[kind] > times or not re.search(only, f"{request.method} {request.path}"):
            return await handler(request)
        if status == 502:  # a gateway before the Hub knows no JSON
            return web.Response(text="<html>Bad gateway</html>", status=status, content_type="text/html")
        return web.json_response({"error": "not now"}, status=status, headers=headers)

    return fault


# Contents go by hf_xet, which has a patience of its own; and what the client creates it takes for made after a 409.
MET = "^(POST|DELETE) /api/|/refs$"


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize(
    ("status", "times", "met"),
    [(409, 2, "/commit/"), (412, 2, MET), (429, 1, MET), (500, 2, MET), (502, 1, MET), (503, 2, MET)],
)
def test_a_push_outlasts_the_bad_moments_of_a_hub(hub: Faulty, status: int, times: int, met: str) -> None:
    planned(hub, FIRST).go()
    pusher = planned(hub, SECOND)
    hub.fault = answering(status, times, met, **{"Retry-After": "0"})
    done = pusher.go()
    hub.fault = None
    assert (done.tag, done.commit) == ("r2", head(hub))
    assert content(hub) == SECOND
    assert branches(hub) == ["main"]


@pytest.mark.usefixtures("no_waits")
def test_a_plan_outlasts_them_too(hub: Faulty) -> None:
    planned(hub, FIRST).go()
    hub.fault = answering(503, 1, f"/api/datasets/{REPO}")
    assert planned(hub, SECOND).plan.paths("changed") == ["README.md", "books/a.bin"]


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("status", [403, 507])
def test_what_waiting_does_not_mend_is_not_tried_again(hub: Faulty, status: int) -> None:
    planned(hub, FIRST).go()
    before, pusher = head(hub), planned(hub, SECOND)
    hub.fault = answering(status, 99, "/commit/")
    said = rf"{hub.address} refused: not now \(HTTP {status}\)"
    with pytest.raises(PushError, match=said), patience.told_plainly(hub.address):
        pusher.go()
    hub.fault = None
    assert max(n for request, n in hub.asked.items() if "/commit/" in request) == 1
    assert head(hub) == before


def test_waits_are_as_long_as_the_hub_asks(hub: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", waited.append)
    pusher = planned(hub, FIRST)
    hub.fault = answering(429, 1, "/branch/", **{"Retry-After": "7"})
    pusher.go()
    assert 7 in waited


@pytest.mark.parametrize(
    "cause",
    [
        RuntimeError("Cannot send a request, as the client has been closed."),
        AttributeError("'NoneType' object has no attribute 'request'"),
    ],
)
def test_an_upload_whose_client_another_thread_closed_is_made_again(
    cause: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda _: None)
    made = iter((cause, cause, None))

    def upload() -> str:
        if (met := next(made)) is None:
            return "sent"
        raise RuntimeError("Error while uploading 'a' to the Hub.") from met

    assert patience.patiently(upload) == "sent"


def test_a_branch_that_moved_since_the_plan_is_left_as_it_is(hub: Faulty) -> None:
    planned(hub, FIRST).go()
    pusher = planned(hub, SECOND)
    hub.api.upload_file(path_or_fileobj=b"x", path_in_repo="NOTES.md", repo_id=REPO, repo_type="dataset")
    moved = head(hub)
    with pytest.raises(PushError, match=f"main of {REPO} has moved to {moved[:7]} since the plan was made"):
        pusher.go()
    assert head(hub) == moved
    assert content(hub) == FIRST | {"NOTES.md": b"x"}


def test_of_two_first_pushes_the_second_is_told_of_the_first(hub: Faulty) -> None:
    one, other = planned(hub, FIRST), planned(hub, {"README.md": HEADER})
    one.go()
    with pytest.raises(PushError, match=f"main of {REPO} was made by another push"):
        other.go()
    assert content(hub) == FIRST


def test_the_same_release_made_by_another_meanwhile_is_a_success(hub: Faulty) -> None:
    planned(hub, FIRST).go()
    one, other = planned(hub, SECOND), planned(hub, SECOND)
    done = one.go()
    assert (other.go().commit, other.go().tag) == (done.commit, done.tag)
    assert branches(hub) == ["main"]


def test_the_same_release_finished_by_another_while_it_is_staged_is_a_success(hub: Faulty) -> None:
    one, other = planned(hub, FIRST), planned(hub, FIRST)
    met: list[str] = []

    async def let_the_other_finish(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "/preupload/" in request.path and not met:
            met.append(request.path)
            await asyncio.to_thread(other.go)
        return await handler(request)

    hub.fault = let_the_other_finish
    done = one.go()
    assert met
    assert (done.commit, done.tag, done.compared) == (head(hub), "r1", "another push of the same came first")
    assert branches(hub) == ["main"]


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("hang_up", [False, True], ids=["answered", "hung up"])
@pytest.mark.parametrize("only", ["commit/main$", "commit/staging", "/tag/", "/branch/", "/repos/create"])
def test_an_answer_that_was_lost_does_not_make_it_twice(hub: Faulty, only: str, hang_up: bool) -> None:
    lost = Counter[str]()

    async def lose(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if not re.search(only, request.path) or lost[request.path]:
            return answer
        lost[request.path] += 1
        if hang_up and request.transport:
            request.transport.abort()
        return web.json_response({"error": "gone"}, status=503)

    pusher = planned(hub, FIRST)
    hub.fault = lose
    done = pusher.go()
    hub.fault = None
    assert lost
    assert (head(hub), done.tag) == (done.commit, "r1")
    assert len(hub.api.list_repo_commits(REPO, repo_type="dataset")) == 2
    assert content(hub) == FIRST


def test_a_tag_taken_since_the_plan_is_told(hub: Faulty) -> None:
    planned(hub, FIRST).go()
    pusher = planned(hub, SECOND, tag="v1")
    hub.api.create_tag(REPO, repo_type="dataset", tag="v1", revision="r1")
    with pytest.raises(PushError, match=f"another push gave the tag v1 to {pusher.plan.base[:7]}"):  # type: ignore[index]
        pusher.go()
    assert content(hub) == SECOND


def test_what_an_earlier_push_left_staged_is_gone_before_the_repository_is_public(hub: Faulty) -> None:
    planned(hub, FIRST).go()
    hub.api.create_branch(REPO, repo_type="dataset", branch="staging-0123456789ab")
    planned(hub, SECOND, public=True).go()
    assert [one.name for one in hub.api.list_repo_refs(REPO, repo_type="dataset").branches] == ["main"]


def altering(path: Path, name: str, at: int) -> Fault:
    """Give back a file with one byte changed."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != "GET" or not request.path.endswith(name) or "/resolve/" not in request.path:
            return await handler(request)
        part = request.http_range
        begin, end, _ = part.indices(len(data))
        told = {"Content-Range": f"bytes {begin}-{end - 1}/{len(data)}"}
        return web.Response(body=bytes(data[begin:end]), status=206, headers=told)

    return fault


@pytest.mark.parametrize("what", ["picture", "page"])
def test_a_build_that_comes_back_otherwise_is_not_released(
    hub: Faulty, tiny_build: Path, push: Run, what: str
) -> None:
    name = "data/ap_ood/test-00000-of-00001.parquet"
    stored = (tiny_build / name).read_bytes()
    picture = next(iter(Folder(tiny_build).rows("ap_ood", "test", ("images",))))["images"][0]["bytes"]
    at = stored.index(picture) + len(picture) // 2 if what == "picture" else 4
    hub.fault = altering(tiny_build / name, name, at)
    ran = push(hub, "alice", "dataset", tiny_build, REPO, "--license", "cc-by-4.0", "--yes")
    hub.fault = None
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
    assert ran.err.startswith("error: ap_ood test, row 1: ")
    if what == "picture":
        assert "the column 'images' differs on the Hub" in ran.err
    assert content(hub) == {}
