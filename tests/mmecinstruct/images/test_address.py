"""Addresses: what they say, and what is asked."""

import pytest

from mmecinstruct.images import image_id, request_address

AMAZON = "https://m.media-amazon.com/images/I/"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (AMAZON + "41fby%2BUjOJL._SX425_.jpg", "41fby+UjOJL"),
        (AMAZON + "41fby+UjOJL.jpg", "41fby+UjOJL"),
        (AMAZON + "71-k3Wd_x0L._AC_SL1500_.jpg", "71-k3Wd_x0L"),
        (AMAZON + "41fbyUjOJL._SR38,50_.png?x=1#y", "41fbyUjOJL"),
        ("http://ecx.images-amazon.com/images/I/41fbyUjOJL._SX300_.jpg", "41fbyUjOJL"),
        ("https://m.media-amazon.com/images/W/WEBP_402378-T1/images/I/41fbyUjOJL.jpg", "41fbyUjOJL"),
        (AMAZON + "..%2F..%2Fetc%2Fpasswd.jpg", ""),
        (AMAZON + "../../etc/passwd", ""),
        (AMAZON + "a%00b.jpg", ""),
        (AMAZON + "x" * 10_000 + ".jpg", ""),
        (AMAZON, ""),
        ("https://m.media-amazon.com/images/G/01/x.jpg", ""),
        ("https://example.org/?q=/images/I/41fbyUjOJL.jpg", ""),
        ("", ""),
    ],
)
def test_image_id_is_what_follows_the_folder_up_to_the_first_dot(address: str, name: str) -> None:
    assert image_id(address) == name


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        (AMAZON + "41fby%2BUjOJL._SX425_.jpg", AMAZON + "41fby%2BUjOJL._SL500_.jpg"),
        (AMAZON + "41fby+UjOJL._AC_US40_.png", AMAZON + "41fby%2BUjOJL._SL500_.jpg"),
        (AMAZON + "51abc.jpg?v=2", AMAZON + "51abc._SL500_.jpg"),
        (AMAZON + "a%2Fb.jpg", AMAZON + "a%2Fb.jpg"),
        ("https://example.org/cat.jpg", "https://example.org/cat.jpg"),
    ],
)
def test_request_asks_amazon_for_the_medium_size_and_leaves_others_alone(address: str, asked: str) -> None:
    assert request_address(address) == asked
