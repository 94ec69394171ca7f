"""The drawn pictures that the pocket captioner learns from, shrunk as its processor shrinks them."""

import io
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.drawing import draw_jpeg
from mmecinstruct.sample.looks import ALL_KINDS, BLURRED, Picture, draw_look

Pixels = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]  # the stage, what of it is done, and how much there is

CHUNK = 100  # drawn in half a second, which is what a kill costs


def imagine(n: int, chance: Chance) -> list[Picture]:
    """Return `n` pictures of freely chosen looks, some of them blurred, in equal shares of everything."""
    spots = [chance.at("imagined", number) for number in range(n)]
    return [
        Picture(f"imagined {number}", draw_look(spot, ALL_KINDS), spot.number("blurred") < BLURRED / 3)
        for number, spot in enumerate(spots)
    ]


def draw_pictures(
    folder: Path, pictures: Sequence[Picture], chance: Chance, side: int, workers: int, progress: Progress
) -> Pixels:
    """Return the pictures as `side` x `side` pixels; what `folder` holds of them is not drawn again."""
    folder.mkdir(parents=True, exist_ok=True)
    chunks = [pictures[start : start + CHUNK] for start in range(0, len(pictures), CHUNK)]
    paths = [folder / f"{number:04}.npy" for number in range(len(chunks))]
    missing = [(path, chunk) for path, chunk in zip(paths, chunks, strict=True) if not path.exists()]
    for n_done, _ in enumerate(_each(partial(_draw, chance, side), missing, workers), start=1):
        progress("pictures", len(chunks) - len(missing) + n_done, len(chunks))
    return np.concatenate([np.load(path, allow_pickle=False) for path in paths])


def shrink(jpeg: bytes, side: int) -> Pixels:
    """Return a picture's pixels before they are normalised: the very ones that a CLIP processor makes."""
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    return np.array(image.resize((side, side), Image.Resampling.BICUBIC))


def _each(
    draw: Callable[[tuple[Path, Sequence[Picture]]], None],
    chunks: Sequence[tuple[Path, Sequence[Picture]]],
    workers: int,
) -> Iterator[None]:
    if workers <= 1:
        yield from map(draw, chunks)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(draw, chunks)


def _draw(chance: Chance, side: int, chunk: tuple[Path, Sequence[Picture]]) -> None:
    path, pictures = chunk
    pixels = np.stack([shrink(draw_jpeg(picture, chance), side) for picture in pictures])
    unfinished = path.with_suffix(".part.npy")
    np.save(unfinished, pixels, allow_pickle=False)
    unfinished.replace(path)
