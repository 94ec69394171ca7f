"""Draws the pictures of a sample into files, on as many processes as are asked for."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.drawing import draw_jpeg
from mmecinstruct.sample.looks import Picture

ERROR_PAGE = b"<!DOCTYPE html>\n<html><head><title>404 - Document Not Found</title></head><body></body></html>\n"
CHUNK = 32


def write_pictures(
    folder: Path,
    pictures: Iterable[Picture],
    chance: Chance,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Write each picture as `<image id>.jpg`, but for those that are missing on purpose."""
    folder.mkdir(parents=True)
    wanted = [picture for picture in pictures if picture.fault not in ("missing", "placeholder")]
    write = partial(_write, folder, chance)
    for n_done, _ in enumerate(_each(write, wanted, workers), start=1):
        if progress:
            progress(n_done, len(wanted))


def _each(write: Callable[[Picture], None], pictures: list[Picture], workers: int) -> Iterator[None]:
    if workers <= 1:
        yield from map(write, pictures)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(write, pictures, chunksize=CHUNK)


def _write(folder: Path, chance: Chance, picture: Picture) -> None:
    data = draw_jpeg(picture, chance)
    if picture.fault == "truncated":
        data = data[: len(data) // 2]
    if picture.fault == "not_an_image":
        data = ERROR_PAGE
    (folder / f"{picture.id}.jpg").write_bytes(data)
