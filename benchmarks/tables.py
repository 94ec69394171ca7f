"""The figures of the last runs as tables: printed, or put into BENCHMARKS.md between its two marks.

python benchmarks/tables.py [--write]
"""

import argparse
import json
from pathlib import Path
from typing import Any

from measuring import FIGURES

PAGE = Path(__file__).parent.parent / "BENCHMARKS.md"
MARKS = ("<!-- figures -->\n", "<!-- end of figures -->\n")
ORDER = (
    *("relational", "pictures", "memory", "shared", "near", "publishing"),
    *("stages", "pocket", "tuning", "ladder", "evaluating"),
)


def table(figures: dict[str, Any]) -> str:
    """One benchmark as a table, under its title."""
    of = figures["machine"]
    lines = [
        f"### {figures['title']}",
        "",
        "| what | ours | other | unit | ratio | aim | met |",
        "|---|---:|---:|---|---:|---|---|",
        *(
            f"| {one['what']} | {one['ours']:,.1f} | {one['other']:,.1f} | {one['unit']} | {one['ratio']:.2f}"
            f" | {one['aim']} | {one['met']} |"
            for one in figures["lines"]
        ),
        "",
        f"{of['date']}, {of['cores']} cores, {of['memory_gb']} GB, {of['system']}, load average {of['load']}, "
        f"{figures['seconds']:.0f} s; {', '.join(f'{name} {number}' for name, number in of['versions'].items())}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description="tables of the figures")
    parser.add_argument("--write", action="store_true", help=f"put them into {PAGE.name}")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="where the benchmarks left their JSON")
    given = parser.parse_args()
    paths = [path for name in ORDER if (path := given.figures / f"{name}.json").is_file()]
    tables = "\n".join(table(json.loads(path.read_text(encoding="utf-8"))) for path in paths)
    if not given.write:
        print(tables)
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
    PAGE.write_text(f"{before}{MARKS[0]}\n{tables}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
