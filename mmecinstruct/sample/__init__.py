"""The bundled sample corpora: a closed world of drawn products, written in the layouts of the real corpora."""

from collections.abc import Callable
from pathlib import Path

from mmecinstruct.sample.looks import USUAL_SHARES, Shares

__all__ = ["Shares", "write_sample"]


def write_sample(
    directory: Path,
    *,
    scale: int = 1,
    seed: int = 1,
    shares: Shares = USUAL_SHARES,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the sample corpora, byte for byte the same for the same scale, seed and shares.

    Args:
        directory: where to write; an older sample there is replaced as a whole.
        scale: how many times the usual number of records, about 900 pictures at 1.
        seed: another seed is another world.
        shares: how often a picture settles the answer, repeats the text, or misleads.
        workers: processes that draw.
        progress: is told how many of the pictures are drawn.
    """
    from mmecinstruct.sample.writing import write_all

    write_all(directory, scale, seed, shares, workers, progress)
