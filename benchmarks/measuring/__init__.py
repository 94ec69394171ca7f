"""Measuring: run each side in a process of its own, compare the sides, print and keep the figures.

A benchmark is a script whose sides are words of its command line: `python benchmarks/x.py` runs them all, each by
`python benchmarks/x.py SIDE FOLDER`. So what one side leaves in memory is not counted as another's.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parents[2] / "build" / "benchmarks"
LIBRARIES = ("datasets", "duckdb", "numpy", "pandas", "pillow", "pyarrow")
Side = Callable[..., dict[str, Any]]  # (folder, *words of the command line) -> what it found


@dataclass(frozen=True, slots=True)
class Run:
    """One side, measured: its process from start to end, imports included, and what it found."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A comparison: ours, the other side, their ratio, and the ratio that is aimed at, such as `>= 8`."""

    what: str
    unit: str
    ours: float
    other: float
    ratio: float
    aim: str = ""

    @property
    def met(self) -> str:
        """Whether the aim is met; nothing where there is none."""
        sign, _, number = self.aim.partition(" ")
        if not sign:
            return ""
        return "yes" if (self.ratio >= float(number) if sign == ">=" else self.ratio <= float(number)) else "no"


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark under way, in a folder that is thrown away."""

    script: Path
    folder: Path

    def run(self, side: str, *words: str) -> Run:
        """Run one side in a process of its own, with caches of its own."""
        environment = os.environ | {
            "MMECINSTRUCT_CACHE": str(self.folder / "cache" / "-".join((side, *words))),
            "HF_HOME": str(self.folder / "hf"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        }
        command = [sys.executable, str(self.script), side, str(self.folder), *words]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, json.loads(output))

    def rounds(self, n: int, *sides: str) -> dict[str, list[Run]]:
        """Run these sides in turn, `n` times: what else the machine does meets all of them."""
        found: dict[str, list[Run]] = {side: [] for side in sides}
        for _ in range(n):
            for side in sides:
                found[side].append(self.run(side))
        return found


def best(runs: Sequence[Run]) -> Run:
    """The fastest of a side's runs: the one that the rest of the machine disturbed least."""
    return min(runs, key=lambda run: run.found.get("seconds", run.seconds))


def main(title: str, sides: Mapping[str, Side], compare: Callable[[Bench], list[Line]]) -> None:
    """Run a whole benchmark, or the one side that the command line names."""
    script = Path(sys.argv[0])
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("side", nargs="?", choices=[*sides], help="one side alone; by default all, compared")
    parser.add_argument("folder", nargs="?", type=Path, help="where that side finds and leaves files")
    parser.add_argument("words", nargs="*", help="what else that side is told")
    parser.add_argument("--json", type=Path, default=FIGURES / f"{script.stem}.json", help="where the figures go")
    given = parser.parse_args()
    if given.side:
        print(json.dumps(sides[given.side](given.folder, *given.words)))
        return
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mmecinstruct-bench-") as folder:
        lines = compare(Bench(script, Path(folder)))
    print_table(title, lines)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "title": title,
        "seconds": time.perf_counter() - start,
        "machine": machine(),
        "lines": [asdict(line) | {"met": line.met} for line in lines],
    }
    given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the figures hold for; `load` says how many processes wanted a core in the minutes before."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[1], 1),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
    }


def print_table(title: str, lines: Sequence[Line]) -> None:
    """Print both sides and the ratio of every comparison."""
    print(title)
    for line in lines:
        aim = f"  aim {line.aim}: {'met' if line.met == 'yes' else 'MISSED'}" if line.aim else ""
        both = f"{line.ours:,.1f} {line.unit} to {line.other:,.1f} {line.unit}"
        print(f"  {line.what}\n    {both}, ratio {line.ratio:.2f}{aim}")
    sys.stdout.flush()


def check(same: bool, what: str) -> None:
    """Stop a benchmark whose sides did not do the same work."""
    if not same:
        raise SystemExit(f"the sides do not agree: {what}")
