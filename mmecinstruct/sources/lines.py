"""Raw files to batches of lines: plain, gzip or zstd, whatever state they are in.

A corpus file is read once, in chunks, and handed to DuckDB as Arrow batches `(line, offset, text, fault)`. A line that
cannot be text at all (too long, not UTF-8) arrives empty with its fault; what is wrong with the JSON inside is
DuckDB's to say. So one bad line costs one line, and a truncated archive costs what was behind the cut.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

CHUNK = 4 << 20
SLICE = 512  # of zstd, which unpacks to 16 MiB at most: 128 blocks of 4 bytes, each 128 KiB of one byte
MAX_LINE = 16 << 20  # the longest real line seen is below 1 MiB (2018 metadata with its HTML tables)
BOM = b"\xef\xbb\xbf"
Offsets = np.ndarray[tuple[int], np.dtype[np.int64]]
SCHEMA = pa.schema([("line", pa.int64()), ("offset", pa.int64()), ("text", pa.large_string()), ("fault", pa.string())])


class HashingFile:
    """A file opened for reading that digests what passes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read as the file does."""
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


class LineFile:
    """One corpus file as a stream of lines. After reading: `sha256` of the raw file, `n_lines`, `faults` by reason."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_lines = 0
        self.faults: Counter[str] = Counter()
        self.sha256 = ""

    def reader(self) -> pa.RecordBatchReader:
        """The lines as an Arrow stream that DuckDB can scan once."""
        return pa.RecordBatchReader.from_batches(SCHEMA, self.batches())

    def at(self, places: Mapping[int, int]) -> dict[int, str]:
        """Lines again, by number and offset: at once in a plain file, in one pass up to the last in an archive."""
        if self.path.suffix in {".gz", ".zst"}:
            return pick_lines(self.batches(), places)
        with self.path.open("rb") as file:
            skip = len(BOM) if file.read(len(BOM)) == BOM else 0
            return {line: _line_at(file, offset + skip) for line, offset in places.items()}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the file's lines in order, with at most one chunk and one line in memory."""
        rest, offset, skipping = b"", 0, False
        for chunk in self._decoded():
            data = rest + chunk
            cut = data.rfind(b"\n") + 1
            if cut:
                yield self._batch(data[:cut], offset, skipping)
                skipping = False
            rest, offset = data[cut:], offset + cut
            if len(rest) > MAX_LINE:
                rest, offset, skipping = b"", offset + len(rest), True
        if rest or skipping:
            yield self._batch(rest + b"\n", offset, skipping)

    def _batch(self, data: bytes, offset: int, skipping: bool) -> pa.RecordBatch:
        """Cut `data`, which ends in a newline, into lines; `skipping` says that its first line began too long ago."""
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10) + 1
        starts = np.concatenate([np.zeros(1, np.int64), ends])
        n = len(ends)
        if skipping or not _is_utf8(data) or int(np.diff(starts).max()) > MAX_LINE:
            texts, faults = _careful(data, starts, skipping)
        else:
            buffers = [None, pa.py_buffer(starts.tobytes()), pa.py_buffer(data)]
            texts, faults = pa.Array.from_buffers(pa.large_string(), n, buffers), pa.nulls(n, pa.string())
        numbers = np.arange(self.n_lines + 1, self.n_lines + n + 1)
        self.n_lines += n
        return pa.record_batch([pa.array(numbers), pa.array(starts[:-1] + offset), texts, faults], schema=SCHEMA)

    def _decoded(self) -> Iterator[bytes]:
        with self.path.open("rb") as raw:
            file = HashingFile(raw)
            unpack = {".gz": self._gunzipped, ".zst": self._unzstd}.get(self.path.suffix, _plain)
            chunks = _gathered(unpack(file))
            yield next(chunks, b"").removeprefix(BOM)
            yield from chunks
            self.sha256 = file.digest.hexdigest()

    def _gunzipped(self, file: HashingFile) -> Iterator[bytes]:
        """Gzip, several members in a row included; what comes before a cut or a broken byte is kept."""
        inflater, within = zlib.decompressobj(31), False
        while chunk := file.read(CHUNK):
            while chunk:
                within, before = True, inflater.copy()
                try:
                    yield inflater.decompress(chunk, CHUNK)
                except zlib.error:
                    self.faults["corrupt_gzip"] += 1
                    yield _up_to_the_fault(before, chunk)
                    return _drain(file)
                chunk = inflater.unconsumed_tail
                if inflater.eof:
                    chunk, inflater, within = inflater.unused_data.lstrip(b"\0"), zlib.decompressobj(31), False
        yield inflater.flush()
        if within:
            self.faults["truncated_gzip"] += 1

    def _unzstd(self, file: HashingFile) -> Iterator[bytes]:
        """Zstandard, several frames in a row included, and the same promise."""
        import zstandard

        unpacker = zstandard.ZstdDecompressor()
        frame, within = unpacker.decompressobj(), False
        for data in _sliced(file):
            while data:
                try:
                    yield frame.decompress(data)
                except zstandard.ZstdError:
                    self.faults["corrupt_zstd"] += 1
                    return _drain(file)
                within, data = not frame.eof, frame.unused_data
                if frame.eof:
                    frame = unpacker.decompressobj()
        if within:
            self.faults["truncated_zstd"] += 1


def _plain(file: HashingFile) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _sliced(file: HashingFile) -> Iterator[bytes]:
    return (chunk[at : at + SLICE] for chunk in _plain(file) for at in range(0, len(chunk), SLICE))


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in chunks of some size: a batch costs as much as a thousand lines."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK // 2:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _up_to_the_fault(inflater: Any, chunk: bytes) -> bytes:
    """What a chunk holds before its fault: zlib throws it away with the call that fails."""
    found = bytearray()
    with suppress(zlib.error):
        for at in range(len(chunk)):
            found += inflater.decompress(chunk[at : at + 1])
    return bytes(found)


def _drain(file: HashingFile) -> None:
    """Read on, so that the digest is that of the whole file."""
    while file.read(CHUNK):
        pass


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _careful(data: bytes, starts: Offsets, skipping: bool) -> tuple[pa.Array, pa.Array]:
    """The slow way, for a chunk with a line that is no text: each line by itself."""
    texts, faults = [], []
    for i, (start, end) in enumerate(pairwise(starts)):
        line = data[start:end]
        too_long = (skipping and i == 0) or len(line) > MAX_LINE
        fault = "line_too_long" if too_long else None if _is_utf8(line) else "invalid_utf8"
        texts.append("" if fault else line.decode())
        faults.append(fault)
    return pa.array(texts, pa.large_string()), pa.array(faults, pa.string())


def pick_lines(batches: Iterator[pa.RecordBatch], places: Iterable[int]) -> dict[int, str]:
    """The texts of the lines with these numbers; what is not there is left out."""
    wanted, found = sorted(places), {}
    for batch in batches:
        first = batch.column("line")[0].as_py() if batch.num_rows else 0
        while wanted and first <= wanted[0] < first + batch.num_rows:
            found[wanted[0]] = str(batch.column("text")[wanted[0] - first])
            wanted.pop(0)
        if not wanted:
            break
    return found


def _line_at(file: BinaryIO, offset: int) -> str:
    file.seek(offset)
    line = file.readline(MAX_LINE)
    # As `batches` gives the last line of a file that does not end it, or its digest would be another.
    return (line if line.endswith(b"\n") else line + b"\n").decode(errors="replace")
