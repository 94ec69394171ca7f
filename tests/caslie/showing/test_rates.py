"""Use rates: what is counted, and what the paper has beside it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from io import StringIO
from statistics import fmean

import pytest
from rich.console import Console

from caslie.showing import print_use_rates, use_rates
from caslie.showing.printed import printed
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import OutputError
from tests.caslie.showing.votes import alike, mixed

Make = Callable[..., Folder]


def test_a_split_is_counted_by_items(make: Make) -> None:
    rates = {(one.config, one.split): one for one in use_rates(make(mixed, n=3))}
    one = rates["prp_ind", "test"]
    assert (one.items, one.captioned, one.kept, one.rate) == (6, 6, 3, 0.5)
    assert (one.votes, one.abstained, one.compared, one.disputed) == (18, 3, 6, 3)
    assert rates["sr_ind", "train"].captioned == 6 and rates["sr_ind", "train"].items == 30


def test_the_interval_is_wilsons(make: Make) -> None:
    (one,) = (rate for rate in use_rates(make(mixed, n=5)) if (rate.config, rate.split) == ("prp_ind", "test"))
    assert (one.kept, one.captioned) == (5, 10)
    assert (round(one.low, 4), round(one.high, 4)) == (0.2366, 0.7634)


def test_the_paper_is_beside_the_test_splits_alone(make: Make) -> None:
    beside = {(one.config, one.split): one.printed for one in use_rates(make())}
    assert beside["ap_ind", "test"] == 0.621
    assert beside["sr_ind", "test"] == 0.303
    assert {beside[place] for place in beside if place[1] == "train"} == {None}


def test_the_papers_columns_do_not_average_to_what_it_prints() -> None:
    assert len(printed("caption_used")) == 12
    assert round(fmean(printed("caption_used").values()), 3) == 0.558  # it prints 45.0 %


def test_no_caption_at_all_is_no_rate(make: Make) -> None:
    rates = use_rates(make(lambda sample: alike(sample, None, (), False)))
    assert {(one.rate, one.low, one.high) for one in rates} == {(None, 0.0, 1.0)}


def test_records_are_json_and_the_table_says_the_same(make: Make) -> None:
    rates, told = use_rates(make(mixed)), StringIO()
    assert json.loads(json.dumps([asdict(one) for one in rates]))[0]["config"] == "ap_ind"
    print_use_rates(Console(file=told, width=130), rates)
    (line,) = (line for line in told.getvalue().splitlines() if "prp_ind" in line and "test" in line)
    assert line.replace("│", "").split() == [
        *("prp_ind", "test", "4", "4", "2", "50.0%", "15-85", "50.5%", "50.0%", "16.7%")
    ]


def test_a_build_without_captions_is_refused(make: Make) -> None:
    folder = make()
    del folder.manifest["captions"]
    with pytest.raises(OutputError, match="has no captions; `caslie caption` and `caslie judge` make them"):
        use_rates(folder)


def test_a_manifest_that_does_not_know_its_captioner_is_refused(make: Make) -> None:
    folder = make()
    del folder.manifest["captions"]["captioner"]
    with pytest.raises(OutputError, match="its captions lack captioner"):
        use_rates(folder)


def test_columns_that_do_not_fit_each_other_are_refused(make: Make) -> None:
    folder = make(lambda sample: mixed(sample).__class__(("One.",), (), ()))
    with pytest.raises(OutputError, match=r"ap_ind-train-.*not one for each item"):
        use_rates(folder)
