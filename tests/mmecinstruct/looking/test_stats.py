"""`stats`: the paper's tables A1 and A2 and its figure A1."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from mmecinstruct.builder.folder import Folder
from mmecinstruct.looking import length_figure, print_statistics, statistics


@pytest.fixture
def counted(small_build: Folder) -> dict[str, Any]:
    return statistics(small_build)


def line(stats: dict[str, Any], config: str, split: str) -> dict[str, Any]:
    (found,) = [one for one in stats["splits"] if (one["config"], one["split"]) == (config, split)]
    return dict(found)


def test_statistics_can_be_written_as_json(counted: dict[str, Any]) -> None:
    assert json.loads(json.dumps(counted)) == counted


def test_rows_and_pictures_are_counted_by_split(counted: dict[str, Any], small_build: Folder) -> None:
    found = line(counted, "sr_ind", "train")
    assert (found["rows"], found["pictures"], found["distinct_pictures"]) == (2, 14, 8)
    assert found["bytes"] == small_build.files("sr_ind", "train")[0].stat().st_size
    assert counted["total"] == {"rows": 24, "pictures": 52, "distinct_pictures": 8}


def test_answers_are_counted(counted: dict[str, Any]) -> None:
    assert line(counted, "psi_ind", "test")["answers"] == {"no": 2}


def test_a_sample_counts_once_for_the_category_of_its_first_item(counted: dict[str, Any]) -> None:
    # Five tasks alternate between two categories; the four SR rows are all of the first.
    assert counted["categories"] == [
        {"category": "Tools and Home Improvement", "samples": 14, "percent": 58.33},
        {"category": "Sports and Outdoors", "samples": 10, "percent": 41.67},
    ]


def test_categories_below_one_percent_are_others(make_build: Callable[..., Folder]) -> None:
    few, many = (statistics(make_build(n, name=str(n)))["categories"] for n in (21, 11))
    assert [one["category"] for one in few] == ["Tools and Home Improvement", "Sports and Outdoors", "Others"]
    assert few[-1]["samples"] == 2
    assert sum(one["samples"] for one in few) == 21 * 2 * 6
    assert "Others" not in [one["category"] for one in many]


def test_lengths_are_words_of_the_input(counted: dict[str, Any]) -> None:
    found = counted["lengths"]["sentiment_analysis"]
    assert (found["mean"], found["median"], found["p95"], found["max"], found["rows"]) == (13, 13, 13, 13, 4)


def test_only_the_longest_hundredth_of_sa_and_sr_is_left_out(make_build: Callable[..., Folder]) -> None:
    lengths = statistics(make_build(40))["lengths"]
    for name, one in lengths.items():
        assert sum(one["histogram"]["counts"]) == one["rows"] - one["left_out"]
        assert one["left_out"] <= 0.01 * one["rows"]
        assert name in ("sentiment_analysis", "sequential_recommendation") or one["left_out"] == 0


def test_purchases_count_the_one_that_is_asked_for(counted: dict[str, Any]) -> None:
    assert counted["purchases"]["interactions_per_user"] == {"train": 4, "test": 4}
    assert counted["purchases"]["words_per_product"] > 4


def test_items_and_options_of_a_row_are_counted(counted: dict[str, Any]) -> None:
    assert counted["shape"]["sequential_recommendation"] == {
        "options": {"mean": 4, "min": 4, "max": 4},
        "items": {"mean": 7, "min": 7, "max": 7},
    }


def test_table_a1_names_the_sources_of_this_build_only(counted: dict[str, Any]) -> None:
    assert [(one["name"], one["licence"]) for one in counted["licences"]] == [
        ("AmazonQA", "Not Specified"),
        ("MAVE", "CC-BY-4.0"),
    ]


def test_the_tables_are_printed_with_their_numbers_in_the_paper(counted: dict[str, Any]) -> None:
    file = io.StringIO()
    print_statistics(Console(file=file, width=120), counted)
    for part in ("Table A1", "Table A2", "Figure A1", "58.33", "E 100.0%", "the paper: 10.7"):
        assert part in file.getvalue()


def test_figure_a1_is_drawn_as_a_picture(counted: dict[str, Any], tmp_path: Path) -> None:
    with Image.open(length_figure(counted, tmp_path / "lengths.png")) as image:
        assert image.format == "PNG"
        assert image.width == 2000
