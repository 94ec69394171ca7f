"""SA: pictured reviews of more than ten words, and a letter for each number of stars."""

import json
from collections import Counter
from typing import Any

import pytest

TEN = "one two three four five six seven eight nine ten"
ADDRESS = "https://m.media-amazon.com/images/I/{}._SL1600_.jpg"


def pictures(*names: str) -> list[dict[str, str]]:
    return [{"small_image_url": "", "large_image_url": ADDRESS.format(name)} for name in names]


@pytest.fixture(scope="module")
def made(make: Any, world: Any) -> Any:
    def review(i: int, text: str | None = TEN + " eleven", **more: Any) -> dict[str, Any]:
        row: dict[str, Any] = world.review(f"USER{i}", "B000000001", i, text=text, images=pictures(f"41pic{i:03d}L"))
        return row | more

    reviews = [review(i, TEN + f" stars{i}", rating=float(i)) for i in (1, 2, 3, 4, 5)]
    reviews += [
        review(10, TEN),
        review(11, TEN + "<br /><br />"),
        review(12, TEN + " <br /> breaks"),
        review(13, f"  {TEN}   "),
        review(20, rating=0.0),
        review(21, rating=4.5),
        review(22, rating=None),
        review(23, text="", rating=None),
        review(24, images=[], rating=5.0),
        review(25, text=None),
        review(30, TEN + " second", images=pictures("gone1", "41second1L")),
        review(31, TEN + " none", images=pictures("gone2", "gone3")),
        review(32, TEN + " &#34;quoted&#34; <b>bold</b>"),
    ]
    many = [review(100 + i, TEN + f" many{i}") for i in range(200)]
    sports = [
        world.review(f"S{i}", "B000000002", i, text=f"{TEN} sport{i}", images=pictures("41sportL")) for i in range(100)
    ]
    return make(
        {
            "amazon_reviews_2023/Tools_and_Home_Improvement.jsonl": [*reviews, *many],
            "amazon_reviews_2023/Sports_and_Outdoors.jsonl": sports,
        },
        "sa",
    )


def texts(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {json.loads(row["input"])["review"].partition("ten ")[2]: row["output"] for row in rows}


def test_stars_are_letters(made: Any) -> None:
    found = texts(made.of("sa_ind"))
    assert [found[f"stars{i}"] for i in (5, 4, 3, 2, 1)] == ["A", "B", "C", "D", "E"]


def test_ten_words_are_too_few_and_eleven_are_enough(made: Any) -> None:
    assert made.dropped["sa_ind"]["few_words"] == 3
    assert "breaks" in texts(made.of("sa_ind"))


def test_a_review_is_left_out_for_the_first_reason_that_holds(made: Any) -> None:
    dropped = made.dropped["sa_ind"]
    assert dropped["no_text"] == 2
    assert dropped["odd_rating"] == 3
    assert dropped["no_review_picture"] == 1
    assert dropped["picture_missing"] == 1


def test_the_first_picture_that_can_be_had_is_shown(made: Any) -> None:
    assert "second" in texts(made.of("sa_ind"))


def test_the_item_is_the_reviewers_picture_and_has_no_title(made: Any) -> None:
    item = made.of("sa_ind")[0]["items"][0]
    assert (item["role"], item["product_id"], item["title"]) == ("review", "B000000001", "")
    assert item["category"] == "Tools and Home Improvement"


def test_markup_is_no_text(made: Any) -> None:
    assert '"quoted" bold' in texts(made.of("sa_ind"))


def test_the_reviews_are_split_eight_to_one_to_one(made: Any) -> None:
    n = Counter(row["split"] for row in made.of("sa_ind"))
    assert n["train"] == pytest.approx(0.8 * n.total(), abs=15)
    assert n["validation"] + n["test"] == pytest.approx(0.2 * n.total(), abs=15)


def test_out_of_domain_is_the_last_tenth_of_the_other_category(made: Any) -> None:
    rows = made.of("sa_ood")
    assert {row["split"] for row in rows} == {"test"}
    assert 2 <= len(rows) <= 20
    assert all(text.startswith("sport") for text in texts(rows))


def test_the_reviews_of_2018_are_read_too(make: Any) -> None:
    def review(i: int, **more: Any) -> dict[str, Any]:
        row = {"reviewerID": f"A{i}", "asin": "B000000001", "overall": 2.0, "reviewText": f"{TEN} old{i}"}
        return row | {"unixReviewTime": 1_500_000_000 + i, "image": [ADDRESS.format("41oldL")]} | more

    rows = [*(review(i) for i in range(30)), review(40, image=None), review(41, image=[])]
    made = make(
        {f"amazon_reviews_2018/{c}_5.json.gz": rows for c in ("A", "B")},
        "sa",
        corpus="amazon_reviews_2018",
        ind=["A"],
        ood=["B"],
    )
    assert len(made.of("sa_ind")) == 30
    assert set(texts(made.rows).values()) == {"D"}
    assert made.dropped["sa_ind"]["no_review_picture"] == 2
