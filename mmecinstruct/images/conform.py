"""Whether bytes are kept as they are: a plain JPEG or PNG that holds a picture and nothing else.

Read from the file's own marks, for a decoder does not tell of what it skips: comments, EXIF, a second file behind the
first.
"""

import re
import struct
import zlib

_SEGMENT = struct.Struct(">BBH")
_CHUNK = struct.Struct(">I4s")
_CHECKSUM = struct.Struct(">I")
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # inside a scan FF is followed by 00, a restart or a fill

_SOI, _EOI, _SOS, _APP0, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive
_TABLES = (0xC4, 0xDB, 0xDD)  # Huffman tables, quantisation tables, restart interval
_JFIF_LENGTH, _ADOBE_LENGTH = 16, 14  # of the bare headers: no room for a thumbnail or for words

# Colour is 8-bit grey or RGB; the chunks that may stand beside the picture have a fixed length, too short for words.
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DEPTH_AND_COLOUR = (b"\x08\x00", b"\x08\x02")
_PNG_SMALL = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9}


def is_plain(data: bytes) -> bool:
    """Tell whether the bytes are a JPEG or a PNG without metadata, alpha, animation or trailing bytes."""
    try:
        return _is_plain_png(data) if data.startswith(_PNG) else _is_plain_jpeg(data)
    except (struct.error, IndexError):  # it ends in the middle of a mark
        return False


def _is_plain_jpeg(data: bytes) -> bool:
    if data[:2] != bytes((0xFF, _SOI)):
        return False
    at = 2
    while data[at : at + 2] != bytes((0xFF, _EOI)):
        fill, kind, length = _SEGMENT.unpack_from(data, at)
        if fill != 0xFF or not _may_stand(kind, length, data[at + 4 : at + 2 + length]):
            return False
        at += 2 + length
        if kind == _SOS:
            scan_end = _END_OF_SCAN.search(data, at)
            if not scan_end:
                return False
            at = scan_end.start()
    return at + 2 == len(data)


def _may_stand(kind: int, length: int, body: bytes) -> bool:
    if kind in _FRAMES:
        return body[0] == 8 and body[5] in (1, 3)  # bits a channel; grey or three colours
    if kind == _APP0:
        return length == _JFIF_LENGTH and body.startswith(b"JFIF\0")
    if kind == _APP14:
        return length == _ADOBE_LENGTH and body.startswith(b"Adobe")
    return kind == _SOS or kind in _TABLES


def _is_plain_png(data: bytes) -> bool:
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = _CHUNK.unpack_from(data, at)
        start, at = at + 8, at + 12 + length
        (checksum,) = _CHECKSUM.unpack_from(data, at - 4)
        if zlib.crc32(data[start - 4 : at - 4]) != checksum or not _may_stand_in_png(kind, data[start : at - 4]):
            return False
    return at == len(data)


def _may_stand_in_png(kind: bytes, body: bytes) -> bool:
    if kind == b"IHDR":
        return body[8:10] in _PNG_DEPTH_AND_COLOUR
    return kind in (b"IDAT", b"IEND") or _PNG_SMALL.get(kind) == len(body)
