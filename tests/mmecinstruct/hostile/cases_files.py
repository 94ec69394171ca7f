"""Files that are no corpus file, or half of one: archives, tables, and what only looks like a file."""

import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.mmecinstruct.hostile.case import Case, Plant, after, beside, both, changing, packing
from tests.mmecinstruct.hostile.world import PRODUCTS, REVIEWS, SQID, asin, encoded, example, listing, product

# What a cut takes away: one line, too random to pack, with which the good ones end long before the cut.
TAIL = b'{"tail": "' + Random(7).randbytes(300_000).hex().encode() + b'"}\n'
OTHER = "amazon_reviews_2023/meta_Other.jsonl"
EXTRA = "shopping_queries/esci_extra.parquet"
EXTRA_CSV = "sqid/supp_product_image_urls.csv"
CUT = {".gz": {"truncated_gzip": 1, "malformed_json": 1}, ".zst": {"truncated_zstd": 1, "malformed_json": 1}}
BEHIND = {".gz": "corrupt_gzip", ".zst": "corrupt_zstd"}
NO_ARCHIVES = {
    "of no archive": b'{"parent_asin": "B0TOOL0001"}\n' * 9,
    "of random bytes": Random(7).randbytes(5000),
}
NOTHING = {
    "empty": (b"", {}),
    "of one byte": (b"x", {"malformed_json": 1}),
    "of empty lines": (b"\n" * 1000, {"blank_line": 1000}),
    "of zeros": (bytes(5000), {"malformed_json": 1}),
    "of a page": (b"<!DOCTYPE html>\n<html>\n<body>503</body>\n</html>\n", {"malformed_json": 4}),
    "a list over lines": (
        b'[\n{"parent_asin": "B0TOOL0030"},\n{"parent_asin": "B0TOOL0031"},\n]\n',
        {"malformed_json": 4},
    ),
    "in UTF-16": ('{"parent_asin": "B0TOOL0030"}\n'.encode("utf-16"), {"invalid_utf8": 1, "malformed_json": 1}),
    "of Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", {"malformed_json": 3}),
    "a byte order mark": (b"\xef\xbb\xbf", {}),
    "of old line ends": (b'{"parent_asin": "B0TOOL0030"}\r{"parent_asin": "B0TOOL0031"}\r', {"malformed_json": 1}),
}
NAMES = ("meta_it's; DROP TABLE.jsonl", "meta_100 %s.jsonl", "meta_a\nb.jsonl", "meta_日本.jsonl", 'meta_".jsonl')
SQID_LINES = {
    "a quote that is never closed": (b'P1,"https://a/b.jpg\n', {"malformed_csv": 1}),
    "two quotes that are never closed": (b'P1,"https://a/b.jpg\nP2,"https://a/b.jpg\n', {"malformed_csv": 2}),
    "a quote that ends too soon": (b'P1,"https"://a/b.jpg\n', {"malformed_csv": 1}),
    "a cell too few": (b"P1\n", {"malformed_csv": 1}),
    "a cell too many": (b"P1,https://a/b.jpg,more\n", {"malformed_csv": 1}),
    "an empty line": (b"\n", {"malformed_csv": 1}),
    "no key": (b",https://a/b.jpg\n", {"no_key": 1}),
    "no address": (b"P1,\n", {}),
    "a NUL": (b"P1,https://a/\0b.jpg\n", {}),
    "not UTF-8": (b"P1,https://a/\xff.jpg\n", {"malformed_csv": 1}),
    "a carriage return": (b"P1,https://a\r/b.jpg\n", {"malformed_csv": 1}),
    "a line end in quotes": (b'P1,"https://a/\nb.jpg"\n', {}),
    "a line of 17 megabytes": (b"P1," + b"u" * (17 << 20) + b"\n", {"malformed_csv": 1}),
    "the header again": (b"product_id,image_url\n", {}),
    "a formula": (b"=cmd|' /C calc'!A0,@SUM(1)\n", {}),
    "a good line again": (
        f"{asin(0)},https://m.media-amazon.com/images/I/41tool0000L._SL500_.jpg\n".encode(),
        {"duplicate_line": 1},
    ),
}
SQID_FILES = {
    "empty": (b"", {}),
    "a header alone": (b"product_id,image_url\n", {}),
    "no header": (b"P1,https://a/b.jpg\nP2,https://a/c.jpg\n", {"no_key": 1}),
    "another header": (b"asin,url\nP1,https://a/b.jpg\n", {"no_key": 1}),
    "a header with a quote that is never closed": (b'product_id,"image_url\nP1,a\nP2,b\n', {"no_key": 1}),
    "a header twice over": (b"product_id,product_id,image_url\nP1,P2,https://a/b.jpg\n", {}),
    "semicolons": (b"product_id;image_url\nP1;https://a/b.jpg\n", {"no_key": 1}),
    "columns the other way round": (b"image_url,product_id\nhttps://a/b.jpg,P1\n", {}),
    "a byte order mark": (b"\xef\xbb\xbfproduct_id,image_url\nP1,https://a/b.jpg\n", {}),
    "empty lines before the header": (b"\n\nproduct_id,image_url\nP1,https://a/b.jpg\n", {}),
    "random bytes": (b"\xff\xfe\x00\n" * 3, {}),
    "one quote": (b'"', {}),
}


def parquet(**columns: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def flipped(data: bytes) -> bytes:
    """Bytes in the pages of a column, not in what tells of it."""
    return data[:20] + bytes(byte ^ 0xFF for byte in data[20:60]) + data[60:]


ROWS = encoded([example(n) | listing(n) for n in range(30, 40)], ".parquet")
BAD_TEXT = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
)
PARQUETS = {
    "empty": (b"", {"corrupt_parquet": 2}),
    "the mark alone": (b"PAR1", {"corrupt_parquet": 2}),
    "cut": (ROWS[: len(ROWS) // 2], {"corrupt_parquet": 2}),
    "without its beginning": (ROWS[100:], {"corrupt_parquet": 2}),
    "with broken pages": (flipped(ROWS), {"corrupt_parquet": 1}),  # of a column that listings do not need
    "text": (b"example_id,query\n1,hammer\n", {"corrupt_parquet": 2}),
    "zeros": (bytes(5000), {"corrupt_parquet": 2}),
    "without rows": (parquet(product_id=pa.array([], "string")), {}),
    "with other columns": (parquet(asin=["A"], title=["T"]), {"no_key": 2}),
    "with names in capitals": (parquet(PRODUCT_ID=["A"], QUERY=["T"]), {"no_key": 2}),
    "with a name that is not UTF-8": (ROWS.replace(b"query_id", b"quer\xff_id"), {"corrupt_parquet": 2}),
    "with text that is not UTF-8": (parquet(product_id=BAD_TEXT), {"unreadable_row": 2, "no_key": 1}),
    "with dates after the year 9999": (
        parquet(product_id=pa.array([2**60, 0], pa.timestamp("us"))),
        {"unreadable_row": 2, "no_key": 1},
    ),
}


def linked(name: str, target: str) -> Plant:
    return lambda folder: (folder / name).symlink_to(target)


def folder(name: str) -> Plant:
    return lambda folder: (folder / name).mkdir()


def pipe(name: str) -> Plant:
    return lambda folder: os.mkfifo(folder / name)


def in_bytes(name: bytes) -> Plant:
    def plant(folder: Path) -> None:
        Path(os.fsdecode(os.fsencode(folder) + b"/amazon_reviews_2023/" + name)).write_bytes(b"{}\n")

    return plant


def packed_bomb(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(b"[" * (64 << 20))


CASES = [
    *(
        case
        for suffix in (".gz", ".zst")
        for case in (
            Case(f"archive {suffix}", "sa", packing(REVIEWS, suffix)),
            Case(
                f"archive {suffix}: cut",
                "sa",
                packing(REVIEWS, suffix, lambda good: good + TAIL, lambda data: data[: len(data) * 9 // 10]),
                CUT[suffix],
            ),
            Case(
                f"archive {suffix}: a broken byte behind the good lines",
                "sa",
                packing(REVIEWS, suffix, bytes, lambda data: data + data[:4] + b"\xff" * 40),
                {BEHIND[suffix]: 1},
            ),
            Case(
                f"archive {suffix}: words behind",
                "sa",
                packing(REVIEWS, suffix, bytes, lambda data: data + b"and more"),
                {BEHIND[suffix]: 1},
            ),
            Case(
                f"archive {suffix}: a second one, cut in its head",
                "sa",
                packing(REVIEWS, suffix, bytes, lambda data: data + data[:4]),
                {"truncated" + BEHIND[suffix].removeprefix("corrupt"): 1},
            ),
            Case(
                f"archive {suffix}: the same again",
                "sa",
                packing(REVIEWS, suffix, bytes, lambda data: data + data),
                {"duplicate_line": 12},
            ),
            *(
                Case(f"archive {suffix} {name}", "ap", beside(OTHER + suffix, data), {BEHIND[suffix]: 1})
                for name, data in NO_ARCHIVES.items()
            ),
            Case(f"archive {suffix}: empty", "ap", beside(OTHER + suffix, b"")),
        )
    ),
    Case(
        "archive .gz: a wrong checksum",
        "sa",
        packing(REVIEWS, ".gz", bytes, lambda data: data[:-8] + b"\0\0\0\0" + data[-4:]),
        {"corrupt_gzip": 1},
    ),
    Case(
        "archive .gz: a wrong length",
        "sa",
        packing(REVIEWS, ".gz", bytes, lambda data: data[:-1] + b"\xff"),
        {"corrupt_gzip": 1},
    ),
    Case("archive .gz: zeros behind", "sa", packing(REVIEWS, ".gz", bytes, lambda data: data + bytes(9000))),
    Case("archive .gz: a bomb", "ap", beside(OTHER + ".gz", packed_bomb(gzip.compress)), {"line_too_long": 1}),
    Case("archive .zst: a bomb", "ap", beside(OTHER + ".zst", packed_bomb(zstandard.compress)), {"line_too_long": 1}),
    *(Case(f"file {name}", "ap", beside(OTHER, data), reasons) for name, (data, reasons) in NOTHING.items()),
    Case("file: a folder", "ap", folder(OTHER)),
    Case("file: a link to nowhere", "ap", linked(OTHER, "nowhere")),
    Case("file: a link to itself", "ap", linked(OTHER, "meta_Other.jsonl")),
    Case("file: a pipe", "ap", pipe(OTHER)),
    Case("file: a name that is not UTF-8", "ap", in_bytes(b"meta_\xff.jsonl")),
    *(
        Case(f"file: the name {name!a}", "ap", beside(f"amazon_reviews_2023/{name}", b"{}\n"), {"no_key": 1})
        for name in NAMES
    ),
    Case("file: plain and packed", "ap", beside(PRODUCTS + ".gz", b"no archive")),
    Case("file: packed twice", "ap", beside(OTHER + ".zst.gz", gzip.compress(b"x")), {"malformed_json": 1}),
    Case("file: of a Mac", "sa", beside("amazon_reviews_2023/._Tools_and_Home_Improvement.jsonl", b"\0\5\x16\7")),
    *(Case(f"csv line: {name}", "psi", after(SQID, data), reasons) for name, (data, reasons) in SQID_LINES.items()),
    Case("csv: CRLF", "psi", changing(SQID, lambda good: good.replace(b"\n", b"\r\n"))),
    *(Case(f"csv: {name}", "psi", beside(EXTRA_CSV, data), reasons) for name, (data, reasons) in SQID_FILES.items()),
    *(Case(f"parquet: {name}", "psi", beside(EXTRA, data), reasons) for name, (data, reasons) in PARQUETS.items()),
    Case(
        "file: metadata of 2023 and of nothing",
        "ap",
        both(beside(OTHER, encoded([product(30)], ".jsonl") + b"\n"), beside("esci_s/esci.json", b"null\n")),
        {"blank_line": 1, "not_an_object": 1},
    ),
]
