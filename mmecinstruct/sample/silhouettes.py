"""The ten outlines, drawn in a square from -1 to 1 so that each is told from the others at 32 pixels."""

from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

Point = tuple[float, float]

OVERSAMPLING = 4


class Pen:
    """Draws in unit coordinates on a mask: 255 is the object, 0 is not."""

    def __init__(self, radius: int) -> None:
        self.scale = radius * OVERSAMPLING
        self.mask = Image.new("L", (2 * self.scale, 2 * self.scale), 0)
        self.draw = ImageDraw.Draw(self.mask)

    def polygon(self, *points: Point, fill: int = 255) -> None:
        """Fill a polygon."""
        self.draw.polygon([self._at(x, y) for x, y in points], fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: int = 255) -> None:
        """Fill a rectangle."""
        self.draw.rectangle([self._at(left, top), self._at(right, bottom)], fill=fill)

    def oval(self, left: float, top: float, right: float, bottom: float, fill: int = 255) -> None:
        """Fill an ellipse."""
        self.draw.ellipse([self._at(left, top), self._at(right, bottom)], fill=fill)

    def _at(self, x: float, y: float) -> Point:
        return (x + 1) * self.scale, (y + 1) * self.scale


def _hammer(pen: Pen) -> None:
    pen.box(-0.95, -0.95, 0.95, -0.3)
    pen.box(-0.2, -0.3, 0.2, 0.98)


def _key(pen: Pen) -> None:
    pen.oval(-0.98, -0.6, 0.22, 0.6)
    pen.oval(-0.62, -0.24, -0.14, 0.24, fill=0)
    pen.box(0.15, -0.2, 0.98, 0.2)
    pen.box(0.4, 0.2, 0.6, 0.6)
    pen.box(0.78, 0.2, 0.98, 0.6)


def _lamp(pen: Pen) -> None:
    pen.polygon((-0.45, -0.95), (0.45, -0.95), (0.95, 0.15), (-0.95, 0.15))
    pen.box(-0.14, 0.15, 0.14, 0.75)
    pen.box(-0.6, 0.72, 0.6, 0.97)


def _lock(pen: Pen) -> None:
    pen.oval(-0.6, -0.98, 0.6, 0.3)
    pen.oval(-0.3, -0.66, 0.3, 0.3, fill=0)
    pen.box(-0.85, -0.1, 0.85, 0.97)


def _mug(pen: Pen) -> None:
    pen.oval(0.1, -0.55, 0.98, 0.5)
    pen.oval(0.3, -0.28, 0.7, 0.23, fill=0)
    pen.box(-0.9, -0.85, 0.4, 0.9)


def _ball(pen: Pen) -> None:
    pen.oval(-0.95, -0.95, 0.95, 0.95)


def _boat(pen: Pen) -> None:
    pen.polygon((-0.98, 0.35), (0.98, 0.35), (0.6, 0.95), (-0.6, 0.95))
    pen.box(-0.09, -0.98, 0.09, 0.4)
    pen.polygon((0.09, -0.95), (0.85, 0.15), (0.09, 0.15))
    pen.polygon((-0.09, -0.7), (-0.09, 0.15), (-0.7, 0.15))


def _bottle(pen: Pen) -> None:
    pen.box(-0.24, -0.98, 0.24, -0.2)
    pen.oval(-0.55, -0.6, 0.55, 0.3)
    pen.box(-0.55, -0.15, 0.55, 0.98)


def _kite(pen: Pen) -> None:
    pen.polygon((0, -0.98), (0.85, -0.25), (0, 0.65), (-0.85, -0.25))
    pen.polygon((-0.4, 0.62), (0.4, 0.98), (0.4, 0.62), (-0.4, 0.98))


def _tent(pen: Pen) -> None:
    pen.polygon((0, -0.95), (0.98, 0.9), (-0.98, 0.9))
    pen.polygon((0, 0.1), (0.32, 0.92), (-0.32, 0.92), fill=0)


OUTLINES: dict[str, Callable[[Pen], None]] = {
    "hammer": _hammer,
    "key": _key,
    "lamp": _lamp,
    "lock": _lock,
    "mug": _mug,
    "ball": _ball,
    "boat": _boat,
    "bottle": _bottle,
    "kite": _kite,
    "tent": _tent,
}


@lru_cache(maxsize=256)
def silhouette(kind: str, radius: int) -> Image.Image:
    """Return the mask of one object, 2 x radius wide."""
    pen = Pen(radius)
    OUTLINES[kind](pen)
    return pen.mask.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
