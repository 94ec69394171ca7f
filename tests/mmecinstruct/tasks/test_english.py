"""What counts as English: the two errors of the detector, on queries that are listed here."""

import pytest

from mmecinstruct.tasks.clean import clean, is_english

FOREIGN = (
    *("regalos para mama", "vestidos de fiesta", "cortinas para sala", "audifonos bluetooth", "chaussures femme"),
    *("tasse à café", "zapatos de mujer", "sillas de oficina", "juguetes para niños", "schuhe herren"),
    *("taza roja grande", "camisas para hombre", "cuchillos de cocina", "juego de sabanas", "bolsa"),
    *("cargador para celular samsung", "regalos para hombres", "tazas rojas con rayas", "cafetera italiana"),
    "rucksack für kinder",
)
PASS = {"cortinas para sala", "audifonos bluetooth", "taza roja grande", "bolsa", "cargador para celular samsung"}


def test_of_20_short_foreign_queries_five_pass() -> None:
    assert {query for query in FOREIGN if is_english(query)} == PASS


@pytest.mark.parametrize(
    "query", ["iphone", "usb c cable", "mama koala", "potato peeler", "kimono dress", "10 x 12", ""]
)
def test_short_english_queries_pass(query: str) -> None:
    assert is_english(query)


def test_only_what_html_knows_is_markup() -> None:
    assert clean("size <Large>, <b>bold</b><br/>5 < 6 &amp;#34;x&amp;#34;") == 'size <Large>, bold 5 < 6 "x"'
