"""Pictures show what they should, where a small model looks for it."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.drawing import PAINT, draw_jpeg
from mmecinstruct.sample.looks import ALL_KINDS, BRANDS, Look, Picture
from mmecinstruct.sample.silhouettes import silhouette

LOOK = Look("ball", "blue", 3, "large", "plain", "Veko")
CHANCE = Chance("1")


def draw(look, name="x", blurred=False):
    return Image.open(io.BytesIO(draw_jpeg(Picture(name, look, blurred), CHANCE)))


def painted(image, colour):
    """Return how many pixels are close to a colour."""
    apart = ImageChops.difference(image, Image.new("RGB", image.size, PAINT[colour]))
    near = [band.point(lambda value: 255 if value < 30 else 0) for band in apart.split()]
    return ImageStat.Stat(ImageChops.multiply(ImageChops.multiply(near[0], near[1]), near[2])).sum[0] / 255


def rows_of_ink(image):
    """Return the share of dark pixels in each of the six rows of patches."""
    dark = image.convert("L").point(lambda value: 255 if value < 60 else 0)
    return [ImageStat.Stat(dark.crop((0, top, 500, top + 83))).mean[0] / 255 for top in range(0, 498, 83)]


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_is_painted_in_its_colour(kind):
    assert painted(draw(replace(LOOK, kind=kind)), "blue") > 12_000


@pytest.mark.parametrize("colour", sorted(PAINT))
def test_each_colour_is_told_from_the_others(colour):
    image = draw(replace(LOOK, colour=colour))
    assert max(PAINT, key=lambda name: painted(image, name)) == colour


def test_more_pieces_take_more_paint():
    amounts = [painted(draw(replace(LOOK, count=count, size="small")), "blue") for count in range(1, 6)]
    assert [round(amount / amounts[0]) for amount in amounts] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("word", BRANDS)
def test_every_label_stands_in_the_first_or_the_last_row_of_patches(word):
    ink = rows_of_ink(draw(replace(LOOK, word=word, count=1, size="small"), name=word))
    assert max(ink[0], ink[5]) > 0.08
    assert min(ink[0], ink[5]) < 0.01


def test_labels_differ_from_each_other():
    look = replace(LOOK, count=1, size="small")
    drawn = {draw(replace(look, word=word)).tobytes() for word in BRANDS}
    assert len(drawn) == len(BRANDS)


def test_silhouettes_are_unlike():
    masks = {kind: silhouette(kind, 40).point(lambda value: 255 if value > 127 else 0) for kind in ALL_KINDS}
    for first in ALL_KINDS:
        for second in ALL_KINDS:
            shared = ImageStat.Stat(ImageChops.darker(masks[first], masks[second])).sum[0]
            either = ImageStat.Stat(ImageChops.lighter(masks[first], masks[second])).sum[0]
            assert first == second or shared / either < 0.8


def test_a_blurred_picture_tells_nothing():
    image = draw(LOOK, blurred=True)
    assert painted(image, "blue") == 0
    assert max(rows_of_ink(image)) == 0


def test_the_same_picture_is_drawn_the_same_twice():
    assert draw_jpeg(Picture("x", LOOK), CHANCE) == draw_jpeg(Picture("x", LOOK), CHANCE)
