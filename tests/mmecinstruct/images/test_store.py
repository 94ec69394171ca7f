"""The store: what is at hand, what is remembered, what is done once."""

import asyncio
import hashlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from mmecinstruct.errors import OutputError
from mmecinstruct.images import Failure, FetchRules, Picture, PictureStore

HOST = "m.media-amazon.com"
ROOT = Path(__file__).parents[3]
OpenStore = Callable[..., PictureStore]
MakeRules = Callable[..., FetchRules]


def picture(number: int = 0) -> bytes:
    image = Image.linear_gradient("L").convert("RGB")
    image.paste((number, 255 - number, 9), (0, 0, 64, 64))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def address(name: str = "41cat") -> str:
    return f"https://{HOST}/images/I/{name}._AC_SX38_.jpg"


def medium(name: str = "41cat") -> str:
    return f"/images/I/{name}._SL500_.jpg"


@pytest.mark.parametrize(
    ("file_name", "wanted"),
    [
        ("41cat.jpg", address("41cat")),
        ("41cat.jpeg", address("41cat")),
        ("41cat.png", address("41cat")),
        ("41cat.webp", address("41cat")),
        ("41cat.gif", address("41cat")),
        ("41c+t.jpg", address("41c%2Bt")),
        ("41c%2Bt.jpg", address("41c+t")),
        (hashlib.sha256(b"https://example.org/cat.png").hexdigest()[:32] + ".jpg", "https://example.org/cat.png"),
    ],
)
def test_a_picture_at_hand_is_found_by_its_name(
    tmp_path: Path, open_store: OpenStore, file_name: str, wanted: str
) -> None:
    (tmp_path / file_name).write_bytes(picture())
    (outcome,) = (store := open_store(images_dirs=[tmp_path])).obtain([[wanted]])
    assert isinstance(outcome, Picture)
    assert store.read(outcome.sha256) == picture()


@pytest.mark.parametrize(
    "name",
    ["../secret", "..%2Fsecret", "%2e%2e%2fsecret", "/etc/passwd", "a%00", "a\0", "\ud800", "x" * 10_000, "", "."],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, open_store: OpenStore, name: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(picture())
    (inside := tmp_path / "images").mkdir()
    store = open_store(images_dirs=[inside])
    assert store.obtain([[f"https://{HOST}/images/I/{name}.jpg"], [name]]) == [Failure("missing")] * 2


def test_a_pipe_in_the_folder_is_no_picture(tmp_path: Path, open_store: OpenStore) -> None:
    os.mkfifo(tmp_path / "41cat.jpg")
    assert open_store(images_dirs=[tmp_path]).obtain([[address()]]) == [Failure("missing")]


def test_the_first_address_that_gives_a_picture_is_taken(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "41bad.jpg").write_bytes(b"<html>")
    (tmp_path / "41cat.jpg").write_bytes(picture(1))
    (tmp_path / "41dog.jpg").write_bytes(picture(2))
    store = open_store(images_dirs=[tmp_path])
    (outcome,) = store.obtain([[address("41none"), address("41bad"), address("41cat"), address("41dog")]])
    assert isinstance(outcome, Picture)
    assert outcome.sha256 == hashlib.sha256(picture(1)).hexdigest()
    assert store.failures() == {"missing": 1, "not_an_image": 1}


def test_with_no_picture_at_all_the_last_failure_is_given(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "41bad.jpg").write_bytes(b"<html>")
    store = open_store(images_dirs=[tmp_path])
    assert store.obtain([[address("41none"), address("41bad")], []]) == [
        Failure("not_an_image"),
        Failure("no_address"),
    ]


def test_a_changed_file_gives_the_new_picture(tmp_path: Path, open_store: OpenStore) -> None:
    store = open_store(images_dirs=[tmp_path])
    (tmp_path / "41cat.jpg").write_bytes(picture(1))
    (before,) = store.obtain([[address()]])
    (tmp_path / "41cat.jpg").write_bytes(picture(200) + b"\0")
    (after,) = store.obtain([[address()]])
    assert isinstance(before, Picture)
    assert isinstance(after, Picture)
    assert before.sha256 != after.sha256


def test_a_file_is_decoded_once(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "41cat.jpg").write_bytes(picture())
    first, second = open_store(images_dirs=[tmp_path]), open_store(images_dirs=[tmp_path])
    assert first.obtain([[address()]] * 20) == second.obtain([[address()]] * 20)
    assert (first.decoded, first.passed_through, first.fetched) == (1, 1, 0)
    assert second.decoded == 0


def test_a_picture_at_hand_is_not_fetched(
    tmp_path: Path, server: Any, open_store: OpenStore, rules: MakeRules
) -> None:
    (tmp_path / "41cat.jpg").write_bytes(picture())
    open_store(images_dirs=[tmp_path], rules=rules()).obtain([[address()]])
    assert not server.hits


def test_a_picture_is_fetched_once_however_many_want_it(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    server.gives(medium(), picture())
    same = [f"https://{HOST}/images/I/41cat.{suffix}" for suffix in ("jpg", "_SX38_.jpg", "_AC_UL40_.jpg")]
    store = open_store(rules=rules())
    outcomes = store.obtain([[one] for one in same * 10])
    assert set(outcomes) == set(store.obtain([same]))
    assert server.hits == {medium(): 1}
    assert (store.fetched, store.decoded, store.passed_through) == (1, 1, 1)


def test_a_refused_address_does_not_spoil_the_picture_of_the_same_id(
    server: Any, open_store: OpenStore, rules: MakeRules
) -> None:
    server.gives(medium(), picture())
    evil = address().replace(HOST, "evil.example")
    refused, given, both = open_store(rules=rules()).obtain([[evil], [address()], [evil, address()]])
    assert refused == Failure("host_not_allowed")
    assert isinstance(given, Picture)
    assert both == given


def test_with_fetching_off_the_cache_does_not_decide(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    server.gives(medium(), picture())
    fetched = open_store(rules=rules()).obtain([[address()]])
    assert open_store().obtain([[address()]]) == [Failure("missing")]
    assert open_store(rules=rules()).obtain([[address()]]) == fetched
    assert server.hits[medium()] == 1


def test_what_a_stand_in_gave_is_not_taken_for_the_hosts(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    server.gives(medium(), picture())
    assert isinstance(open_store(rules=rules()).obtain([[address()]])[0], Picture)
    elsewhere = {host: f"{server.origin}/elsewhere" for host in FetchRules().hosts}
    assert open_store(rules=rules(origins=elsewhere)).obtain([[address()]]) == [Failure("http_404")]


@pytest.mark.parametrize(
    ("body", "status", "asked"), [(b"", 404, 2), (b"<html>", 200, 1), (b"", 403, 2), (b"", 503, 2)]
)
def test_only_a_lasting_failure_is_remembered(
    server: Any, open_store: OpenStore, rules: MakeRules, body: bytes, status: int, asked: int
) -> None:
    server.gives(medium(), body, status=status)
    outcomes = [open_store(rules=rules()).obtain([[address()]]) for _ in range(2)]
    assert outcomes[0] == outcomes[1]
    assert server.hits[medium()] == asked


def test_within_a_run_no_failure_is_asked_for_twice(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    server.gives(medium(), b"", status=503)
    store = open_store(rules=rules())
    assert store.obtain([[address()]] * 2) + store.obtain([[address()]]) == [Failure("http_503")] * 3
    assert server.hits[medium()] == 1
    assert store.failures() == {"http_503": 1}


def test_another_box_gives_another_picture(tmp_path: Path, open_store: OpenStore) -> None:
    (tmp_path / "41cat.jpg").write_bytes(picture())
    outcomes = [open_store(images_dirs=[tmp_path], box=box).obtain([[address()]])[0] for box in (500, 64)]
    assert [outcome.width for outcome in outcomes if isinstance(outcome, Picture)] == [256, 64]


def test_a_store_works_inside_a_running_loop(tmp_path: Path, open_store: OpenStore) -> None:
    async def notebook() -> list[Picture | Failure]:
        return open_store(images_dirs=[tmp_path]).obtain([[address()]])

    assert asyncio.run(notebook()) == [Failure("missing")]


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pictures.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(OutputError, match=r"pictures\.sqlite: cannot hold the pictures \(file is not a database\)"):
        PictureStore(tmp_path / "pictures.sqlite")


def test_a_folder_in_the_place_of_the_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot hold the pictures"):
        PictureStore(tmp_path)


def test_a_picture_that_was_never_stored_cannot_be_read(open_store: OpenStore) -> None:
    with pytest.raises(KeyError, match="no picture 'abc'"):
        open_store().read("abc")


def test_importing_the_store_loads_neither_the_client_nor_pillow() -> None:
    script = "import sys, mmecinstruct.images; print(bool({'aiohttp', 'PIL'} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


OBTAIN_40 = """
import sys
from pathlib import Path
from mmecinstruct.images import FetchRules, PictureStore

path, host, origin = sys.argv[1:]
rules = FetchRules(enabled=True, per_second=10_000, connections=4, origins={host: origin})
with PictureStore(Path(path), rules=rules) as store:
    store.obtain([[f"https://{host}/images/I/41n{number}.jpg"] for number in range(40)])
"""


def stored(path: Path) -> tuple[list[Any], ...]:
    if not path.exists():
        return [], []
    db = sqlite3.connect(path)
    try:
        tables = ("SELECT * FROM pictures ORDER BY sha256", "SELECT * FROM outcomes ORDER BY key")
        return tuple(db.execute(table).fetchall() for table in tables)
    finally:
        db.close()


def slow_pictures(server: Any) -> None:
    """Give 40 answers, each after 20 ms, of which one in eight is no picture."""
    for number in range(40):
        body = picture(number)

        async def reply(_: web.Request, number: int = number, body: bytes = body) -> web.StreamResponse:
            await asyncio.sleep(0.02)
            return web.Response(body=b"<html>" if number % 8 == 7 else body)

        server.does(medium(f"41n{number}"), reply)


@pytest.mark.parametrize("done", [1, 13, 30])
def test_after_a_kill_no_completed_fetch_is_repeated(tmp_path: Path, server: Any, done: int) -> None:
    slow_pictures(server)
    path, whole = tmp_path / "killed.sqlite", tmp_path / "whole.sqlite"
    command = [sys.executable, "-c", OBTAIN_40]
    process = subprocess.Popen([*command, path, HOST, server.origin], cwd=ROOT)
    while server.hits.total() < done + 4:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    completed = {key for key, *_ in stored(path)[1]}
    before = server.hits.copy()
    subprocess.run([*command, path, HOST, server.origin], cwd=ROOT, check=True)
    again = server.hits - before
    assert len(completed) >= done
    assert again == {medium(f"41n{number}"): 1 for number in range(40) if f"41n{number}" not in completed}
    subprocess.run([*command, whole, HOST, server.origin], cwd=ROOT, check=True)
    assert stored(path) == stored(whole)
    assert len(stored(path)[1]) == 40


def test_two_processes_may_share_a_store(tmp_path: Path, server: Any) -> None:
    slow_pictures(server)
    command = [sys.executable, "-c", OBTAIN_40, tmp_path / "shared.sqlite", HOST, server.origin]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(stored(tmp_path / "shared.sqlite")[1]) == 40
