"""The report as JSON: all its numbers, and none of its pictures."""

import json
from dataclasses import replace
from math import inf, nan

from caslie.report.content import content
from caslie.report.schema import Report
from tests.caslie.report.reports import HOSTILE, OURS, bare


def text_of(report: Report) -> str:
    return json.dumps(content(report), ensure_ascii=False, allow_nan=False)


def test_all_parts_are_there_as_plain_data(report: Report) -> None:
    found = json.loads(text_of(report))
    assert list(found) == list(Report.__slots__)
    assert [one["name"] for one in found["systems"]] == list(OURS)
    assert found["tables"][0]["lines"][-1]["cells"][1] == {
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
        "best": True,
        "doubt": "",
    }
    assert found["about"]["n_rows"] == {"ap_ood": 4, "sr_ind": 1200}
    assert found["cases"][0]["answers"][2] == {
        "system": "small",
        "label": "B",
        "raw": "The answer is B",
        "right": True,
    }


def test_drawings_and_pictures_are_left_out(report: Report) -> None:
    text = text_of(report)
    assert json.loads(text)["drawings"]["bars"] == {"alt": HOSTILE}
    assert "<svg" not in text and '"picture"' not in text


def test_what_is_no_number_is_null(report: Report) -> None:
    odd = replace(report, against=(replace(report.against[0], p=nan, low=-inf),))
    found = json.loads(text_of(odd))["against"][0]
    assert found["p"] is None and found["low"] is None


def test_it_can_be_written_though_an_answer_ends_amid_a_sign(report: Report) -> None:
    assert "half of a sign ?" in text_of(report)
    text_of(report).encode()


def test_the_least_is_data_too() -> None:
    assert json.loads(text_of(bare()))["cases"] == []
