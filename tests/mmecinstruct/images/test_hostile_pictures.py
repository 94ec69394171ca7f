"""Hostile, damaged and unusual pictures, each laid in the folder of pictures at hand."""

import hashlib
import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from mmecinstruct.images import Failure, Picture, PictureStore

ADDRESS = "https://m.media-amazon.com/images/I/41test.jpg"
OpenStore = Callable[..., PictureStore]


def scene(mode: str = "RGB", size: tuple[int, int] = (120, 90)) -> Image.Image:
    """A red left half and a blue right half with a white mark in the upper left corner."""
    image = Image.new("RGB", size, (200, 30, 30))
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] // 2, 0, *size), fill=(30, 30, 200))
    draw.rectangle((0, 0, size[0] // 8, size[1] // 8), fill=(255, 255, 255))
    return image.convert(mode)


def encoded(image: Image.Image, file_format: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **how)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, colour: int = 0, rows: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_chunk(data: bytes, kind: bytes, body: bytes) -> bytes:
    return data[:33] + chunk(kind, body) + data[33:]


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + data[2:]


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)}
    return tags


def frames(file_format: str) -> bytes:
    return encoded(scene(), file_format, save_all=True, append_images=[Image.new("RGB", (120, 90), "green")])


def scan_bomb() -> bytes:
    data = encoded(scene(size=(1000, 1000)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 500 + data[-2:]


def webp_canvas(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    still = encoded(scene(), "WEBP")[12:]
    frame = bytes(6) + (119).to_bytes(3, "little") + (89).to_bytes(3, "little") + bytes(4) + still
    chunks = ((b"VP8X", b"\x02\0\0\0" + sides), (b"ANIM", bytes(6)), (b"ANMF", frame))
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(part)) + part for kind, part in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


JPEG, PNG = encoded(scene(), "JPEG"), encoded(scene(), "PNG")
RANDOM = random.Random(7).randbytes(4096)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'

REFUSED = {
    "png_header_of_400_megapixels": (png(20_000, 20_000), "too_many_pixels"),
    "png_of_169_megapixels": (png(13_000, 13_000, rows=bytes(1000)), "too_many_pixels"),
    "png_of_51_megapixels": (png(7_150, 7_150), "too_many_pixels"),
    "png_of_the_largest_sides": (png(2**31 - 1, 2**31 - 1), "too_many_pixels"),
    "gif_of_the_largest_sides": (b"GIF89a\xff\xff\xff\xff" + encoded(scene("P"), "GIF")[10:], "too_many_pixels"),
    "webp_of_the_largest_canvas": (webp_canvas(16_383, 16_383), "too_many_pixels"),
    "jpeg_of_the_largest_sides": (JPEG.replace(b"\0\x5a\0\x78\x03", b"\xff\xff\xff\xff\x03"), "too_many_pixels"),
    "jpeg_of_500_scans": (scan_bomb(), "too_many_scans"),
    "more_than_5_megabytes": (JPEG + bytes(5 * 1024 * 1024), "too_large"),
    "jpeg_cut_in_the_middle": (JPEG[: len(JPEG) // 2], "truncated"),
    "jpeg_cut_in_the_header": (JPEG[:100], "truncated"),
    "jpeg_of_its_mark_alone": (JPEG[:3], "truncated"),
    "png_cut_in_the_middle": (PNG[: len(PNG) // 2], "truncated"),
    "png_with_too_few_rows": (png(100, 100, rows=bytes(500)), "truncated"),
    "png_of_no_width": (png(0, 100), "truncated"),
    "png_with_a_text_bomb": (
        with_chunk(PNG, b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))),
        "truncated",
    ),
    "gif_cut_in_the_header": (b"GIF89a\x10", "truncated"),
    "webp_cut_in_the_middle": (encoded(scene(), "WEBP")[:60], "truncated"),
    "html": (b"<!DOCTYPE html><html><body>Not found</body></html>", "not_an_image"),
    "json": (b'{"error": "no such key"}', "not_an_image"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "not_an_image"),
    "no_bytes": (b"", "not_an_image"),
    "one_byte": (b"\xff", "not_an_image"),
    "random_bytes": (RANDOM, "not_an_image"),
    "zero_bytes": (bytes(4096), "not_an_image"),
    "gzip_of_a_jpeg": (b"\x1f\x8b\x08\0" + zlib.compress(JPEG), "not_an_image"),
    "svg": (SVG, "format_not_allowed"),
    "svg_behind_a_declaration": (b'<?xml version="1.0"?>' + SVG, "format_not_allowed"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "format_not_allowed"),
    "tiff": (encoded(scene(), "TIFF"), "format_not_allowed"),
    "bmp": (encoded(scene(), "BMP"), "format_not_allowed"),
    "ico": (encoded(scene(), "ICO"), "format_not_allowed"),
    "avif_mark": (b"\0\0\0\x20ftypavif" + RANDOM, "format_not_allowed"),
    "psd_mark": (b"8BPS" + RANDOM, "format_not_allowed"),
    "fits_mark": (b"SIMPLE  =                    T", "format_not_allowed"),
    "one_pixel": (encoded(Image.new("RGB", (1, 1)), "GIF"), "placeholder"),
    "amazons_no_image_size": (encoded(scene(size=(60, 40)), "GIF"), "placeholder"),
    "one_colour": (encoded(Image.new("RGB", (500, 500), (240, 240, 240)), "JPEG"), "placeholder"),
    "nearly_one_colour": (encoded(Image.linear_gradient("L").point(lambda v: 240 + v // 64), "PNG"), "placeholder"),
    "all_transparent": (encoded(Image.new("RGBA", (200, 200), (9, 9, 9, 0)), "PNG"), "placeholder"),
    "a_column_of_60000": (encoded(scene(size=(1, 60_000)), "PNG"), "too_thin"),
    "a_row_of_60000": (encoded(scene(size=(60_000, 1)), "JPEG"), "too_thin"),
}
KEPT = {
    "jpeg": JPEG,
    "jpeg_progressive": encoded(scene(), "JPEG", progressive=True),
    "jpeg_grey": encoded(scene("L"), "JPEG"),
    "jpeg_with_restarts": encoded(scene(), "JPEG", restart_marker_rows=1),
    "jpeg_without_subsampling": encoded(scene(), "JPEG", subsampling=0),
    "jpeg_that_fills_the_box": encoded(scene(size=(500, 500)), "JPEG"),
    "png": PNG,
    "png_grey": encoded(scene("L"), "PNG"),
    "png_with_a_resolution": encoded(scene(), "PNG", dpi=(72, 72)),
}
MADE_PLAIN = {
    "jpeg_cmyk": encoded(scene("CMYK"), "JPEG"),
    "jpeg_with_gps": encoded(scene(), "JPEG", exif=exif()),
    "jpeg_with_broken_exif": with_segment(JPEG, 0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "jpeg_with_xmp": with_segment(JPEG, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
    "jpeg_with_icc": encoded(scene(), "JPEG", icc_profile=bytes(200)),
    "jpeg_with_a_comment": encoded(scene(), "JPEG", comment=b"secret"),
    "jpeg_with_words_in_its_jfif": JPEG[:4] + b"\0\x16" + JPEG[6:20] + b"secret" + JPEG[20:],
    "jpeg_with_a_zip_behind": JPEG + b"PK\x03\x04 secret",
    "jpeg_without_its_end": JPEG[:-2],
    "jpeg_multi_picture": encoded(scene(), "MPO", save_all=True, append_images=[scene()]),
    "jpeg_too_wide": encoded(scene(size=(1200, 900)), "JPEG"),
    "png_too_wide": encoded(scene(size=(1200, 900)), "PNG"),
    "png_rgba": encoded(scene("RGBA"), "PNG"),
    "png_palette": encoded(scene("P"), "PNG"),
    "png_palette_transparent": encoded(scene("P"), "PNG", transparency=0),
    "png_rgb_with_a_transparent_colour": encoded(scene(), "PNG", transparency=(1, 2, 3)),
    "png_grey_with_alpha": encoded(scene("LA"), "PNG"),
    "png_one_bit": encoded(scene("1"), "PNG"),
    "png_16_bit": encoded(scene("L").convert("I;16").point(lambda v: v * 256), "PNG"),
    "png_with_text": with_chunk(PNG, b"tEXt", b"Author\0secret"),
    "png_with_exif": encoded(scene(), "PNG", exif=exif()),
    "png_with_words_behind": PNG + b"secret",
    "png_with_a_wrong_checksum": PNG[:-14] + bytes([PNG[-14] ^ 1]) + PNG[-13:],
    "png_animated": frames("PNG"),
    "gif": encoded(scene("P"), "GIF"),
    "gif_animated": frames("GIF"),
    "webp": encoded(scene(), "WEBP"),
    "webp_animated": frames("WEBP"),
    "webp_rgba": encoded(scene("RGBA"), "WEBP"),
    "webp_with_gps": encoded(scene(), "WEBP", exif=exif()),
}


@pytest.fixture
def obtain(tmp_path: Path, open_store: OpenStore) -> Callable[[bytes], tuple[Picture | Failure, bytes]]:
    """Lay bytes in the folder under a name that says JPEG, and ask for the picture."""
    store = open_store(images_dirs=[tmp_path])

    def obtained(data: bytes) -> tuple[Picture | Failure, bytes]:
        (tmp_path / "41test.jpg").write_bytes(data)
        (outcome,) = store.obtain([[ADDRESS]])
        return outcome, store.read(outcome.sha256) if isinstance(outcome, Picture) else b""

    return obtained


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_hostile_bytes_give_a_reason(obtain: Callable[[bytes], Any], data: bytes, reason: str) -> None:
    assert obtain(data) == (Failure(reason), b"")


@pytest.mark.parametrize("data", KEPT.values(), ids=list(KEPT))
def test_bytes_that_conform_are_kept_as_they_are(obtain: Callable[[bytes], Any], data: bytes) -> None:
    outcome, stored = obtain(data)
    assert stored == data
    assert outcome.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("data", MADE_PLAIN.values(), ids=list(MADE_PLAIN))
def test_other_pictures_become_plain_jpegs(obtain: Callable[[bytes], Any], data: bytes) -> None:
    outcome, stored = obtain(data)
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert image.size == (outcome.width, outcome.height)
        assert max(image.size) <= 500
    assert b"secret" not in stored


@pytest.mark.parametrize("name", ["gif_animated", "webp_animated", "png_animated", "jpeg_cmyk", "png_16_bit"])
def test_the_scene_is_still_there(obtain: Callable[[bytes], Any], name: str) -> None:
    _, stored = obtain(MADE_PLAIN[name])
    left, right = at(stored, (30, 45)), at(stored, (90, 45))
    assert max(abs(a - b) for a, b in zip(left, right, strict=True)) > 20
    assert min(at(stored, (3, 3))) > 230


def test_what_is_transparent_becomes_white(obtain: Callable[[bytes], Any]) -> None:
    image = scene("RGBA")
    image.paste((0, 0, 0, 0), (60, 0, 120, 90))
    _, stored = obtain(encoded(image, "PNG"))
    assert min(at(stored, (90, 45))) > 250


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_turned_picture_is_stored_upright(
    obtain: Callable[[bytes], Any], file_format: str, orientation: int
) -> None:
    turned = lying(scene(size=(800, 640)), orientation)
    outcome, stored = obtain(encoded(turned, file_format, exif=exif(orientation)))
    assert (outcome.width, outcome.height) == (500, 400)
    assert min(at(stored, (10, 10))) > 200
    red, _, blue = at(stored, (400, 300))
    assert blue > red


def lying(image: Image.Image, orientation: int) -> Image.Image:
    """What a camera writes down that was held so."""
    turn = Image.Transpose
    turns = {2: turn.FLIP_LEFT_RIGHT, 3: turn.ROTATE_180, 4: turn.FLIP_TOP_BOTTOM, 5: turn.TRANSPOSE}
    turns |= {6: turn.ROTATE_90, 7: turn.TRANSVERSE, 8: turn.ROTATE_270}
    return image.transpose(turns[orientation]) if orientation > 1 else image


def at(data: bytes, place: tuple[int, int]) -> tuple[int, ...]:
    with Image.open(io.BytesIO(data)) as image:
        pixel = image.convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize(("size", "box", "fitted"), [((1500, 1000), 500, (500, 333)), ((90, 300), 500, (90, 300))])
def test_a_picture_is_fitted_and_never_enlarged(
    tmp_path: Path, open_store: OpenStore, size: tuple[int, int], box: int, fitted: tuple[int, int]
) -> None:
    (tmp_path / "41test.png").write_bytes(encoded(scene("RGBA", size), "PNG"))
    (outcome,) = open_store(images_dirs=[tmp_path], box=box).obtain([[ADDRESS]])
    assert isinstance(outcome, Picture)
    assert (outcome.width, outcome.height) == fitted


def test_the_same_bytes_give_the_same_picture_on_any_number_of_threads(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"41n{number}.jpg").write_bytes(encoded(scene(size=(600 + number, 700)), "JPEG"))
    wanted = [[f"https://m.media-amazon.com/images/I/41n{number}.jpg"] for number in range(8)]
    outcomes = []
    for workers in (1, 4):
        with PictureStore(tmp_path / f"{workers}.sqlite", images_dirs=[tmp_path], workers=workers) as store:
            outcomes.append(store.obtain(wanted))
    assert outcomes[0] == outcomes[1]
