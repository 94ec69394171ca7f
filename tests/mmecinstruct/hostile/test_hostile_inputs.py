"""The table of hostile inputs: none ends a build, each is a counted reason, no good row is lost."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mmecinstruct.builder import Request, build
from mmecinstruct.config import Recipe
from mmecinstruct.images import FetchRules
from tests.mmecinstruct.hostile import cases_fields, cases_files, cases_lines, cases_pictures, cases_texts
from tests.mmecinstruct.hostile.case import Case
from tests.mmecinstruct.hostile.world import OPTIONS, write_world
from tests.mmecinstruct.images.conftest import StandIn

CASES: list[Case] = [
    *cases_lines.CASES,
    *cases_files.CASES,
    *cases_fields.CASES,
    *cases_texts.CASES,
    *cases_pictures.CASES,
]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build gave in domain: rows by id, and everything that was counted."""

    rows: dict[str, dict[str, Any]]
    counts: Counter[str]


def built(world: str, folder: Path, out: Path, fetch: FetchRules) -> Built:
    task = world[:3].rstrip("_")
    manifest = build(Recipe("hostile", fetch=fetch, tasks={task: OPTIONS.get(world, {})}), Request(folder, out))
    paths = sorted(out.glob(f"data/{task}_ind/*.parquet"))
    # Where a row was read changes with the file that is read.
    rows = [row for path in paths for row in pq.read_table(path).drop_columns("lineage").to_pylist()]
    reasons = [*manifest["skipped"].values(), *manifest["dropped"][f"{task}_ind"].values()]
    return Built({row["id"]: row for row in rows}, sum(map(Counter, reasons), Counter()))


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """Build a world into which nothing is planted, once."""
    known: dict[str, Built] = {}

    def of(world: str) -> Built:
        if world not in known:
            folder = tmp_path_factory.mktemp("clean")
            write_world(world, folder / "corpora")
            known[world] = built(world, folder / "corpora", folder / "out", FetchRules())
        return known[world]

    return of


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.close()


def rules(case: Case, server: StandIn) -> FetchRules:
    if not (case.served or case.fetch):
        return FetchRules()
    for path, reply in case.served.items():
        server.does(path, reply)
    quick: dict[str, Any] = {"enabled": True, "per_second": 10_000, "timeout_s": 5, "retries": 0}
    return FetchRules(**quick | {"origins": {host: server.origin for host in FetchRules().hosts}} | dict(case.fetch))


def test_the_table_has_at_least_150_hostile_inputs() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert len(names) >= 150


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_input_is_a_counted_reason_and_costs_no_good_row(
    case: Case, clean: Callable[[str], Built], stand_in: StandIn, tmp_path: Path
) -> None:
    good = clean(case.world)
    write_world(case.world, tmp_path / "corpora")
    case.plant(tmp_path / "corpora")
    found = built(case.world, tmp_path / "corpora", tmp_path / "out", rules(case, stand_in))
    shutil.rmtree(tmp_path)
    assert good.rows.keys() <= found.rows.keys()
    assert not case.same or good.rows == {id: found.rows[id] for id in good.rows}
    more = [row for id, row in found.rows.items() if id not in good.rows]
    counted = found.counts - good.counts
    assert not good.counts - found.counts
    if case.planted:
        assert counted.total() + len(more) == case.planted
    elif case.planted == 0:
        assert (dict(counted), len(more)) == (dict(case.reasons), case.more)
    assert not case.shows or any(case.shows in row["input"] for row in more)
