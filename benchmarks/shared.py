"""`pictures: shared` against `inline`: bytes of the built Parquet, of SR alone and of everything.

    python benchmarks/shared.py

The sample corpora at eight times their size, built both ways.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from measuring import Bench, Line, check, main


def write(folder: Path) -> dict[str, Any]:
    """Write the sample corpora."""
    from mmecinstruct.sample import write_sample

    write_sample(folder / "sources", scale=8, workers=2)
    return {}


def build(folder: Path, pictures: Literal["inline", "shared"], *tasks: str) -> dict[str, Any]:
    """Build some tasks (all, if none is named), with pictures `inline` or `shared`."""
    from mmecinstruct import builder
    from mmecinstruct.config import load_recipe

    recipe = replace(load_recipe("sample"), pictures=pictures)
    out = folder / "-".join((pictures, *tasks))
    manifest = builder.build(recipe, builder.Request(folder / "sources", out, tasks=tasks, workers=2))
    configs = {name: config["splits"].values() for name, config in manifest["configs"].items()}
    rows = sum(split["rows"] for name, splits in configs.items() for split in splits if name != "pictures")
    return {"rows": rows, "mb": sum(path.stat().st_size for path in out.rglob("*.parquet")) / 1e6}


def compare(bench: Bench) -> list[Line]:
    """Compare the bytes."""
    bench.run("write")
    lines = []
    for words, what, aim in ((("sr",), "SR", "<= 0.3"), ((), "all tasks", "<= 0.3")):
        shared, inline = (bench.run("build", pictures, *words).found for pictures in ("shared", "inline"))
        check(shared["rows"] == inline["rows"], f"{shared['rows']} and {inline['rows']} rows")
        name = f"shared; inline: {what}, {inline['rows']:,} rows"
        lines.append(Line(name, "MB", shared["mb"], inline["mb"], shared["mb"] / inline["mb"], aim))
    return lines


if __name__ == "__main__":
    main("pictures shared between rows", {"write": write, "build": build}, compare)
