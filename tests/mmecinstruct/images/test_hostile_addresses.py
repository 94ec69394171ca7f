"""Hostile addresses and hostile servers: each ends in a reason, and soon."""

import asyncio
import gzip
import io
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from mmecinstruct.errors import RecipeError
from mmecinstruct.images import Failure, FetchRules, Picture, PictureStore
from mmecinstruct.images.fetch import Fetcher
from mmecinstruct.images.guard import is_public

HOST = "m.media-amazon.com"
PATH = "/images/S/cat.jpg"  # no image id: it is asked for as it is
ADDRESS = f"https://{HOST}{PATH}"
OpenStore = Callable[..., PictureStore]
MakeRules = Callable[..., FetchRules]


def picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "JPEG")
    return file.getvalue()


PICTURE = picture()
FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "m")

REFUSED = {
    "file:///etc/passwd": "scheme_not_allowed",
    "FILE:///etc/passwd": "scheme_not_allowed",
    "data:image/png;base64,iVBORw0KGgo=": "scheme_not_allowed",
    f"ftp://{HOST}/cat.jpg": "scheme_not_allowed",
    "javascript:alert(1)": "scheme_not_allowed",
    f"gopher://{HOST}:70/_GET": "scheme_not_allowed",
    f"view-source:https://{HOST}/": "scheme_not_allowed",
    "http://localhost/cat.jpg": "host_not_allowed",
    "https://localhost/cat.jpg": "host_not_allowed",
    "http://169.254.169.254/latest/meta-data/": "host_not_allowed",
    "https://169.254.169.254/latest/meta-data/": "host_not_allowed",
    "http://[::1]/cat.jpg": "host_not_allowed",
    "https://[::ffff:127.0.0.1]/cat.jpg": "host_not_allowed",
    "https://[64:ff9b::7f00:1]/cat.jpg": "host_not_allowed",
    "https://2130706433/cat.jpg": "host_not_allowed",
    "https://0x7f000001/cat.jpg": "host_not_allowed",
    "https://0177.0.0.1/cat.jpg": "host_not_allowed",
    "https://127.1/cat.jpg": "host_not_allowed",
    "https://example.org/cat.jpg": "host_not_allowed",
    f"https://{HOST}.evil.example/cat.jpg": "host_not_allowed",
    f"https://evil.example/{HOST}/cat.jpg": "host_not_allowed",
    f"https://evil.example#@{HOST}/cat.jpg": "host_not_allowed",
    f"https://evil.example?@{HOST}/cat.jpg": "host_not_allowed",
    f"https://{HOST}./cat.jpg": "host_not_allowed",
    f"https://.{HOST}/cat.jpg": "host_not_allowed",
    "https://media-amazon.com/cat.jpg": "host_not_allowed",
    f"https://{HOST}:8443/cat.jpg": "host_not_allowed",
    f"https://{HOST}:80/cat.jpg": "host_not_allowed",
    f"https://{HOST}:0/cat.jpg": "host_not_allowed",
    f"https://{HOST}%2eevil.example/cat.jpg": "host_not_allowed",
    f"https://{HOST}%00.evil.example/cat.jpg": "host_not_allowed",
    f"https://{HOST}:99999/cat.jpg": "bad_address",
    f"https://{HOST}:443a/cat.jpg": "bad_address",
    f"https://{HOST}:-443/cat.jpg": "bad_address",
    f"https://{HOST}@evil.example/cat.jpg": "bad_address",
    f"https://evil.example@{HOST}/cat.jpg": "bad_address",
    f"https://user:secret@{HOST}/cat.jpg": "bad_address",
    f"https://@{HOST}/cat.jpg": "bad_address",
    f"https://{HOST}\\@evil.example/cat.jpg": "bad_address",
    f"https:\\\\{HOST}\\cat.jpg": "bad_address",
    f"https://{HOST}\n.evil.example/cat.jpg": "bad_address",
    f"https://{HOST}/cat.jpg\r\nHost: evil.example": "bad_address",
    f"https://{HOST}/\tcat.jpg": "bad_address",
    f"https://{HOST}/cat\0.jpg": "bad_address",
    f"https://{HOST}/the cat.jpg": "bad_address",
    f" https://{HOST}/cat.jpg": "bad_address",
    f"https://{FULL_WIDTH}.media-amazon.com/cat.jpg": "bad_address",
    "https://m.media-аmazon.com/cat.jpg": "bad_address",  # noqa: RUF001 - the first a is Cyrillic
    f"https://{HOST}。evil.example/cat.jpg": "bad_address",
    f"https://{HOST}/\ud800.jpg": "bad_address",
    f"https://{HOST}/{'a' * 10_000}.jpg": "bad_address",
    f"https://[{HOST}/cat.jpg": "bad_address",
    f"//{HOST}/cat.jpg": "bad_address",
    "https:///cat.jpg": "bad_address",
    "https://": "bad_address",
    "https:cat.jpg": "bad_address",
    "/etc/passwd": "bad_address",
    "cat.jpg": "bad_address",
    "": "bad_address",
    "https://m.media-amazon.com/images/I/01RmK+J4pJL._SL500_.jpg": "placeholder",
    "https://m.media-amazon.com/images/I/01RmK%2BJ4pJL.gif": "placeholder",
    "https://evil.example/images/I/11RGjrCdvsL._SX38_.jpg": "placeholder",
    f"https://{HOST}/images/G/01/digital/video/web/Default_Background_Art_LTR.jpg": "placeholder",
}


@pytest.mark.parametrize(("address", "reason"), REFUSED.items(), ids=lambda value: ascii(value)[:60])
def test_a_hostile_address_is_refused_before_any_connection(
    open_store: OpenStore, address: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", None)
    assert open_store(rules=FetchRules(enabled=True)).obtain([[address]]) == [Failure(reason)]


@pytest.mark.parametrize("address", [ADDRESS, f"http://{HOST}{PATH}", f"https://{HOST}:443{PATH}", ADDRESS + "#top"])
def test_an_address_of_an_allowed_host_is_fetched(
    server: Any, open_store: OpenStore, rules: MakeRules, address: str
) -> None:
    server.gives(PATH, PICTURE)
    (outcome,) = open_store(rules=rules()).obtain([[address]])
    assert isinstance(outcome, Picture)
    assert server.seen[0]["Host"] == HOST
    assert server.seen[0]["User-Agent"].startswith("mmecinstruct")
    assert server.seen[0]["Accept-Encoding"] == "identity"
    assert "Cookie" not in server.seen[0]


def test_the_address_of_an_image_is_asked_for_letter_by_letter(
    server: Any, open_store: OpenStore, rules: MakeRules
) -> None:
    server.gives("/images/I/41fby%2BUjOJL._SL500_.jpg", PICTURE)
    (outcome,) = open_store(rules=rules()).obtain([[f"https://{HOST}/images/I/41fby%2BUjOJL._SX425_.jpg"]])
    assert isinstance(outcome, Picture)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.1:22/", "host_not_allowed"),
        ("https://localhost/cat.jpg", "host_not_allowed"),
        ("http://169.254.169.254/latest/meta-data/", "host_not_allowed"),
        ("//evil.example/cat.jpg", "host_not_allowed"),
        ("https://evil.example/cat.jpg", "host_not_allowed"),
        (f"https://{HOST}:8443/cat.jpg", "host_not_allowed"),
        ("file:///etc/passwd", "scheme_not_allowed"),
        (f"https://{HOST}@evil.example/", "bad_address"),
        ("http://[", "bad_address"),
        ("/\\evil.example/cat.jpg", "bad_address"),
        ("/" + "a" * 3000, "bad_address"),
        (PATH, "too_many_redirects"),
        ("/nothing", "http_404"),
        ("", "http_302"),
    ],
    ids=lambda value: value[:40],
)
def test_every_hop_of_a_redirect_is_checked(
    server: Any, open_store: OpenStore, rules: MakeRules, location: str, reason: str
) -> None:
    server.gives(PATH, b"", status=302, headers={"Location": location})
    assert open_store(rules=rules()).obtain([[ADDRESS]]) == [Failure(reason)]


def test_an_honest_redirect_is_followed_between_allowed_hosts(
    server: Any, open_store: OpenStore, rules: MakeRules
) -> None:
    elsewhere = "https://images-na.ssl-images-amazon.com/images/S/there.jpg"
    server.gives(PATH, b"", status=301, headers={"Location": elsewhere})
    server.gives("/images/S/there.jpg", PICTURE)
    (outcome,) = open_store(rules=rules()).obtain([[ADDRESS]])
    assert isinstance(outcome, Picture)
    assert server.seen[1]["Host"] == "images-na.ssl-images-amazon.com"


def test_five_redirects_are_one_too_many(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    for hop in range(5):
        server.gives(f"/{hop}", b"", status=302, headers={"Location": f"/{hop + 1}"})
    server.gives("/5", PICTURE)
    far, near = open_store(rules=rules()).obtain([[f"https://{HOST}/0"], [f"https://{HOST}/1"]])
    assert far == Failure("too_many_redirects")
    assert isinstance(near, Picture)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(65536))


async def trickling(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b"\xff")
        await asyncio.sleep(0.02)
    return response


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(4)
    return web.Response()


async def hanging_up(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


def saying(head: str, body: bytes = b"") -> Callable[[web.Request], Any]:
    async def reply(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.write(head.replace("\n", "\r\n").encode() + b"\r\n" + body)  # type: ignore[attr-defined]
        request.transport.close()
        return web.Response()

    return reply


SERVERS = {
    "an_endless_body": (endless, "too_large"),
    "a_trickling_body": (trickling, "timeout"),
    "no_answer": (silent, "timeout"),
    "a_closed_connection": (hanging_up, "connection_failed"),
    "a_length_that_is_too_long": (
        saying(f"HTTP/1.1 200 OK\nContent-Length: {len(PICTURE) + 9}\n", PICTURE),
        "connection_failed",
    ),
    "a_length_that_is_too_short": (saying("HTTP/1.1 200 OK\nContent-Length: 300\n", PICTURE), "connection_failed"),
    "a_length_that_is_huge": (saying(f"HTTP/1.1 200 OK\nContent-Length: {10**15}\n", PICTURE), "connection_failed"),
    "no_http": (saying("SSH-2.0-OpenSSH_9.6\n"), "connection_failed"),
    "endless_headers": (saying("HTTP/1.1 200 OK\nX: " + "x" * 100_000 + "\n"), "connection_failed"),
    "a_gzip_bomb": (
        saying("HTTP/1.1 200 OK\nContent-Encoding: gzip\nConnection: close\n", gzip.compress(bytes(10**7))),
        "encoding_not_allowed",
    ),
    "a_brotli_label": (saying("HTTP/1.1 200 OK\nContent-Encoding: br\nConnection: close\n"), "encoding_not_allowed"),
    "a_page": (saying("HTTP/1.1 200 OK\nConnection: close\n", b"<html>Robot check</html>"), "not_an_image"),
    "an_empty_body": (saying("HTTP/1.1 200 OK\nContent-Length: 0\n"), "not_an_image"),
    "not_found": (saying("HTTP/1.1 404 Not Found\nContent-Length: 0\n"), "http_404"),
    "gone": (saying("HTTP/1.1 410 Gone\nContent-Length: 0\n"), "http_410"),
    "forbidden": (saying("HTTP/1.1 403 Forbidden\nContent-Length: 0\n"), "http_403"),
    "partial": (saying("HTTP/1.1 206 Partial Content\nContent-Length: 0\n"), "http_206"),
    "a_broken_server": (saying("HTTP/1.1 503 Service Unavailable\nContent-Length: 0\n"), "http_503"),
    "too_many_requests": (saying("HTTP/1.1 429 Too Many Requests\nContent-Length: 0\n"), "http_429"),
}


@pytest.mark.parametrize(("reply", "reason"), SERVERS.values(), ids=list(SERVERS))
def test_a_hostile_server_gives_a_reason(
    server: Any, open_store: OpenStore, rules: MakeRules, reply: Callable[[web.Request], Any], reason: str
) -> None:
    server.does(PATH, reply)
    began = time.monotonic()
    assert open_store(rules=rules(timeout_s=0.3)).obtain([[ADDRESS]]) == [Failure(reason)]
    assert time.monotonic() - began < 2


def test_a_closed_port_gives_a_reason(open_store: OpenStore, rules: MakeRules, unused_tcp_port: int) -> None:
    closed = rules(origins={HOST: f"http://127.0.0.1:{unused_tcp_port}"})
    assert open_store(rules=closed).obtain([[ADDRESS]]) == [Failure("connection_failed")]


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_what_may_pass_is_tried_again(server: Any, open_store: OpenStore, rules: MakeRules, status: int) -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status) if server.hits[PATH] < 3 else web.Response(body=PICTURE)

    server.does(PATH, reply)
    (outcome,) = open_store(rules=rules(retries=3)).obtain([[ADDRESS]])
    assert isinstance(outcome, Picture)
    assert server.hits[PATH] == 3


def test_what_does_not_pass_is_asked_once(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    server.gives(PATH, b"", status=404)
    open_store(rules=rules(retries=3)).obtain([[ADDRESS]])
    assert server.hits[PATH] == 1


@pytest.mark.parametrize(("retry_after", "at_least", "at_most"), [("1", 0.2, 1), ("soon", 0, 0.2), ("-5", 0, 0.2)])
def test_retry_after_is_obeyed_up_to_a_limit(
    server: Any, open_store: OpenStore, rules: MakeRules, retry_after: str, at_least: float, at_most: float
) -> None:
    server.gives(PATH, b"", status=429, headers={"Retry-After": retry_after})
    began = time.monotonic()
    outcomes = open_store(rules=rules(retries=1, max_wait_s=0.2)).obtain([[ADDRESS]])
    assert outcomes == [Failure("http_429")]
    assert at_least <= time.monotonic() - began < at_most


def test_requests_keep_the_pace(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    store = open_store(rules=rules(per_second=50))
    began = time.monotonic()
    store.obtain([[f"https://{HOST}/{number}"] for number in range(6)])
    store.obtain([[f"https://{HOST}/{number}"] for number in range(6, 11)])
    assert time.monotonic() - began >= 10 / 50


def test_no_more_connections_are_open_than_allowed(server: Any, open_store: OpenStore, rules: MakeRules) -> None:
    open_now, most = 0, 0

    async def reply(_: web.Request) -> web.StreamResponse:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.01)
        open_now -= 1
        return web.Response(body=PICTURE)

    wanted = [[server.does(f"/{number}", reply)] for number in range(12)]
    open_store(rules=rules(connections=3)).obtain(wanted)
    assert most == 3


def resolving(*addresses: str) -> Callable[[str, int], Any]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


async def fetched(rules: FetchRules, resolve: Callable[[str, int], Any], address: str = ADDRESS) -> bytes | Failure:
    async with Fetcher(rules, resolve) as fetcher:
        return await fetcher.fetch(address)


PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:93.184.216.34", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::1"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "nonsense", ""),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_an_allowed_name_may_not_lead_to_a_private_address(address: str) -> None:
    rules = FetchRules(enabled=True, retries=0)
    assert asyncio.run(fetched(rules, resolving(address))) == Failure("private_address")


def test_one_private_address_among_public_ones_spoils_all() -> None:
    rules = FetchRules(enabled=True, retries=0)
    assert asyncio.run(fetched(rules, resolving("93.184.216.34", "127.0.0.1"))) == Failure("private_address")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    async def connect(_: Any, sock: Any, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
    rules = FetchRules(enabled=True, retries=0)
    assert asyncio.run(fetched(rules, resolving("93.184.216.34"))) == Failure("connection_failed")
    assert tried == [("93.184.216.34", 443)]


@pytest.mark.parametrize("host", ["10.0.0.5", "127.0.0.1", "::1"])
def test_a_private_address_in_the_list_of_hosts_is_still_private(open_store: OpenStore, host: str) -> None:
    address = f"https://{f'[{host}]' if ':' in host else host}/cat.jpg"
    store = open_store(rules=FetchRules(enabled=True, hosts=(host,)))
    assert store.obtain([[address]]) == [Failure("private_address")]


def test_a_name_that_cannot_be_looked_up_gives_a_reason() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    assert asyncio.run(fetched(FetchRules(enabled=True, retries=0), resolve)) == Failure("connection_failed")


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("change", [{"connections": 0}, {"per_second": 0}, {"timeout_s": -1}, {"retries": -1}])
def test_rules_that_no_fetch_could_obey_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match=rf"fetch\.{next(iter(change))} must"):
        FetchRules(**change)
