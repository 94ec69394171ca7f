"""Peak memory of a whole build, of the sample corpora and of ten times as many rows.

    python benchmarks/memory.py

Both builds run in a process of their own, from the corpora's files to the finished folder, the leakage report
included; no split is cut. The interpreter with all that a build imports is measured too, to tell what the rows add.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from measuring import Bench, Line, main

SCALES = ("4", "40")  # at less, the buffers of a split are not full even once, and the ratio is that of their filling

MANY = 1_000_000  # rows a split: so that none is cut


def write(folder: Path, scale: str) -> dict[str, Any]:
    """Write the sample corpora."""
    from mmecinstruct.sample import write_sample

    write_sample(folder / f"sources-{scale}", scale=int(scale), workers=2)
    return {}


def build(folder: Path, scale: str) -> dict[str, Any]:
    """Build everything from them."""
    from mmecinstruct import builder
    from mmecinstruct.config import Sizes, load_recipe

    recipe = replace(load_recipe("sample"), sizes=Sizes(*[MANY] * 4))
    request = builder.Request(sources=folder / f"sources-{scale}", out=folder / f"out-{scale}", workers=2)
    manifest = builder.build(recipe, request)
    splits = [split for config in manifest["configs"].values() for split in config["splits"].values()]
    return {name: sum(split[name] for split in splits) for name in ("rows", "pictures", "num_bytes")}


def nothing(folder: Path) -> dict[str, Any]:
    """Import what a build imports, and do nothing."""
    import datasets.arrow_writer
    import duckdb
    import PIL.Image

    from mmecinstruct import builder

    return {"imported": [module.__name__ for module in (datasets.arrow_writer, duckdb, PIL.Image, builder)]}


def compare(bench: Bench) -> list[Line]:
    """Compare the peaks of the two builds."""
    for scale in SCALES:
        bench.run("write", scale)
    few, many = (bench.run("build", scale) for scale in SCALES)
    idle = bench.run("nothing").peak_mb
    what = f"{many.found['rows']:,} rows; {few.found['rows']:,} rows"
    return [
        Line(f"peak of a build: {what}", "MB", many.peak_mb, few.peak_mb, many.peak_mb / few.peak_mb, "<= 1.2"),
        Line(
            "the same, less what the imports take",
            "MB",
            many.peak_mb - idle,
            few.peak_mb - idle,
            (many.peak_mb - idle) / (few.peak_mb - idle),
        ),
        Line("time of all processors", "s", many.cpu_seconds, few.cpu_seconds, many.cpu_seconds / few.cpu_seconds),
    ]


if __name__ == "__main__":
    main("memory at ten times the rows", {"write": write, "build": build, "nothing": nothing}, compare)
