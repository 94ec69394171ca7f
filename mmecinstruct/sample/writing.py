"""Writes a sample as a whole: into a folder beside the wanted one, which takes its place at the very end."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from mmecinstruct.errors import OutputError
from mmecinstruct.sample.amazon2018 import write_amazon2018
from mmecinstruct.sample.amazon2023 import write_amazon2023
from mmecinstruct.sample.amazonqa import write_amazonqa
from mmecinstruct.sample.dirt import Ledger, encode
from mmecinstruct.sample.looks import Shares
from mmecinstruct.sample.mave import write_mave
from mmecinstruct.sample.pictures import write_pictures
from mmecinstruct.sample.shopping_queries import write_shopping_queries
from mmecinstruct.sample.truth import count_evidence, tell_truth
from mmecinstruct.sample.world import World, plan_world

FORMAT = 1
NAME = "sample.json"


def write_all(
    directory: Path,
    scale: int,
    seed: int,
    shares: Shares,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Plan the world and write its corpora, its pictures and the truth about it."""
    world = plan_world(scale, seed, shares)
    with replacing(directory) as folder:
        ledger = _write_corpora(folder, world)
        write_pictures(folder / "images", world.pictures().values(), world.chance, workers, progress)
        truths = list(tell_truth(world))
        (folder / "truth.jsonl").write_bytes(b"".join(encode(truth) + b"\n" for truth in truths))
        summary = {
            "format": FORMAT,
            "seed": seed,
            "scale": scale,
            "shares": asdict(shares),
            "records": count_evidence(truths),
            "quirks": {"lines": ledger.lines, "pictures": world.faults(), "rows": ledger.rows},
            "harmless": ledger.harmless,
        }
        (folder / NAME).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def _write_corpora(folder: Path, world: World) -> Ledger:
    ledger = Ledger(folder, world.chance)
    write_amazonqa(ledger, world.questions)
    write_mave(ledger, world.labelled)
    write_amazon2018(ledger, world.products, world.pairs)
    write_amazon2023(ledger, world.products, world.reviews, world.purchases)
    write_shopping_queries(ledger, world.judgements)
    return ledger


@contextmanager
def replacing(directory: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `directory` when all went well, and vanishes when not.

    Raises:
        OutputError: `directory` holds something that is not a sample.
    """
    directory = directory.absolute()
    _refuse_foreign(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}.", dir=directory.parent) as temporary:
        fresh, old = Path(temporary, "new"), Path(temporary, "old")
        fresh.mkdir()
        yield fresh
        if directory.exists():
            directory.rename(old)
        fresh.rename(directory)


def _refuse_foreign(directory: Path) -> None:
    if not directory.exists():
        return
    if not directory.is_dir():
        raise OutputError(f"{directory} is a file. Name a folder for the sample.")
    if any(directory.iterdir()) and not (directory / NAME).is_file():
        raise OutputError(f"{directory} holds files but no {NAME}, so it is not a sample. Name another folder.")
