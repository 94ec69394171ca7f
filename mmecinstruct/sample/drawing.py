"""Draws one picture of a product so that a model of a million parameters can read it.

The drawing is aligned with a 6 x 6 grid of patches: each object fills two by two of them, the label one row.
"""

import io
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import Look, Picture
from mmecinstruct.sample.silhouettes import silhouette

Colour = tuple[int, int, int]
SIDE = 500
CENTRES = [(x, y) for y in (167, 333) for x in (83, 250, 417)]
RADII = {"small": 42, "medium": 60, "large": 80}
JITTER = 10
PERIOD = 26
OUTLINE = 9
INK: Colour = (25, 22, 30)
PAINT: dict[str, Colour] = {
    "red": (214, 32, 38),
    "orange": (248, 138, 16),
    "yellow": (246, 222, 40),
    "green": (34, 150, 62),
    "blue": (36, 84, 214),
    "purple": (122, 44, 170),
    "pink": (250, 140, 190),
    "brown": (118, 70, 34),
}
LABEL_HEIGHT = 82  # a sixth of the side: one row of patches
FONT_SIZE = 84
BLUR_RADIUS = 70  # with the fog, neither colours nor counts survive it
FOG: Colour = (205, 205, 205)
QUALITY = 50  # about 13 KB; the edges of checks and dots are what costs


def draw_jpeg(picture: Picture, chance: Chance) -> bytes:
    """Return the picture as the bytes of a 500 x 500 JPEG file."""
    image = _draw(picture.look, chance.at("drawing", picture.id))
    if picture.blurred:
        fog = Image.new("RGB", image.size, FOG)
        image = Image.blend(image.filter(ImageFilter.GaussianBlur(BLUR_RADIUS)), fog, 0.6)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()


def _draw(look: Look, chance: Chance) -> Image.Image:
    image = _background(chance)
    for number, (x, y) in enumerate(chance.some(CENTRES, look.count, "cells")):
        spot = chance.at("object", number)
        centre = x + spot.whole(-JITTER, JITTER, "x"), y + spot.whole(-JITTER, JITTER, "y")
        _place(image, look, centre, spot)
    label = _label(look.word.upper())
    top = chance.one([0, SIDE - LABEL_HEIGHT], "label row")
    image.paste(label, (chance.whole(10, 110, "label x"), top))
    return image


def _background(chance: Chance) -> Image.Image:
    shade = tuple(chance.whole(226, 248, f"shade {band}") for band in "rgb")
    image = Image.new("RGB", (SIDE, SIDE), shade)
    if chance.number("cluttered") < 0.5:
        _clutter(image, shade, chance)
    return image


def _clutter(image: Image.Image, shade: tuple[int, ...], chance: Chance) -> None:
    pencil = ImageDraw.Draw(image)
    for number in range(7):
        shape = chance.at("clutter", number)
        tint = tuple(band - shape.whole(6, 18, f"tint {i}") for i, band in enumerate(shade))
        left, top = shape.whole(-60, 420, "left"), shape.whole(-60, 420, "top")
        corners = (left, top, left + shape.whole(60, 200, "width"), top + shape.whole(60, 200, "height"))
        if shape.number("round") < 0.5:
            pencil.ellipse(corners, fill=tint)
        else:
            pencil.rectangle(corners, fill=tint)


def _place(image: Image.Image, look: Look, centre: tuple[int, int], chance: Chance) -> None:
    radius = round(RADII[look.size] * (1 + 0.03 * (2 * chance.number("radius") - 1)))
    outline, mask = _stencils(look.kind, radius)
    half = outline.width // 2
    corner = centre[0] - half, centre[1] - half
    image.paste(INK, (*corner, corner[0] + outline.width, corner[1] + outline.height), outline)
    shift = chance.whole(0, PERIOD - 1, "shift")
    cloth = _cloth(look.colour, look.pattern).crop((shift, shift, shift + mask.width, shift + mask.height))
    image.paste(cloth, corner, mask)


@lru_cache(maxsize=256)
def _stencils(kind: str, radius: int) -> tuple[Image.Image, Image.Image]:
    """Return the masks of an object with and without its dark outline, which keeps stripes from eating its edge."""
    mask = Image.new("L", (2 * radius + 2 * OUTLINE,) * 2, 0)
    mask.paste(silhouette(kind, radius), (OUTLINE, OUTLINE))
    return mask.filter(ImageFilter.MaxFilter(OUTLINE)), mask


@lru_cache(maxsize=64)
def _cloth(colour: str, pattern: str) -> Image.Image:
    paint = PAINT[colour]
    second = tuple(round(255 - (255 - band) * 0.12) for band in paint)
    cloth = Image.new("RGB", (250, 250), paint)
    pencil = ImageDraw.Draw(cloth)
    half = PERIOD // 2
    steps = range(0, 250, PERIOD)
    if pattern == "striped":
        for y in steps:
            pencil.rectangle((0, y, 250, y + half - 1), fill=second)
    if pattern == "checked":
        for y in range(0, 250, half):
            for x in range(half * (y // half % 2), 250, PERIOD):
                pencil.rectangle((x, y, x + half - 1, y + half - 1), fill=second)
    if pattern == "dotted":
        for y in steps:
            for x in steps:
                pencil.ellipse((x + 5, y + 5, x + 19, y + 19), fill=second)
    return cloth


@lru_cache(maxsize=64)
def _label(word: str) -> Image.Image:
    font = ImageFont.load_default(FONT_SIZE)
    left, top, right, bottom = font.getbbox(word, stroke_width=2)
    width, height = round(right - left), round(bottom - top)
    label = Image.new("RGB", (width + 28, LABEL_HEIGHT), "white")
    pencil = ImageDraw.Draw(label)
    pencil.rectangle((0, 0, label.width - 1, label.height - 1), outline=INK, width=3)
    corner = 14 - left, (LABEL_HEIGHT - height) / 2 - top
    pencil.text(corner, word, font=font, fill=INK, stroke_width=2, stroke_fill=INK)
    return label
