"""Xet uploads: chunks come in xorbs, shards tell which files they make, and the files become contents like others.

Downloads are plain HTTP. Each namespace has its own xorbs, and its own address for clients: these remember what they
sent to which address, and would leave out chunks that another namespace, or another Hub at this address, cannot see.
"""

import asyncio
import io
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path

from aiohttp import web

from caslie.localhub.asking import API, caller_of, hub_of, json_body, repo_of
from caslie.localhub.contents.receiving import in_thread, receive, refusing_when_full
from caslie.localhub.contents.sending import must_send
from caslie.localhub.contents.signing import LIFE, Permit, read_permit, sign
from caslie.localhub.contents.xet_format import (
    LARGEST_SHARD,
    LARGEST_XORB,
    Chunk,
    Listing,
    Shard,
    Term,
    XetFile,
    chunks_of,
    read_chunk,
    read_shard,
    write_shard,
)
from caslie.localhub.errors import HubError, bad_request, no_entry
from caslie.localhub.storage.hub import Hub
from caslie.localhub.storage.ledger import Ledger
from caslie.localhub.storage.objects import keep, unfinished_file

CAS = "/xet/{hub}/{home}"
HASH = re.compile(r"[0-9a-f]{64}")
LARGEST_FILE = 50 << 30  # what clients take by plain HTTP
GLOBAL = 1024  # besides the first chunk of a file, clients ask for one chunk in so many
REMEMBERED = 7 * 24 * 3600  # seconds for which a client may rely on what it was told is here

ChunksOf = Callable[[Path], list[Chunk]]

routes = web.RouteTableDef()


@routes.get(f"{API}/xet-write-token/{{revision}}")
@refusing_when_full()
async def write_token(request: web.Request) -> web.Response:
    """Let a client upload, and tell it where."""
    repo, caller = repo_of(request), caller_of(request)
    user = must_send(caller, repo)
    home = repo.id.namespace if repo.id.namespace in caller.namespaces else user
    hub = hub_of(request)
    name = await asyncio.to_thread(Ledger(hub.root).hub_id)
    until = int(time.time()) + LIFE
    address = f"{request.url.origin()}{CAS.format(hub=name, home=home)}"
    token = sign(hub, Permit("xet", 0, user, repo.id.namespace, home, until))
    headers = {"X-Xet-Cas-Url": address, "X-Xet-Access-Token": token, "X-Xet-Token-Expiration": str(until)}
    return web.json_response({"casUrl": address, "accessToken": token, "exp": until}, headers=headers)


@routes.post(f"{CAS}/v1/xorb-grants/default/{{hash}}")
@refusing_when_full()
async def grant_xorb(request: web.Request) -> web.Response:
    """Tell a client that a xorb is here, as after a push that was killed; to 404 it answers by sending it directly."""
    permit, hub, name = _permit(request), hub_of(request), _hash(request)
    length = (await json_body(request)).get("length")
    path = _xorb_path(hub, permit.home, name)
    if not path.exists() or path.stat().st_size != length:
        raise no_entry(name, "this Hub")
    return web.json_response({})


@routes.post(f"{CAS}/v1/xorbs/default/{{hash}}")
@refusing_when_full()
async def take_xorb(request: web.Request) -> web.Response:
    """Keep a xorb, if it can be one. What is in it shows when a shard wants it."""
    permit, hub, name = _permit(request), hub_of(request), _hash(request)
    path = _xorb_path(hub, permit.home, name)
    async with in_thread(unfinished_file(hub.unfinished)) as file:
        await receive(request, file, LARGEST_XORB)
        await asyncio.to_thread(chunks_of, file)
        is_new = not path.exists()
        # One that is here is replaced: were it a broken one, no client could ever mend it.
        await asyncio.to_thread(keep, file, path)
    return web.json_response({"was_inserted": is_new})


@routes.post(f"{CAS}/v1/shards")
@refusing_when_full()
async def take_shard(request: web.Request) -> web.Response:
    """Make the files of a shard out of chunks that are here."""
    permit, hub = _permit(request), hub_of(request)
    data = io.BytesIO()
    await receive(request, data, LARGEST_SHARD)
    await asyncio.to_thread(_keep_shard, hub, permit, data.getvalue())
    return web.json_response({"result": 1})


@routes.get(f"{CAS}/v1/chunks/{{prefix}}/{{hash}}")
@refusing_when_full()
async def tell_chunk(request: web.Request) -> web.Response:
    """Tell a client, by one chunk that it has, which others it need not send."""
    permit, ledger, name = _permit(request), Ledger(hub_of(request).root), _hash(request)
    listings = await asyncio.to_thread(ledger.listings_for, permit.home, name)
    if not listings:
        raise no_entry(name, "this Hub")
    now = int(time.time())
    return web.Response(body=write_shard(listings, now, now + REMEMBERED))


def _permit(request: web.Request) -> Permit:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    permit = read_permit(hub_of(request), token, "xet")
    if permit.home != request.match_info["home"]:
        raise bad_request(f"this permission to upload is for {permit.home}")
    return permit


def _hash(request: web.Request) -> str:
    name = request.match_info["hash"]
    if not HASH.fullmatch(name):
        raise bad_request("this is not the hash of a xorb or a chunk")
    return name


def _xorb_path(hub: Hub, home: str, xorb: str) -> Path:
    return hub.root / "xet" / home / xorb[:2] / xorb


def _keep_shard(hub: Hub, permit: Permit, data: bytes) -> None:
    shard = read_shard(data)
    ledger = Ledger(hub.root)
    # Files may take their chunks in runs of a few out of the same xorbs.
    chunks = lru_cache(maxsize=16)(_chunks)
    # A sha256 that someone else sent proves nothing: only the bytes do.
    sent = ledger.sent_by([file.sha256 for file in shard.files], {permit.home})
    for file in shard.files:
        if file.sha256 not in sent or hub.objects.size(file.sha256) is None:
            _make_file(hub, permit.home, file, chunks)
    ledger.note_sent([file.sha256 for file in shard.files], {permit.user, permit.namespace, permit.home})
    _remember(hub, ledger, permit.home, shard)


def _make_file(hub: Hub, home: str, file: XetFile, chunks: ChunksOf) -> None:
    if file.n_bytes > LARGEST_FILE:
        raise bad_request(f"a file of this shard is larger than {LARGEST_FILE} bytes")
    with hub.objects.receive(file.sha256) as incoming:
        for term in file.terms:
            for piece in _pieces(_xorb_path(hub, home, term.xorb), term, chunks):
                incoming.write(piece)


def _pieces(path: Path, term: Term, chunks: ChunksOf) -> Iterator[bytes]:
    run = chunks(path)[term.first : term.end]
    if len(run) != term.end - term.first or sum(chunk.n_bytes for chunk in run) != term.n_bytes:
        raise bad_request(f"this shard wants chunks that xorb {term.xorb} does not have")
    with path.open("rb") as xorb:
        yield from map(partial(read_chunk, xorb), run)


def _chunks(path: Path) -> list[Chunk]:
    try:
        with path.open("rb") as xorb:
            return chunks_of(xorb)
    except FileNotFoundError as error:
        raise _missing(path.name) from error


def _missing(xorb: str) -> HubError:
    return bad_request(f"xorb {xorb} was never sent to this Hub; remove the folder xet in your HF_HOME and try again")


def _remember(hub: Hub, ledger: Ledger, home: str, shard: Shard) -> None:
    """Let the first chunk of each file lead to all of its xorbs, and a global chunk to the one that it is in."""
    known = {listing.xorb: listing for listing in shard.listings if _is_true(hub, home, listing)}
    wanted = {term.xorb for file in shard.files for term in file.terms}
    known |= {xorb: Listing(xorb, record) for xorb, record in ledger.listings(home, wanted - set(known)).items()}
    names = {xorb: listing.chunks for xorb, listing in known.items()}
    pairs = {(chunk, xorb) for xorb, chunks in names.items() for chunk in chunks if int(chunk[48:], 16) % GLOBAL == 0}
    for file in shard.files:
        pairs |= {(chunk, term.xorb) for chunk in _first_chunk(file, names) for term in file.terms}
    ledger.note_xorbs(home, [(listing.xorb, listing.record) for listing in known.values()], sorted(pairs))


def _first_chunk(file: XetFile, names: Mapping[str, list[str]]) -> list[str]:
    first = file.terms[0] if file.terms else None
    return names.get(first.xorb, [])[first.first : first.first + 1] if first else []


def _is_true(hub: Hub, home: str, listing: Listing) -> bool:
    """Tell whether a listing fits the xorb that is here, as far as lengths go; a false one is forgotten."""
    path = _xorb_path(hub, home, listing.xorb)
    return path.exists() and [chunk.n_bytes for chunk in _chunks(path)] == listing.lengths
