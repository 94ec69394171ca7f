"""The two formats of Xet uploads: xorbs, which hold chunks, and shards, which tell how chunks make files.

Both come from outside: each length in them is checked against what is there before anything is read or made by it.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import lz4.frame

from caslie.localhub.errors import bad_request

LARGEST_XORB = 80 << 20  # clients fill one to 64 MiB of content
LARGEST_SHARD = 128 << 20  # clients aim at 64 MiB
LARGEST_CHUNK = 1 << 20  # clients cut at 128 KiB
MOST_CHUNKS = 64 << 10  # clients stop at 8 Ki

NONE, LZ4, BG4_LZ4 = range(3)
CHUNK_HEADER = 8
XORB_FOOTER = b"XETBLOB"

SHARD_TAG = b"HFRepoMetaData\0" + bytes.fromhex("556967456a7b815783a5bdd95ccdd14aa9")
SHARD_VERSION = 2
FOOTER_VERSION = 1
FOOTER_SIZE = 200
RECORD = 48  # of which there are all kinds, all of this size
END = b"\xff" * 32 + bytes(16)
HAS_VERIFICATION = 1 << 31
HAS_SHA256 = 1 << 30


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk lies in its xorb, and what becomes of its bytes."""

    start: int
    n_stored: int
    n_bytes: int
    scheme: int


@dataclass(frozen=True, slots=True)
class Term:
    """A run of a file: chunks `first` to `end` (exclusive) of a xorb."""

    xorb: str
    n_bytes: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class XetFile:
    """A file as its client describes it."""

    sha256: str
    terms: tuple[Term, ...]

    @property
    def n_bytes(self) -> int:
        """How large it is said to be."""
        return sum(term.n_bytes for term in self.terms)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a client says is in a xorb; `record` is that as it came, to be handed to other clients."""

    xorb: str
    record: bytes

    @property
    def chunks(self) -> list[str]:
        """The names of its chunks, in order."""
        return [_name(self.record[at : at + 32]) for at in range(RECORD, len(self.record), RECORD)]

    @property
    def lengths(self) -> list[int]:
        """The lengths of its chunks, in order."""
        return [length for (length,) in struct.iter_unpack("<36xI8x", self.record[RECORD:])]


@dataclass(frozen=True, slots=True)
class Shard:
    """Files, and the xorbs that were sent for them."""

    files: tuple[XetFile, ...]
    listings: tuple[Listing, ...]


def chunks_of(xorb: IO[bytes]) -> list[Chunk]:
    """Find the chunks of a xorb by their headers; a footer, which some clients add, is passed over."""
    n_bytes = xorb.seek(0, os.SEEK_END)
    found: list[Chunk] = []
    at = 0
    while at < n_bytes:
        xorb.seek(at)
        header = xorb.read(CHUNK_HEADER)
        if header.startswith(XORB_FOOTER):
            break
        chunk = _chunk(header, at + CHUNK_HEADER)
        at = chunk.start + chunk.n_stored
        found.append(chunk)
        if at > n_bytes or len(found) > MOST_CHUNKS:
            raise bad_request("this is no xorb: it ends within a chunk, or has too many of them")
    if not found:
        raise bad_request("this is no xorb: it has no chunk")
    return found


def read_chunk(xorb: IO[bytes], chunk: Chunk) -> bytes:
    """Read and unpack a chunk: exactly the bytes that its header promises."""
    xorb.seek(chunk.start)
    stored = xorb.read(chunk.n_stored)
    content = stored if chunk.scheme == NONE else _unpack(stored, chunk.n_bytes)
    if len(content) != chunk.n_bytes:
        raise bad_request("a chunk of a xorb is not as long as its header says")
    return _ungroup(content) if chunk.scheme == BG4_LZ4 else content


def read_shard(data: bytes) -> Shard:
    """Read an uploaded shard."""
    tag, version, _ = struct.unpack_from("<32sQQ", data.ljust(RECORD, b"\0"))
    if tag != SHARD_TAG or version != SHARD_VERSION:
        raise bad_request("this is no shard of a version that this Hub knows")
    records = _Records(data)
    records.take(1)
    return Shard(tuple(_files(records)), tuple(_listings(records)))


def write_shard(listings: Sequence[bytes], now: int, until: int) -> bytes:
    """Write a shard without files: what a client may leave out, because it is here already."""
    header = struct.pack("<32sQQ", SHARD_TAG, SHARD_VERSION, FOOTER_SIZE)
    listed = b"".join(listings)
    footer_at = len(header) + len(END) + len(listed) + len(END)
    # Offsets: of the files, of the xorbs, and of three lookup tables, which are empty.
    offsets = (RECORD, 2 * RECORD, footer_at, 0, footer_at, 0, footer_at, 0)
    stored = sum(struct.unpack_from("<I", listing, 44)[0] for listing in listings)
    content = sum(struct.unpack_from("<I", listing, 40)[0] for listing in listings)
    footer = struct.pack(
        "<9Q32sQQ48xQQQQ", FOOTER_VERSION, *offsets, bytes(32), now, until, stored, content, content, footer_at
    )
    return header + END + listed + END + footer


def _chunk(header: bytes, start: int) -> Chunk:
    if len(header) < CHUNK_HEADER or header[0] != 0:
        raise bad_request("this is no xorb: what should be the header of a chunk is none")
    n_stored, scheme = int.from_bytes(header[1:4], "little"), header[4]
    n_bytes = int.from_bytes(header[5:8], "little")
    if scheme not in (NONE, LZ4, BG4_LZ4) or not 0 < max(n_stored, n_bytes) <= LARGEST_CHUNK:
        raise bad_request("a chunk of this xorb is too large, empty, or packed in a way that this Hub does not know")
    return Chunk(start, n_stored, n_bytes, scheme)


def _unpack(stored: bytes, n_bytes: int) -> bytes:
    try:
        # One more than promised, and never what a bomb would give.
        return bytes(lz4.frame.LZ4FrameDecompressor().decompress(stored, max_length=n_bytes + 1))
    except (RuntimeError, EOFError) as error:
        raise bad_request("a chunk of a xorb cannot be unpacked") from error


def _ungroup(grouped: bytes) -> bytes:
    """Undo BG4: all first bytes of four, then all second ones, and so on."""
    content = bytearray(len(grouped))
    at = 0
    for place in range(4):
        n_bytes = len(range(place, len(grouped), 4))
        content[place::4] = grouped[at : at + n_bytes]
        at += n_bytes
    return bytes(content)


class _Records:
    """The records of a shard, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, n_records: int) -> bytes:
        start, self._at = self._at, self._at + n_records * RECORD
        if self._at > len(self._data):
            raise bad_request("this shard ends too early")
        return self._data[start : self._at]


def _files(records: _Records) -> Iterator[XetFile]:
    while not (header := records.take(1)).startswith(END[:32]):
        flags, n_terms = struct.unpack_from("<II", header, 32)
        fields = struct.iter_unpack("<32s4xIII", records.take(n_terms))
        terms = tuple(Term(_name(hash), *numbers) for hash, *numbers in fields)
        records.take(n_terms if flags & HAS_VERIFICATION else 0)
        if not flags & HAS_SHA256:
            raise bad_request("a file of this shard comes without its sha256")
        yield XetFile(_name(records.take(1)[:32]), terms)


def _listings(records: _Records) -> Iterator[Listing]:
    while not (header := records.take(1)).startswith(END[:32]):
        (n_chunks,) = struct.unpack_from("<I", header, 36)
        if n_chunks > MOST_CHUNKS:
            raise bad_request("a xorb of this shard has too many chunks")
        yield Listing(_name(header[:32]), header + records.take(n_chunks))


def _name(hash: bytes) -> str:
    """Spell a hash as Xet does: four numbers, each in hexadecimal."""
    return "".join(f"{number:016x}" for number in struct.unpack("<4Q", hash))
