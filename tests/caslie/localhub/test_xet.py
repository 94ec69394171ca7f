import hashlib
import io
import json
import re
import resource
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import lz4.frame
import pytest
from huggingface_hub import HfApi

from caslie.localhub.contents.xet_format import END, SHARD_TAG, Term, XetFile, chunks_of, read_chunk, read_shard
from caslie.localhub.errors import HubError
from caslie.localhub.storage.ledger import Ledger
from tests.caslie.serving import Server

NONE, LZ4, BG4 = range(3)
XORB = "ab" * 32


@dataclass(frozen=True, slots=True)
class Cas:
    """Where Xet clients send to, and by which right."""

    path: str
    token: str

    def ask(self, server: Server, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        answer = server.ask(self.token, method, self.path + path, body)
        return answer.status, answer.body


def cas(server: Server, name: str, repo: str) -> Cas:
    answer = server.ask(name, "GET", f"/api/models/{repo}/xet-write-token/main").content
    return Cas(urlsplit(answer["casUrl"]).path, answer["accessToken"])


def chunk(content: bytes, scheme: int = NONE, stored: bytes | None = None) -> bytes:
    grouped = b"".join(content[place::4] for place in range(4)) if scheme == BG4 else content
    if stored is None:
        stored = lz4.frame.compress(grouped) if scheme else grouped
    sizes = len(stored).to_bytes(3, "little"), len(content).to_bytes(3, "little")
    return b"\0" + sizes[0] + bytes([scheme]) + sizes[1] + stored


def raw(name: str) -> bytes:
    return struct.pack("<4Q", *(int(name[at : at + 16], 16) for at in range(0, 64, 16)))


def file_record(content: bytes, terms: Sequence[tuple[str, int, int, int]], flags: int = 3 << 30) -> bytes:
    head = raw("cd" * 32) + struct.pack("<II8x", flags, len(terms))
    runs = b"".join(raw(xorb) + struct.pack("<4xIII", *numbers) for xorb, *numbers in terms)
    return head + runs + bytes(48 * len(terms)) + raw(hashlib.sha256(content).hexdigest()) + bytes(16)


def shard(*files: bytes, xorbs: bytes = b"") -> bytes:
    return SHARD_TAG + struct.pack("<QQ", 2, 0) + b"".join(files) + END + xorbs + END


@contextmanager
def smaller_files(n_bytes: int) -> Iterator[None]:
    """To a server in this process the disk is full once a file has so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def by_reason(value: object) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize("scheme", [NONE, LZ4, BG4])
@pytest.mark.parametrize("content", [b"x", b"ab", b"abcdefg", bytes(range(256)) * 100], ids=len)
def test_a_chunk_is_read_as_it_was_packed(content: bytes, scheme: int) -> None:
    xorb = io.BytesIO(chunk(b"first") + chunk(content, scheme) + chunk(b"last"))
    assert [read_chunk(xorb, one) for one in chunks_of(xorb)] == [b"first", content, b"last"]


def test_a_footer_after_the_chunks_is_passed_over() -> None:
    assert len(chunks_of(io.BytesIO(chunk(b"a") + b"XETBLOB\1" + bytes(90)))) == 1


@pytest.mark.parametrize(
    ("xorb", "reason"),
    [
        (b"", "it has no chunk"),
        (b"XETBLOB\1", "it has no chunk"),
        (chunk(b"abc")[:-1], "it ends within a chunk"),
        (chunk(b"abc") + b"\0\1", "what should be the header of a chunk is none"),
        (b"\1" + chunk(b"abc")[1:], "what should be the header of a chunk is none"),
        (chunk(b"abc", 3, b"abc"), "packed in a way that this Hub does not know"),
        (chunk(b"", NONE, b""), "too large, empty, or packed"),
        (chunk(bytes((1 << 20) + 1), LZ4), "too large, empty, or packed"),
        (chunk(b"a") * 70_000, "has too many of them"),
        (b"\0\xff\xff\xff\0\xff\xff\xff", "too large, empty, or packed"),
    ],
    ids=by_reason,
)
def test_what_is_no_xorb_is_refused(xorb: bytes, reason: str) -> None:
    with pytest.raises(HubError, match=reason):
        chunks_of(io.BytesIO(xorb))


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (chunk(b"ten bytes.", LZ4, lz4.frame.compress(bytes(100 << 20))), "is not as long as its header says"),
        (chunk(b"ten bytes.", LZ4, lz4.frame.compress(b"nine byte")), "is not as long as its header says"),
        (chunk(b"ten bytes.", NONE, b"nine byte"), "is not as long as its header says"),
        (chunk(b"ten bytes.", LZ4, lz4.frame.compress(b"ten bytes.")[:12]), "is not as long as|cannot be unpacked"),
        (chunk(b"ten bytes.", LZ4, b"no frame"), "cannot be unpacked"),
        (chunk(b"ten bytes.", BG4, b""), "is not as long as|cannot be unpacked"),
    ],
    ids=by_reason,
)
def test_a_chunk_is_exactly_what_its_header_promises(packed: bytes, reason: str) -> None:
    xorb = io.BytesIO(packed)
    with pytest.raises(HubError, match=reason):
        read_chunk(xorb, chunks_of(xorb)[0])


def test_a_shard_tells_files_and_xorbs() -> None:
    listing = raw(XORB) + struct.pack("<IIII", 0, 1, 5, 13) + raw("ef" * 32) + struct.pack("<IIQ", 0, 5, 0)
    read = read_shard(shard(file_record(b"hello", [(XORB, 5, 0, 1)]), xorbs=listing))
    assert read.files == (XetFile(hashlib.sha256(b"hello").hexdigest(), (Term(XORB, 5, 0, 1),)),)
    assert [(one.xorb, one.chunks, one.lengths) for one in read.listings] == [(XORB, ["ef" * 32], [5])]


def shards() -> Iterator[tuple[bytes, str]]:
    whole = shard(file_record(b"hello", [(XORB, 5, 0, 1)]))
    for n_bytes in range(48, len(whole), 24):
        yield whole[:n_bytes], "this shard ends too early"
    yield whole[:40], "this shard ends too early"
    yield b"", "no shard of a version"
    yield b"X" + whole[1:], "no shard of a version"
    yield shard(raw("cd" * 32) + struct.pack("<II8x", 3 << 30, 0xFFFFFFFF)), "this shard ends too early"
    yield shard(xorbs=raw(XORB) + struct.pack("<IIII", 0, 0xFFFFFFFF, 5, 13)), "has too many chunks"
    yield shard(file_record(b"hello", [], flags=0)), "comes without its sha256"


@pytest.mark.parametrize(("data", "reason"), list(shards()), ids=by_reason)
def test_what_is_no_shard_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(HubError, match=reason):
        read_shard(data)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ([("cc" * 32, 5, 0, 1)], "was never sent to this Hub; remove the folder xet in your HF_HOME"),
        ([(XORB, 5, 0, 2)], "wants chunks that xorb .* does not have"),
        ([(XORB, 6, 0, 1)], "wants chunks that xorb .* does not have"),
        ([(XORB, 5, 1, 0)], "wants chunks that xorb .* does not have"),
        ([(XORB, 0xFFFFFFFF, 0, 0xFFFFFFFF)], "wants chunks that xorb .* does not have"),
        ([(XORB, 0xFFFFFFFF, 0, 1)] * 20, "is larger than"),
        ([(XORB, 5, 0, 1)] * 2, "the content sent is .*, not "),
        ([], "the content sent is .*, not "),
    ],
)
def test_a_shard_that_makes_no_file_leaves_nothing(
    server: Server, alice: HfApi, terms: list[tuple[str, int, int, int]], reason: str
) -> None:
    alice.create_repo("alice/it")
    to = cas(server, "alice", "alice/it")
    assert to.ask(server, "POST", f"/v1/xorbs/default/{XORB}", chunk(b"hello"))[0] == 200
    status, answer = to.ask(server, "POST", "/v1/shards", shard(file_record(b"hello", terms)))
    assert status == 400
    assert re.search(reason, json.loads(answer)["error"])
    assert server.hub.objects.size(hashlib.sha256(b"hello").hexdigest()) is None
    assert list(server.hub.unfinished.iterdir()) == []


def test_a_shard_makes_its_files(server: Server, alice: HfApi) -> None:
    alice.create_repo("alice/it")
    to = cas(server, "alice", "alice/it")
    to.ask(server, "POST", f"/v1/xorbs/default/{XORB}", chunk(b"hello") + chunk(b"world", LZ4))
    terms = [(XORB, 5, 1, 2), (XORB, 10, 0, 2)]
    assert to.ask(server, "POST", "/v1/shards", shard(file_record(b"worldhelloworld", terms)))[0] == 200
    assert server.hub.objects.path(hashlib.sha256(b"worldhelloworld").hexdigest()).read_bytes() == b"worldhelloworld"


def test_a_shard_without_the_bytes_does_not_get_what_others_sent(server: Server, alice: HfApi, bob: HfApi) -> None:
    alice.create_repo("alice/it", private=True)
    alice.upload_file(path_or_fileobj=b"\0secret", path_in_repo="s.bin", repo_id="alice/it")
    bob.create_repo("bob/it")
    to = cas(server, "bob", "bob/it")
    to.ask(server, "POST", f"/v1/xorbs/default/{XORB}", chunk(b"\0guess."))
    status, answer = to.ask(server, "POST", "/v1/shards", shard(file_record(b"\0secret", [(XORB, 7, 0, 1)])))
    assert (status, "the content sent is" in json.loads(answer)["error"]) == (400, True)
    assert Ledger(server.hub.root).sent_by([hashlib.sha256(b"\0secret").hexdigest()], ["bob"]) == set()


def test_a_broken_xorb_is_mended_by_sending_it_again(server: Server, alice: HfApi) -> None:
    alice.create_repo("alice/it")
    to = cas(server, "alice", "alice/it")
    told = [
        json.loads(to.ask(server, "POST", f"/v1/xorbs/default/{XORB}", chunk(content))[1])["was_inserted"]
        for content in (b"wrong", b"hello")
    ]
    assert told == [True, False]
    assert to.ask(server, "POST", "/v1/shards", shard(file_record(b"hello", [(XORB, 5, 0, 1)])))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("POST", "/v1/xorbs/default/..%2F..%2Faccounts.json", "this is not the hash of a xorb"),
        ("POST", "/v1/xorbs/default/abc", "this is not the hash of a xorb"),
        ("GET", "/v1/chunks/default/abc", "this is not the hash of a xorb"),
        ("GET", f"/v1/chunks/default/{'0' * 64}", "does not exist on this Hub"),
    ],
)
def test_hashes_are_hashes(server: Server, alice: HfApi, method: str, path: str, reason: str) -> None:
    alice.create_repo("alice/it")
    status, answer = cas(server, "alice", "alice/it").ask(server, method, path, chunk(b"hello"))
    assert status in (400, 404)
    assert reason in json.loads(answer)["error"]


def test_a_permit_is_for_one_namespace_and_cannot_be_changed(server: Server, alice: HfApi, bob: HfApi) -> None:
    alice.create_repo("alice/it")
    bob.create_repo("bob/it")
    hers, his = cas(server, "alice", "alice/it"), cas(server, "bob", "bob/it")
    assert hers.path != his.path
    for stolen in (Cas(hers.path, his.token), Cas(hers.path, hers.token[:-1]), Cas(hers.path, "hf_nothing")):
        status, answer = stolen.ask(server, "POST", "/v1/shards", shard())
        assert status in (400, 403)
        assert "this permission to upload is" in json.loads(answer)["error"]


def test_a_xorb_that_is_here_need_not_be_sent_again(server: Server, alice: HfApi) -> None:
    alice.create_repo("alice/it")
    to, xorb = cas(server, "alice", "alice/it"), chunk(b"hello")
    asked = [json.dumps({"length": length}).encode() for length in (len(xorb), len(xorb) + 1, "?")]
    before = [to.ask(server, "POST", f"/v1/xorb-grants/default/{XORB}", body)[0] for body in asked]
    to.ask(server, "POST", f"/v1/xorbs/default/{XORB}", xorb)
    after = [to.ask(server, "POST", f"/v1/xorb-grants/default/{XORB}", body)[0] for body in asked]
    assert (before, after) == ([404, 404, 404], [200, 404, 404])


@pytest.mark.parametrize(
    ("method", "path", "body", "room"),
    [
        ("POST", f"/v1/xorbs/default/{XORB}", chunk(bytes(100_000)), 60_000),
        ("POST", "/v1/shards", shard(file_record(bytes(100_000), [(XORB, 100_000, 0, 1)])), 60_000),
        ("GET", f"/v1/chunks/default/{'0' * 64}", b"", 1000),  # the database asks for a file beside it
    ],
    ids=["xorb", "shard", "chunk"],
)
def test_a_full_disk_is_told_by_a_status_that_clients_do_not_try_again(
    server: Server, alice: HfApi, method: str, path: str, body: bytes, room: int
) -> None:
    alice.create_repo("alice/it")
    to = cas(server, "alice", "alice/it")
    assert to.ask(server, "POST", f"/v1/xorbs/default/{XORB}", chunk(bytes(100_000), LZ4))[0] == 200
    with smaller_files(room):
        status, answer = to.ask(server, method, path, body)
    assert (status, json.loads(answer)) == (413, {"error": "the disk of this Hub is full"})
    assert list(server.hub.unfinished.iterdir()) == []


def test_a_full_disk_is_told_so_to_who_asks_where_to_upload(server: Server, alice: HfApi) -> None:
    alice.create_repo("alice/it")
    with smaller_files(1000):
        answer = server.ask("alice", "GET", "/api/models/alice/it/xet-write-token/main")
    assert (answer.status, answer.error) == (413, "the disk of this Hub is full")
